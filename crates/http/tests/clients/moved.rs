//! Requests that an HTTP/2 server says it has not processed, and those of which it does not say so.

use bedrock_stream_http::{Config, Retry};
use bytes::Bytes;
use http::Response;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::events::{answer, ask};
use crate::subject::{Kind, Subject, Wire};

/// The types of frames (RFC 9113, section 6).
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
/// Error codes (RFC 9113, section 7).
const NO_ERROR: u8 = 0;
const INTERNAL_ERROR: u8 = 2;
const REFUSED_STREAM: u8 = 7;

/// After so many requests the server closes its connections instead, so that no client asks without end.
const MAX_REQUESTS: usize = 100;

/// The text of an answer, or the error, and how often it was asked for, where so many of the server's first connections answer each
/// request with a frame of this type and error code.
async fn text_after(kind: Kind, frame: u8, code: u8, connections: usize) -> (Result<String, String>, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, mut requests) = mpsc::channel(MAX_REQUESTS);
    let server = tokio::spawn(async move {
        let mut accepted = 0;
        while let Ok((stream, _)) = listener.accept().await {
            accepted += 1;
            if accepted <= connections {
                tokio::spawn(not_processed(stream, frame, code, asked.clone()));
            } else {
                tokio::spawn(answered(stream, asked.clone()));
            }
        }
    });
    // No retry is asked for: a request that was not processed is sent elsewhere, and is still the same attempt.
    let config = Config::builder().endpoint_url(url).bearer("my-api-key").retry(Retry::none());
    let client = Subject { kind, wire: Wire::Http2 }.client(config, None);
    let text = match ask(&client).await {
        Ok(chunks) => chunks.collect().await.map(|answer| answer.text()).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    server.abort();
    let mut count = 0;
    while requests.try_recv().is_ok() {
        count += 1;
    }
    (text, count)
}

/// Reads frames, and sends that one for each head of a request, until the client closes the connection.
async fn not_processed(mut stream: TcpStream, frame: u8, code: u8, asked: mpsc::Sender<()>) {
    stream.read_exact(&mut [0; b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len()]).await.unwrap();
    stream.write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]).await.unwrap();
    let mut head = [0; 9];
    while stream.read_exact(&mut head).await.is_ok() {
        let [l0, l1, l2, kind, _, id @ ..] = head;
        stream.read_exact(&mut vec![0; u32::from_be_bytes([0, l0, l1, l2]) as usize]).await.unwrap();
        if kind != HEADERS {
            continue;
        }
        if asked.try_send(()).is_err() {
            return;
        }
        let sent = match frame {
            RST_STREAM => [&[0, 0, 4, RST_STREAM, 0][..], &id, &[0, 0, 0, code]].concat(),
            // The last stream that was processed is 0: none was.
            _ => [&[0, 0, 8, GOAWAY, 0][..], &[0; 4], &[0; 4], &[0, 0, 0, code]].concat(),
        };
        stream.write_all(&sent).await.unwrap();
    }
}

async fn answered(stream: TcpStream, asked: mpsc::Sender<()>) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((_request, mut respond))) = connection.accept().await {
        asked.try_send(()).unwrap();
        let response = Response::builder().header("content-type", "application/vnd.amazon.eventstream");
        let mut body = respond.send_response(response.body(()).unwrap(), false).unwrap();
        body.send_data(Bytes::from(answer().concat()), true).unwrap();
    }
}

#[tokio::test]
async fn a_request_that_was_not_processed_is_sent_on_another_connection() {
    for kind in [Kind::Reqwest, Kind::Hyper] {
        for (frame, code) in [(RST_STREAM, REFUSED_STREAM), (GOAWAY, NO_ERROR)] {
            let (text, count) = text_after(kind, frame, code, 1).await;
            assert_eq!(text.as_deref(), Ok("Hello, world"), "{kind:?} {frame} {code}");
            // reqwest first asks again on the same connection.
            assert!(
                if kind == Kind::Hyper { count == 2 } else { (2..=4).contains(&count) },
                "{frame} {count}"
            );
        }
    }
}

/// It may have been processed, and answered in part.
#[tokio::test]
async fn a_request_that_may_have_been_processed_is_not_sent_again() {
    for kind in [Kind::Reqwest, Kind::Hyper] {
        for (frame, code) in [(RST_STREAM, INTERNAL_ERROR), (GOAWAY, INTERNAL_ERROR)] {
            let (text, count) = text_after(kind, frame, code, 1).await;
            assert!(text.is_err(), "{kind:?} {frame} {code}: {text:?}");
            assert_eq!(count, 1, "{kind:?} {frame} {code}");
        }
    }
}

/// Each refusal is a reason to ask again, so only their number ends this.
#[tokio::test]
async fn a_request_that_no_connection_processes_is_given_up() {
    for kind in [Kind::Reqwest, Kind::Hyper] {
        for (frame, code) in [(RST_STREAM, REFUSED_STREAM), (GOAWAY, NO_ERROR)] {
            let (text, count) = text_after(kind, frame, code, usize::MAX).await;
            assert!(text.is_err(), "{kind:?} {frame} {code}: {text:?}");
            assert!((2..MAX_REQUESTS).contains(&count), "{kind:?} {frame} {code}: {count}");
        }
    }
}
