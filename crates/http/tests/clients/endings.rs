//! Incomplete streams: cuts, exceptions, resets, damage. None is ever reported as a complete answer.

use std::time::Duration;

use bedrock_stream_http::answer::{Chunk, Error as StreamError};
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, Config, ErrorDetail, ErrorKind, Retry, Timeouts};
use bedrock_stream_testkit::{End, FakeBedrock, Fault};
use tokio::net::TcpListener;

use crate::events::{self, ask, ask_and_read, exception, last_error};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::Subject;

matrix! {
    a_cut_is_never_done
    a_failure_after_the_stop_loses_only_the_usage
    a_reset_before_the_first_byte_is_no_response
    a_reset_after_the_first_byte_is_a_broken_answer
    an_exception_is_the_last_item
    each_common_fault_has_its_own_error
    an_unreachable_endpoint_is_named
}

async fn a_cut_is_never_done(subject: Subject) {
    let stopped = events::answer()[..5].concat();
    let cut = Part::data(stopped[..stopped.len() - 30].to_vec());
    for (parts, clean) in [(vec![cut.clone(), Part::Abort], false), (vec![cut], true)] {
        let server = Server::start(subject, Reply::event_stream(parts)).await;
        let items = ask_and_read(&server.client(server.bearer())).await;
        let error = last_error(&items);
        assert_eq!(error.request_id(), Some("r-1"));
        assert!(error.is_retryable());
        assert_eq!(events::text_of(&items), "Hello, world");
        if clean {
            assert!(matches!(error.as_stream_error(), Some(StreamError::Incomplete(_))), "{error:?}");
        } else {
            assert!(matches!(error.detail(), ErrorDetail::Body { .. }), "{error:?}");
        }
    }
}

/// The answer was complete, and a retry would be billed again.
async fn a_failure_after_the_stop_loses_only_the_usage(subject: Subject) {
    let (stopped, metadata) = (events::answer()[..5].concat(), events::answer()[5].clone());
    let cut = [&stopped[..], &metadata[..30]].concat();
    let mut damaged = [&stopped[..], &metadata[..]].concat();
    damaged[stopped.len() + 40] ^= 1;
    for (parts, kind) in [
        (vec![Part::data(stopped.clone())], None),
        (vec![Part::data(stopped.clone()), Part::Abort], Some(ErrorKind::Transport)),
        (vec![Part::data(stopped), Part::Hang], Some(ErrorKind::Timeout)),
        (vec![Part::data(cut.clone())], Some(ErrorKind::Truncated)),
        (vec![Part::data(cut.clone()), Part::Abort], Some(ErrorKind::Transport)),
        (vec![Part::data(cut), Part::Hang], Some(ErrorKind::Timeout)),
        (vec![Part::data(damaged)], Some(ErrorKind::MessageChecksum)),
    ] {
        let mut server = Server::start(subject, Reply::event_stream(parts)).await;
        let timeouts = Timeouts::default().tail(Duration::from_millis(200));
        let client = server.client(server.bearer().timeouts(timeouts));
        let mut chunks = ask(&client).await.unwrap();
        let mut stopped = false;
        let done = loop {
            match chunks.next().await.unwrap().unwrap() {
                Chunk::Stop { .. } => stopped = true,
                Chunk::Done(done) => break done,
                _ => {}
            }
        };
        assert!(stopped && chunks.next().await.is_none());
        assert_eq!(done.tail.as_ref().map(|tail| tail.kind), kind, "{done:?}");
        assert_eq!(done.stop_reason.as_str(), "end_turn");
        assert_eq!(server.count(), 1);
    }
}

async fn a_reset_before_the_first_byte_is_no_response(subject: Subject) {
    let config = Config::builder().auth(Auth::None).retry(Retry::none());
    let (bedrock, client) = subject.bedrock(FakeBedrock::builder().fault(Fault::NoResponse), config).await;
    for (error, again) in [
        (ask(&client).await.unwrap_err(), true),
        // This operation does not stream, and may have been billed.
        (client.converse("m", &Request::new().user("Hi")).await.unwrap_err(), false),
    ] {
        assert!(matches!(error.detail(), ErrorDetail::Connection { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("no response from {}", bedrock.url()));
        assert!(error.with_causes().starts_with(&format!("{error}: ")), "{}", error.with_causes());
        assert_eq!(error.is_retryable(), again);
        assert!(error.request_id().is_none());
    }

    // HTTP/2 can reset a single stream.
    let server = Server::start(subject, Reply::gone()).await;
    let error = ask(&server.client(server.bearer().retry(Retry::none()))).await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Connection { .. }), "{error:?}");
}

