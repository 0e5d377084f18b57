//! The thread of the server, which accepts and serves connections.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::connection::{Connection, ResetHandle};
use super::http_version::is_http2;
use super::options::Options;
use super::service::{ServerState, Service};
use super::start_error::StartError;
#[cfg(feature = "tls")]
use super::tls;

/// A server that is ready to serve.
struct Prepared {
    runtime: Runtime,
    listener: TcpListener,
    service: Arc<Service>,
    security: Security,
    listening: Listening,
}

/// What the test needs to know about the server.
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    #[cfg(feature = "tls")]
    pub(super) ca: Option<tls::Authority>,
}

/// How connections are secured, if they are.
#[derive(Clone)]
struct Security {
    #[cfg(feature = "tls")]
    acceptor: Option<tokio_rustls::TlsAcceptor>,
}

/// Runs the server. Everything that it spawns ends with its runtime.
pub(super) fn run(
    options: Options,
    state: Arc<ServerState>,
    report: oneshot::Sender<Result<Listening, StartError>>,
    stopped: oneshot::Receiver<()>,
) {
    match prepare(options, state) {
        Ok(Prepared { runtime, listener, service, security, listening }) => {
            if report.send(Ok(listening)).is_err() {
                return;
            }
            runtime.block_on(async {
                tokio::spawn(accept(listener, service, security));
                // The sender is never used: this resolves when it is dropped.
                let _ = stopped.await;
            });
        }
        Err(error) => drop(report.send(Err(error))),
    }
}

fn prepare(mut options: Options, state: Arc<ServerState>) -> Result<Prepared, StartError> {
    for folder in &options.folders {
        options.recordings.read_folder(folder)?;
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::System)?;
    let address = options.address;
    let listener = runtime
        .block_on(TcpListener::bind(address))
        .map_err(|source| StartError::Listen { address, source })?;
    let address = listener.local_addr().map_err(StartError::System)?;
    #[cfg(feature = "tls")]
    let (acceptor, ca) = match options.tls.then(|| tls::Tls::new(address.ip())) {
        Some(tls) => tls.map(|tls| (Some(tls.acceptor), Some(tls.ca))).map_err(StartError::Tls)?,
        None => (None, None),
    };
    let service = Service { options, state, request_count: AtomicU64::new(0) };
    Ok(Prepared {
        runtime,
        listener,
        service: Arc::new(service),
        security: Security {
            #[cfg(feature = "tls")]
            acceptor,
        },
        listening: Listening {
            address,
            #[cfg(feature = "tls")]
            ca,
        },
    })
}

async fn accept(listener: TcpListener, service: Arc<Service>, security: Security) {
    let most = service.options.max_connections.map_or(Semaphore::MAX_PERMITS, NonZeroUsize::get);
    let permits = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = Connection::new(stream);
                let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
                    connection.reset_handle().reset();
                    continue;
                };
                let (service, security) = (Arc::clone(&service), security.clone());
                drop(tokio::spawn(async move {
                    secure(connection, service, security).await;
                    drop(permit);
                }));
            }
            // Out of file descriptors, for example, until connections close.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

#[cfg_attr(not(feature = "tls"), expect(unused_variables))]
async fn secure(connection: Connection, service: Arc<Service>, security: Security) {
    let reset_handle = connection.reset_handle();
    #[cfg(feature = "tls")]
    if let Some(acceptor) = security.acceptor {
        // The client notices a failed handshake itself, like a failed connection.
        if let Ok(Ok(connection)) = timeout(service.options.read_timeout, acceptor.accept(connection)).await {
            serve(connection, service, reset_handle).await;
        }
        return;
    }
    serve(connection, service, reset_handle).await;
}

async fn serve<C>(connection: C, service: Arc<Service>, reset_handle: ResetHandle)
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let patience = service.options.read_timeout;
    let streams = service.options.max_concurrent_streams;
    let Ok(Ok((is_http2, connection))) = timeout(patience, is_http2(connection)).await else { return };
    let connection = TokioIo::new(connection);
    let respond = service_fn(move |request| {
        let (service, reset_handle) = (Arc::clone(&service), reset_handle.clone());
        async move { service.respond(request, reset_handle).await }
    });
    // The client notices a failed connection itself.
    if is_http2 {
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new()).max_concurrent_streams(streams.get());
        // A client that is gone, or never was one, answers no pings.
        http.keep_alive_interval(patience).keep_alive_timeout(patience);
        let _ = http.serve_connection(connection, respond).await;
    } else {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(MAX_HEAD_LEN);
        let _ = http.serve_connection(connection, respond).await;
    }
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What a connection of HTTP/1.1 buffers: more than any head that Bedrock's clients send.
const MAX_HEAD_LEN: usize = 64 * 1024;
