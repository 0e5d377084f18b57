//! The thread of the server, which accepts and serves connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use super::connection::{Connection, ResetHandle};
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
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                drop(tokio::spawn(secure(Connection::new(stream), Arc::clone(&service), security.clone())));
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
        // A failed handshake is the client's to notice, like a failed connection.
        if let Ok(connection) = acceptor.accept(connection).await {
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
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new());
    http.http2().timer(TokioTimer::new());
    let respond = service_fn(move |request| {
        let (service, reset_handle) = (Arc::clone(&service), reset_handle.clone());
        async move { service.respond(request, reset_handle).await }
    });
    // The client notices a failed connection itself.
    let _ = http.serve_connection(TokioIo::new(connection), respond).await;
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
