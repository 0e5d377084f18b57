//! Signed and bearer requests against a server that checks them.

use bedrock_stream_http::Config;
#[cfg(feature = "sigv4")]
use bedrock_stream_http::Credentials;
#[cfg(feature = "sigv4")]
use bedrock_stream_http::answer::Chunk;
#[cfg(feature = "sigv4")]
use bedrock_stream_http::converse::Request;
#[cfg(feature = "sigv4")]
use bedrock_stream_testkit as testkit;
use bedrock_stream_testkit::FakeBedrock;

use crate::events::ask;
use crate::subject::Subject;

matrix! {
    #[cfg(feature = "sigv4")]
    a_signed_request_is_answered
    #[cfg(feature = "sigv4")]
    any_model_id_is_signed_as_it_is_received
    #[cfg(feature = "sigv4")]
    a_wrong_secret_is_refused
    a_bearer_token_is_accepted_or_refused
}

#[cfg(feature = "sigv4")]
const ID: &str = "AKIDEXAMPLE";
#[cfg(feature = "sigv4")]
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
#[cfg(feature = "sigv4")]
const TOKEN: &str = "IQoJb3JpZ2luX2Vj//EXAMPLE==";
#[cfg(feature = "sigv4")]
const MODEL: &str =
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-v1:0";

#[cfg(feature = "sigv4")]
async fn a_signed_request_is_answered(subject: Subject) {
    for token in [None, Some(TOKEN)] {
        let mut known = testkit::Credentials::new(ID, SECRET);
        let mut own = Credentials::new(ID, SECRET);
        if let Some(token) = token {
            known = known.session_token(token);
            own = own.with_session_token(token);
        }
        let bedrock = FakeBedrock::builder().credentials(known).region("us-east-1");
        let config = Config::builder().region("us-east-1").credentials(own);
        let (bedrock, client) = subject.bedrock(bedrock, config).await;
        let request = Request::new().user("What is a frame?");
        let mut chunks = client.converse_stream(MODEL, &request).await.unwrap();
        assert!(chunks.request_id().is_some());
        let items = crate::events::read(&mut chunks).await;
        assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
        assert!(crate::events::text_of(&items).len() > 20, "{items:?}");
        assert_eq!(bedrock.requests()[0].model_id.as_deref(), Some(MODEL));
        client.converse(MODEL, &request).await.unwrap();
    }
}

#[cfg(feature = "sigv4")]
async fn any_model_id_is_signed_as_it_is_received(subject: Subject) {
    let golden: serde_json::Value = serde_json::from_str(include_str!("../golden/sigv4.json")).unwrap();
    let known = testkit::Credentials::new(ID, SECRET).session_token(TOKEN);
    let own = Credentials::new(ID, SECRET).with_session_token(TOKEN);
    let config = Config::builder().region("us-east-1").credentials(own);
    let (bedrock, client) = subject.bedrock(FakeBedrock::builder().credentials(known), config).await;
    let mut ids: Vec<_> =
        golden["cases"].as_array().unwrap().iter().map(|case| case["model_id"].as_str()).collect();
    ids.extend(["a//b", "../a", "./a/..", "a/", "%2e%2E", "~", "a+b", "模型"].map(Some));
    for id in &ids {
        let id = id.unwrap();
        let request = Request::new().user("Hello");
        let answer = client.converse_stream(id, &request).await;
        // Some are not valid model ids, but the signature is checked first.
        if let Err(error) = answer {
            assert_eq!(error.as_service_error().expect("a refusal").status, 400, "{id}: {error}");
        }
        assert_eq!(bedrock.requests().last().unwrap().model_id.as_deref(), Some(id));
    }
    assert_eq!(bedrock.requests().len(), ids.len());
}

#[cfg(feature = "sigv4")]
async fn a_wrong_secret_is_refused(subject: Subject) {
    let known = testkit::Credentials::new(ID, SECRET).session_token(TOKEN);
    let own = Credentials::new(ID, "wrong/secret").with_session_token(TOKEN);
    let config = Config::builder().region("us-east-1").credentials(own);
    let (_bedrock, client) = subject.bedrock(FakeBedrock::builder().credentials(known), config).await;
    let error = ask(&client).await.unwrap_err();
    let refusal = error.as_service_error().expect("a refusal");
    assert_eq!(refusal.status, 403);
    assert_eq!(refusal.code.as_deref(), Some("InvalidSignatureException"));
    assert!(error.request_id().is_some() && !refusal.message.is_empty());
    assert!(!error.is_retryable());
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("wrong/secret") && !shown.contains(TOKEN), "{shown}");
}

async fn a_bearer_token_is_accepted_or_refused(subject: Subject) {
    for (token, accepted) in [("api-key-1", true), ("api-key-2", false)] {
        let bedrock = FakeBedrock::builder().bearer_token("api-key-1");
        let (bedrock, client) = subject.bedrock(bedrock, Config::builder().bearer(token)).await;
        match ask(&client).await {
            Ok(chunks) => {
                assert!(accepted);
                chunks.collect().await.unwrap();
            }
            Err(error) => {
                assert!(!accepted, "{error}");
                assert_eq!(error.as_service_error().unwrap().status, 403);
                assert!(!format!("{error} {error:?} {:?}", bedrock.requests()).contains(token));
            }
        }
    }
}
