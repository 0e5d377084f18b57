//! No public type shows a secret.
#![cfg(feature = "sigv4")]

use std::fmt::Debug;
use std::time::SystemTime;

use bedrock_stream_http::{
    Auth, BearerToken, ChunkStream, Client, Config, Credentials, MessageStream, Operation, ProvideCredentials,
};
use bytes::Bytes;
use http_body_util::Full;

#[tokio::test]
async fn debug_shows_no_secret() {
    let credentials = Credentials::new("AKIDEXAMPLE", "hunter2").with_session_token("session3");
    let mut shown = Vec::new();
    let mut show = |value: &dyn Debug| shown.push(format!("{value:?} {value:#?}"));
    show(&credentials);
    show(&credentials.credentials().await);
    show(&BearerToken::new("hunter2"));
    for auth in [Auth::sigv4(credentials), Auth::bearer("hunter2")] {
        show(&auth);
        let builder = Config::builder().region("us-east-1").endpoint_url("http://127.0.0.1:9").auth(auth);
        show(&builder);
        let config = builder.build().unwrap();
        show(&config);
        show(&config.request(Operation::Converse, "m", "{}".into(), SystemTime::UNIX_EPOCH).await.unwrap());
        let with_reqwest = bedrock_stream_reqwest::Client::new(config.clone()).unwrap();
        show(&with_reqwest);
        let with_hyper = bedrock_stream_hyper::Client::new(config.clone()).unwrap();
        show(&with_hyper);
        show(&with_hyper.messages(Operation::ConverseStream, "..", "{}").await.unwrap_err());
        show(&Client::new(config.clone(), bedrock_stream_hyper::Transport::new(&config).unwrap()));
    }
    let response = || http::Response::new(Full::new(Bytes::from_static(b"hunter2")));
    show(&ChunkStream::new(response()));
    show(&MessageStream::new(response()));
    for shown in &shown {
        assert!(!shown.contains("hunter2") && !shown.contains("session3"), "{shown}");
    }
    assert!(shown[0].contains("AKIDEXAMPLE"), "the id is no secret: {}", shown[0]);
}
