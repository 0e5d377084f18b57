//! Interim responses (`100 Continue` and `103 Early Hints`) before the final one.

use bedrock_stream_http::{Config, Retry};
use bytes::Bytes;
use http::Response;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::authority::{acceptor, authority};
use crate::events::{answer, ask};
use crate::subject::Subject;

matrix! {
    interim_responses_are_ignored
}

const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

async fn interim_responses_are_ignored(subject: Subject) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{}://{}", subject.wire.scheme(), listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        match (subject.wire.is_tls(), subject.wire.is_http2()) {
            (false, false) => http1(stream).await,
            (false, true) => http2(stream).await,
            (true, _) => {
                let stream = acceptor(&[subject.wire.alpn()]).accept(stream).await.unwrap();
                if subject.wire.is_http2() { http2(stream).await } else { http1(stream).await }
            }
        }
    });
    let config = Config::builder().endpoint_url(url).bearer("my-api-key").retry(Retry::none());
    let client = subject.client(config, Some(&authority().der));
    let chunks = ask(&client).await.unwrap();
    assert_eq!(chunks.request_id(), Some("r-1"));
    assert_eq!(chunks.collect().await.unwrap().text(), "Hello, world");
    drop(client);
    server.await.unwrap();
}

async fn http1(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        assert!(stream.read_buf(&mut request).await.unwrap() > 0, "the request was cut");
    }
    for interim in ["100 Continue\r\n", "103 Early Hints\r\nlink: </a.css>\r\n"] {
        stream.write_all(format!("HTTP/1.1 {interim}\r\n").as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
    }
    let body = answer().concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {EVENT_STREAM}\r\nx-amzn-requestid: r-1\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
    stream.flush().await.unwrap();
    // The client has received everything before the connection closes.
    let _ = stream.read(&mut [0]).await;
}

async fn http2(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    let mut asked = false;
    while let Some(request) = connection.accept().await {
        let Ok((request, mut respond)) = request else { break };
        assert!(!core::mem::replace(&mut asked, true), "the request was sent twice");
        tokio::spawn(async move {
            let mut body = request.into_body();
            while let Some(data) = body.data().await {
                body.flow_control().release_capacity(data.unwrap().len()).unwrap();
            }
            for status in [100, 103] {
                let interim = Response::builder().status(status).body(()).unwrap();
                respond.send_informational(interim).unwrap();
            }
            let response = Response::builder().header("content-type", EVENT_STREAM);
            let response = response.header("x-amzn-requestid", "r-1").body(()).unwrap();
            let mut body = respond.send_response(response, false).unwrap();
            body.send_data(Bytes::from(answer().concat()), true).unwrap();
        });
    }
    assert!(asked, "nobody asked");
}
