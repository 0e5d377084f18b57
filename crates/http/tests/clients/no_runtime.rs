//! Outside a tokio runtime: an error that says so, and no panic.

use std::time::Duration;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, Config, ErrorDetail, Timeout, Timeouts};
use tokio::runtime::Runtime;

use crate::events::{self, ask};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::{Kind, Subject, Wire};

const SUBJECTS: [(Kind, Wire); 4] = [
    (Kind::Reqwest, Wire::Http1),
    (Kind::Reqwest, Wire::TlsHttp2),
    (Kind::Hyper, Wire::Http1),
    (Kind::Hyper, Wire::TlsHttp2),
];

#[test]
fn a_request_outside_a_runtime_is_an_error_that_says_so() {
    for (kind, wire) in SUBJECTS {
        let url = format!("{}://127.0.0.1:9", wire.scheme());
        let config = Config::builder().endpoint_url(url).auth(Auth::None);
        let client = Subject { kind, wire }.client(config, None);
        let request = Request::new().user("Hi");
        for error in [
            block_on(client.converse_stream("m", &request)).unwrap_err(),
            block_on(client.converse("m", &request)).unwrap_err(),
            block_on(client.converse_stream("m", "{}").message_stream()).unwrap_err(),
            block_on(client.converse_stream("m", "{}").open()).map(drop).unwrap_err(),
        ] {
            assert!(matches!(error.detail(), ErrorDetail::NoRuntime), "{kind:?} {wire:?}: {error:?}");
            assert!(error.to_string().contains("needs a tokio runtime"), "{error}");
            assert!(!error.is_retryable() && error.earlier_attempts().is_empty());
        }
    }
}

#[test]
fn a_stream_can_be_read_outside_a_runtime() {
    let runtime = Runtime::new().unwrap();
    for (kind, wire) in SUBJECTS {
        let parts = [Part::data(events::answer()[0].clone()), Part::Hang];
        let subject = Subject { kind, wire };
        let server = runtime.block_on(Server::start(subject, Reply::event_stream(parts)));
        let timeouts = Timeouts::default().idle(Duration::from_millis(100));
        let client = server.client(server.bearer().timeouts(timeouts));
        let mut chunks = runtime.block_on(ask(&client)).unwrap();
        // It uses the timer of the runtime it was created in.
        smol::block_on(async {
            assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
            let error = chunks.next().await.unwrap().unwrap_err();
            assert!(
                matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Idle, .. }),
                "{error:?}"
            );
        });
    }
}

fn block_on<T>(request: impl IntoFuture<Output = T>) -> T {
    smol::block_on(request.into_future())
}
