//! The server: a real one, on a thread of its own.

mod body;
mod builder;
mod requests;
mod service;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use self::body::Pacing;
pub use self::builder::Builder;
pub use self::requests::ReceivedRequest;
use self::service::{Service, Shared};
use crate::auth::Auth;
use crate::fault::Fault;
use crate::recordings::{self, RecordingsError};

/// A fake Amazon Bedrock: an HTTP server on a loopback port that answers `POST /model/{id}/converse-stream` with a real
/// event stream.
///
/// It speaks HTTP/1.1, and HTTP/2 to clients that begin with it. It runs on a thread of its own, so that it serves
/// whatever the test does with its own threads; dropping it stops it, closes its connections and frees its port before
/// the drop returns.
///
/// ```
/// use bedrock_stream_testkit::{Credentials, FakeBedrock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bedrock_stream_testkit::StartError> {
/// let bedrock = FakeBedrock::builder().credentials(Credentials::new("AKIDEXAMPLE", "secret")).start().await?;
/// assert!(bedrock.url().starts_with("http://127.0.0.1:"));
/// // .. let the client under test call `bedrock.url()` ..
/// assert!(bedrock.requests().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FakeBedrock {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Dropping it stops the server.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeBedrock {
    /// The options: everyone may call, answers are built from the prompt and come without a pause, unless told otherwise.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts with no options set: on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint URL to give to a client: `http://127.0.0.1:` and the port, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        format!("http://{address}")
    }

    /// The requests so far, refused ones too, in the order in which their bodies were complete. Of very many, the latest
    /// 1,000, and no more than 64 MiB of bodies.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.requests.all()
    }

    /// How many streams are being sent: begun, and neither sent whole nor dropped with their connection.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.shared.open_streams.load(Ordering::SeqCst)
    }
}

impl Drop for FakeBedrock {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed, and a panic in a drop would hide it.
            let _ = thread.join();
        }
    }
}

/// Why a fake Bedrock cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread, or no event queue.
    #[error("cannot start the server: {0}")]
    System(#[source] io::Error),
    /// The recordings cannot be used.
    #[error(transparent)]
    Recordings(#[from] RecordingsError),
}

/// Everything that the builder collects.
pub(crate) struct Options {
    pub(crate) address: SocketAddr,
    pub(crate) auth: Auth,
    pub(crate) pacing: Pacing,
    pub(crate) fault: Option<Fault>,
    pub(crate) recordings: recordings::Recordings,
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) seed: u64,
}

async fn start(options: Options) -> Result<FakeBedrock, StartError> {
    let (stop, stopped) = oneshot::channel();
    let (report, ready) = oneshot::channel();
    let shared = Arc::new(Shared::default());
    let serve = {
        let shared = Arc::clone(&shared);
        move || run(options, shared, report, stopped)
    };
    let thread =
        thread::Builder::new().name("fake-bedrock".to_owned()).spawn(serve).map_err(StartError::System)?;
    let address = ready.await.unwrap_or_else(|_| {
        Err(StartError::System(io::Error::other("its thread ended before it listened")))
    })?;
    Ok(FakeBedrock { address, shared, stop: Some(stop), thread: Some(thread) })
}

/// The server's thread. Everything that it spawns ends with its runtime.
fn run(
    options: Options,
    shared: Arc<Shared>,
    report: oneshot::Sender<Result<SocketAddr, StartError>>,
    stopped: oneshot::Receiver<()>,
) {
    match prepare(options, shared) {
        Ok((runtime, listener, address, service)) => {
            if report.send(Ok(address)).is_err() {
                return;
            }
            runtime.block_on(async {
                tokio::spawn(accept(listener, service));
                // The sender is never used: this resolves when it is dropped.
                let _ = stopped.await;
            });
        }
        Err(error) => drop(report.send(Err(error))),
    }
}

fn prepare(
    options: Options,
    shared: Arc<Shared>,
) -> Result<(Runtime, TcpListener, SocketAddr, Arc<Service>), StartError> {
    let mut recordings = options.recordings;
    for folder in &options.folders {
        for (model_id, messages) in recordings::read_folder(folder)? {
            recordings.entry(model_id).or_insert(messages);
        }
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::System)?;
    let address = options.address;
    let listener = runtime
        .block_on(TcpListener::bind(address))
        .map_err(|source| StartError::Listen { address, source })?;
    let address = listener.local_addr().map_err(StartError::System)?;
    let service = Service {
        auth: options.auth,
        pacing: options.pacing,
        fault: options.fault,
        recordings,
        seed: options.seed,
        shared,
        served: AtomicU64::new(0),
    };
    Ok((runtime, listener, address, Arc::new(service)))
}

async fn accept(listener: TcpListener, service: Arc<Service>) {
    loop {
        match listener.accept().await {
            Ok((connection, _)) => drop(tokio::spawn(serve(connection, Arc::clone(&service)))),
            // Out of file descriptors, say: that passes when connections close.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn serve(connection: TcpStream, service: Arc<Service>) {
    // Small writes are to arrive as they were made; where that cannot be set, they still arrive.
    let _ = connection.set_nodelay(true);
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new());
    http.http2().timer(TokioTimer::new());
    let respond = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { service.respond(request).await }
    });
    // A connection that fails is the client's affair: it sees it fail.
    let _ = http.serve_connection(TokioIo::new(connection), respond).await;
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
