use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower_service::Service;

use crate::connection::ConnectionServer;
use crate::connection_timeouts::ConnectionTimeouts;
use crate::gateway::Gateway;
use crate::service::SharedService;
#[cfg(feature = "tls")]
use crate::tls::Tls;
use crate::unless::unless;

/// Serves a [`Gateway`] over HTTP/1.1 and HTTP/2, by default without TLS.
///
/// It has the limits that need the connection: how many there may be, the length of a request's head (64 KiB, 100 headers), the
/// time that a head may take, and the time that a client may stop reading. Another server, such as `axum::serve`, has none of them
/// unless you build them: nor the end that lets answers finish, TLS, or the refusal to listen without keys where others can reach it.
/// For routes and layers of your own, keep this one, and use [`service`](Self::service).
///
/// ```
/// use std::time::Duration;
///
/// use bedrock_stream_gateway::{Gateway, Server};
/// use bedrock_stream_hyper::{Auth, Client, Config};
/// use tokio::sync::oneshot;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::new(Config::builder().endpoint_url("http://127.0.0.1:1").auth(Auth::None).build()?)?;
/// let gateway = Gateway::builder(client).alias("nova", "us.amazon.nova-lite-v1:0").build();
/// let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway).await?.grace(Duration::from_secs(60));
/// println!("the base URL for OpenAI's packages: http://{}/v1", server.local_addr()?);
///
/// // In a program, `stop` is a signal such as SIGTERM. Open answers may still end, for a minute.
/// let (stop, stopped) = oneshot::channel::<()>();
/// let serving = tokio::spawn(server.serve(async move { drop(stopped.await) }));
/// drop(stop);
/// serving.await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    gateway: Gateway,
    service: SharedService,
    timeouts: ConnectionTimeouts,
    max_connections: usize,
    grace: Option<Duration>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

/// Why a [`Server`] cannot start.
///
/// ```
/// use bedrock_stream_gateway::{BindError, Gateway, Server};
/// use bedrock_stream_hyper::{Auth, Client, Config};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::new(Config::builder().endpoint_url("http://127.0.0.1:1").auth(Auth::None).build()?)?;
/// // Whoever reaches the port could use the account.
/// let open = Gateway::builder(client).build();
/// let error = Server::bind(([0, 0, 0, 0], 0).into(), open).await.unwrap_err();
/// assert!(matches!(error, BindError::NoKeys(_)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// It would listen on an address that others can reach, and accept every request.
    #[error(
        "without an API key, {0} would let everyone use the gateway: set a key, or listen on a loopback address"
    )]
    NoKeys(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    #[non_exhaustive]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        error: io::Error,
    },
}

impl Server {
    /// Listens; port 0 takes a free one.
    ///
    /// Cancel safe: dropping the future before it resolves leaves no port open.
    ///
    /// # Errors
    ///
    /// [`BindError`]: also if the gateway has no keys and the address is not a loopback address, unless it is
    /// [`authenticated_elsewhere`](crate::GatewayBuilder::authenticated_elsewhere).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or inside one without I/O.
    pub async fn bind(address: SocketAddr, gateway: Gateway) -> Result<Self, BindError> {
        if gateway.is_open() && !address.ip().is_loopback() {
            return Err(BindError::NoKeys(address));
        }
        let listener =
            TcpListener::bind(address).await.map_err(|error| BindError::Listen { address, error })?;
        let max_connections = gateway.max_streams().saturating_mul(CONNECTIONS_PER_STREAM);
        Ok(Self {
            listener,
            service: SharedService::gateway(gateway.clone()),
            gateway,
            max_connections,
            timeouts: ConnectionTimeouts::default(),
            grace: None,
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    /// Serves another service around the gateway, such as a router with routes of its own, or layers; everything else stays as it
    /// is: the limits, TLS, and what happens at the end. Only the gateway's routes ask for the gateway's keys; where a layer decides
    /// who may use them, [`GatewayBuilder::authenticated_elsewhere`](crate::GatewayBuilder::authenticated_elsewhere) says so.
    ///
    /// ```
    /// # use bedrock_stream_hyper::{Auth, Client, Config};
    /// use axum::Router;
    /// use axum::routing::get;
    /// use bedrock_stream_gateway::{Gateway, Server};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::new(Config::builder().endpoint_url("http://127.0.0.1:1").auth(Auth::None).build()?)?;
    /// let gateway = Gateway::builder(client).api_key("sk-1").build();
    /// let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway).await?.service(|gateway| {
    ///     Router::new().route("/version", get(async || "7")).fallback_service(gateway)
    /// });
    /// # let _ = server;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn service<S, B>(mut self, around: impl FnOnce(Gateway) -> S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        self.service = SharedService::of(around(self.gateway.clone()));
        self
    }

    /// Sets how long a client may take for the head of a connection's first request; 30 s by default.
    #[must_use]
    pub const fn head_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.head = timeout;
        self
    }

    /// Sets how long a connection may stay open after its last answer without another request; 90 s by default, which is longer
    /// than load balancers usually keep one for reuse. Over HTTP/2 the client is told by GOAWAY. A connection is not closed while a
    /// part of an answer waits to be read.
    #[must_use]
    pub const fn keep_alive_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.keep_alive = timeout;
        self
    }

