use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service as _;

use crate::gateway::Gateway;
use crate::idle_io::IdleIo;
use crate::progress_body::ProgressBody;
use crate::stream_executor::StreamExecutor;

/// How the connections of a server are served.
#[derive(Debug)]
pub(crate) struct ConnectionServer {
    builder: auto::Builder<StreamExecutor>,
    gateway: Gateway,
    head_timeout: Duration,
    write_timeout: Duration,
}

impl ConnectionServer {
    pub(crate) fn new(gateway: Gateway, head_timeout: Duration, write_timeout: Duration) -> Self {
        let mut builder = auto::Builder::new(StreamExecutor::new(write_timeout));
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .max_buf_size(MAX_HEAD)
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(MAX_HEAD as u32)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        Self { builder, gateway, head_timeout, write_timeout }
    }

    /// How long a client may take for a request's head.
    #[cfg(feature = "tls")]
    pub(crate) const fn head_timeout(&self) -> Duration {
        self.head_timeout
    }

    /// Serves a connection to its end.
    pub(crate) async fn serve<S>(&self, stream: S, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let io = TokioIo::new(IdleIo::new(stream, self.head_timeout, self.write_timeout));
        let gateway = self.gateway.clone();
        let service = service_fn(move |request| {
            let answer = gateway.clone().call(request);
            async move { answer.await.map(|response| response.map(ProgressBody::new)) }
        });
        let connection = self.builder.serve_connection(io, service).into_owned();
        // Its errors are the client's: it disconnected, or sent something other than HTTP.
        drop(watcher.watch(connection).await);
    }
}

/// The longest head of a request.
const MAX_HEAD: usize = 64 * 1024;
/// How often a silent HTTP/2 connection is pinged, and how long it may take to reply.
const PING: Duration = Duration::from_secs(20);