async fn a_reset_after_the_first_byte_is_a_broken_answer(subject: Subject) {
    for byte in [1, 400] {
        let fault = Fault::CutAt { byte, end: End::Reset };
        let config = Config::builder().auth(Auth::None).retry(Retry::none());
        let (_bedrock, client) = subject.bedrock(FakeBedrock::builder().fault(fault), config).await;
        let items = ask_and_read(&client).await;
        let error = last_error(&items);
        assert!(
            matches!(error.detail(), ErrorDetail::Body { .. } | ErrorDetail::Connection { .. }),
            "{error:?}"
        );
        assert!(error.is_retryable());
    }
}

async fn an_exception_is_the_last_item(subject: Subject) {
    let late = [&events::answer()[..2].concat(), &exception("modelStreamErrorException")[..]].concat();
    // Bytes after an exception are not examined.
    let late = [late, events::answer()[2..].concat()].concat();
    let mut server = Server::start(subject, Reply::event_stream([Part::data(late)])).await;
    let items = ask_and_read(&server.client(server.bearer())).await;
    let error = last_error(&items);
    let Some(StreamError::Exception(exception)) = error.as_stream_error() else { panic!("{error:?}") };
    assert_eq!(&*exception.name, "modelStreamErrorException");
    assert_eq!((error.code(), error.request_id()), (Some("modelStreamErrorException"), Some("r-1")));
    assert_eq!(events::text_of(&items), "Hello, ");
    server.request().await;
    assert_eq!(server.count(), 0, "it was retried after the first chunk");
}

async fn each_common_fault_has_its_own_error(subject: Subject) {
    for fault in [Fault::Cut, Fault::NoStop, Fault::BadCrc, Fault::Exception, Fault::HtmlBody, Fault::Json] {
        let config = Config::builder().auth(Auth::None).retry(Retry::none());
        let (bedrock, client) = subject.bedrock(FakeBedrock::builder().fault(fault), config).await;
        let items = ask_and_read(&client).await;
        let error = last_error(&items);
        let found = match (fault, error.detail(), error.as_stream_error()) {
            (Fault::Cut | Fault::NoStop, _, Some(StreamError::Incomplete(_)))
            | (Fault::BadCrc, _, Some(StreamError::Frame(_)))
            | (Fault::Exception, _, Some(StreamError::Exception(_))) => items.len() > 2,
            (Fault::HtmlBody, _, Some(StreamError::Frame(_)))
            | (Fault::Json, ErrorDetail::UnexpectedBody(_), _) => items.len() == 1,
            _ => false,
        };
        assert!(found, "{fault}: {items:?}");
        assert!(items.len() == 1 || matches!(items[0], Ok(Chunk::Start { .. })), "{items:?}");
        assert_eq!(bedrock.requests().len(), 1, "{fault}");
    }
}

async fn an_unreachable_endpoint_is_named(subject: Subject) {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let scheme = subject.wire.scheme();
    let config = || Config::builder().bearer("my-api-key").retry(Retry::none());
    let client = subject.client(config().endpoint_url(format!("{scheme}://{free}/prefix")), None);
    let error = ask(&client).await.unwrap_err();
    let sentence = error.with_causes();
    assert!(sentence.starts_with(&format!("no response from {scheme}://{free}/prefix: ")), "{sentence}");
    assert!(sentence.to_lowercase().contains("connection refused"), "{sentence}");
    assert!(error.is_retryable());

    let client = subject.client(config().endpoint_url(format!("{scheme}://no-such-host.invalid")), None);
    let sentence = ask(&client).await.unwrap_err().with_causes();
    assert!(
        sentence.starts_with(&format!("no response from {scheme}://no-such-host.invalid: ")),
        "{sentence}"
    );
    assert!(sentence.contains("dns error"), "{sentence}");
}