    /// Sets how long a client may not read while there is something to be read; 300 s by default. Then its connection is closed, or
    /// its HTTP/2 stream reset, which cancels its requests to Bedrock.
    #[must_use]
    pub const fn write_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.write = timeout;
        self
    }

    /// Sets how many connections may be open at once; by default eight times
    /// [`GatewayBuilder::max_streams`](crate::GatewayBuilder::max_streams), 8,192. At least one is.
    ///
    /// No further one is accepted until one of them is closed, as an idle one is after the [`keep_alive_timeout`](Self::keep_alive_timeout). It
    /// waits in the listener's queue, for which the system accepts it, so its client sees only that no answer comes; to refuse it by a
    /// status, a place for it would be needed until its request was read. `open_connections` of the metrics shows how many there are.
    #[must_use]
    pub const fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// Sets how long open answers may take to end after the shutdown began; by default as long as they need.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// Speaks TLS, and nothing else.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// The address that it listens on.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` resolves. Then it closes its port, lets open answers end, and resolves. An idle connection is closed a
    /// second later, since its client may be about to send, and a request that still comes is answered, with `Connection: close`; over
    /// HTTP/2 the client is told at once by GOAWAY. Meanwhile
    /// `/healthz` answers 503 where it is still served, as on the listener of [`Gateway::only_metrics`].
    ///
    /// Not cancel safe: dropping the future closes the port and idle connections; open answers go on until their runtime ends.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or inside one without I/O or time.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let server = ConnectionServer::new(self.service, self.timeouts);
        #[cfg(feature = "tls")]
        let server = server.tls(self.tls);
        let server = Arc::new(server);
        let places = Arc::new(Semaphore::new(self.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
        let open = self.gateway.open_connections();
        let spawn =
            |stream, stopped: &_, place| spawn(&server, stream, stopped, Place::new(place, open.clone()));
        // Each connection has a receiver until it has ended.
        let (stop, stopped) = watch::channel(());
        let mut shutdown = pin!(shutdown);
        let listener = &self.listener;
        let accept = async || {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        while let Some((accepted, place)) = unless(shutdown.as_mut(), accept()).await {
            let Ok((stream, _)) = accepted else {
                // Out of file descriptors, for example; the connection that failed is lost.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            spawn(stream, &stopped, place);
        }
        self.gateway.start_draining();
        // What the system has accepted would be reset by closing the port, though its clients may have sent their requests.
        if let Ok(listener) = self.listener.into_std() {
            while let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                let accepted = listener.accept().and_then(|(stream, _)| {
                    stream.set_nonblocking(true)?;
                    TcpStream::from_std(stream)
                });
                match accepted {
                    Ok(stream) => spawn(stream, &stopped, Some(place)),
                    // Its client has gone.
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                    Err(_) => break,
                }
            }
        }
        drop(stopped);
        let ended = async {
            let _ = stop.send(());
            stop.closed().await;
        };
        match self.grace {
            Some(grace) => drop(tokio::time::timeout(grace, ended).await),
            None => ended.await,
        }
    }
}

/// A connection's place among those that may be open, until it is dropped.
struct Place {
    _permit: Option<OwnedSemaphorePermit>,
    open: Option<Gauge>,
}

impl Place {
    fn new(permit: Option<OwnedSemaphorePermit>, open: Option<Gauge>) -> Self {
        if let Some(open) = &open {
            open.inc();
        }
        Self { _permit: permit, open }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(open) = &self.open {
            open.dec();
        }
    }
}

/// Serves a connection, which has the place until it ends.
fn spawn(server: &Arc<ConnectionServer>, stream: TcpStream, stopped: &watch::Receiver<()>, place: Place) {
    let (server, stopped) = (Arc::clone(server), stopped.clone());
    tokio::spawn(async move {
        server.accept(stream, stopped).await;
        drop(place);
    });
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const CONNECTIONS_PER_STREAM: usize = 8;
