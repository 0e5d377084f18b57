//! The same cases through both clients and every protocol: HTTP/1.1 and HTTP/2, in clear text and over TLS with a test
//! certificate authority. All use real sockets, with a scripted server or the fake Bedrock.

/// Turns each case into a test for each client and protocol. A case is a function of the [`subject::Subject`].
macro_rules! matrix {
    (@ $module:ident $kind:ident $wire:ident [$($(#[$attribute:meta])* $case:ident)*]) => {
        mod $module {
            use crate::subject::{Kind, Subject, Wire};

            $(
                $(#[$attribute])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case(Subject { kind: Kind::$kind, wire: Wire::$wire }).await;
                }
            )*
        }
    };
    ($($cases:tt)*) => {
        matrix!(@ reqwest_http1 Reqwest Http1 [$($cases)*]);
        matrix!(@ reqwest_http2 Reqwest Http2 [$($cases)*]);
        matrix!(@ reqwest_tls_http1 Reqwest TlsHttp1 [$($cases)*]);
        matrix!(@ reqwest_tls_http2 Reqwest TlsHttp2 [$($cases)*]);
        matrix!(@ hyper_http1 Hyper Http1 [$($cases)*]);
        matrix!(@ hyper_http2 Hyper Http2 [$($cases)*]);
        matrix!(@ hyper_tls_http1 Hyper TlsHttp1 [$($cases)*]);
        matrix!(@ hyper_tls_http2 Hyper TlsHttp2 [$($cases)*]);
    };
}

mod answers;
mod authority;
mod backpressure;
mod cancellation;
#[cfg(feature = "dialects")]
mod dialect_streams;
mod endings;
mod events;
mod http2;
mod interim;
mod judge;
mod many;
mod moved;
mod no_runtime;
mod operations;
mod options;
mod refusals;
mod reply;
mod retries;
mod server;
mod signed;
mod subject;
mod timeouts;
mod tls;
mod whole_answers;
