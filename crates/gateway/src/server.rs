use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use crate::connection::ConnectionServer;
use crate::gateway::Gateway;
#[cfg(feature = "tls")]
use crate::tls::Tls;

/// Serves a [`Gateway`] over HTTP/1.1 and HTTP/2, by default without TLS.
///
/// It has the limits that need the connection: the length of a request's head (64 KiB, 100 headers), the time that a head may
/// take, and the time that a client may stop reading.
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
    head_timeout: Duration,
    write_timeout: Duration,
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
    /// [`BindError`]: also if the gateway has no keys and the address is not a loopback address.
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
        Ok(Self {
            listener,
            gateway,
            head_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(300),
            grace: None,
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    /// Sets how long a client may take for a request's head, and a connection may stay open without a request; 30 s by default.
    #[must_use]
    pub const fn head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = timeout;
        self
    }

    /// Sets how long a client may not read while there is something to be read; 300 s by default. Then its connection is closed, or
    /// its HTTP/2 stream reset, which cancels its requests to Bedrock.
    #[must_use]
    pub const fn write_timeout(mut self, timeout: Duration) -> Self {
        self.write_timeout = timeout;
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

    /// Serves until `shutdown` resolves. Then it closes its port and idle connections, lets open answers end, and resolves.
    ///
    /// Not cancel safe: dropping the future closes the port; connections that are open stay until their runtime ends.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or inside one without I/O or time.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let server = Arc::new(ConnectionServer::new(self.gateway, self.head_timeout, self.write_timeout));
        let connections = GracefulShutdown::new();
        // Resolves for all receivers when the sender is dropped.
        #[cfg(feature = "tls")]
        let (stop, stopped) = tokio::sync::watch::channel(());
        let mut shutdown = pin!(shutdown);
        while let Some(accepted) = unless(shutdown.as_mut(), self.listener.accept()).await {
            let Ok((stream, _)) = accepted else {
                // Out of file descriptors, for example; the connection that failed is lost.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            // Each event should arrive as soon as it is written.
            let _ = stream.set_nodelay(true);
            let (server, watcher) = (Arc::clone(&server), connections.watcher());
            #[cfg(feature = "tls")]
            if let Some(tls) = self.tls.clone() {
                let mut stopped = stopped.clone();
                tokio::spawn(async move {
                    let handshake = tokio::time::timeout(server.head_timeout(), tls.accept(stream));
                    let mut stopped = pin!(async move { drop(stopped.changed().await) });
                    // A client that does not finish the handshake gets nothing.
                    if let Some(Ok(Ok(stream))) = unless(stopped.as_mut(), handshake).await {
                        server.serve(stream, watcher).await;
                    }
                });
                continue;
            }
            tokio::spawn(async move { server.serve(stream, watcher).await });
        }
        drop(self.listener);
        #[cfg(feature = "tls")]
        drop(stop);
        match self.grace {
            Some(grace) => drop(tokio::time::timeout(grace, connections.shutdown()).await),
            None => connections.shutdown().await,
        }
    }
}

/// `None` if `stop` resolves first.
async fn unless<T>(
    mut stop: std::pin::Pin<&mut impl Future<Output = ()>>,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| {
        if stop.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(None);
        }
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
