use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::{io, thread};

use tokio::sync::oneshot;

use super::conditional_reply::Matches;
use super::listener;
use super::options::Options;
use super::requests::ReceivedRequest;
use super::service::ServerState;
use super::start_error::StartError;
#[cfg(feature = "tls")]
use super::tls;
use crate::fault::Fault;
use crate::matcher::When;

/// A fake Amazon Bedrock: an HTTP server on a loopback port that answers each [`Operation`](crate::Operation) with a real stream,
/// or with the same answer unstreamed.
///
/// It speaks HTTP/1.1, and HTTP/2 to clients that start with it. It runs on its own thread, so that it keeps serving
/// even if the test blocks its threads. Dropping it stops it, closes its connections and frees its port before the drop
/// returns.
///
/// ```
/// use std::io::{Read as _, Write as _};
/// use std::net::TcpStream;
///
/// use bedrock_stream_testkit::{FakeBedrock, answer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bedrock = FakeBedrock::builder().reply("any-model", answer().text("Because of the air.")).start().await?;
///
/// // Your client, with `bedrock.url()` as its endpoint; here, one without a library.
/// let mut connection = TcpStream::connect(bedrock.url().trim_start_matches("http://"))?;
/// let body = r#"{"messages":[{"role":"user","content":[{"text":"Why is the sky blue?"}]}]}"#;
/// let head = "POST /model/any-model/converse HTTP/1.1\r\nhost: bedrock\r\nconnection: close";
/// write!(connection, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
/// let mut response = String::new();
/// connection.read_to_string(&mut response)?;
/// assert!(response.contains("Because of the air."), "{response}");
///
/// // What it sent.
/// assert_eq!(bedrock.requests().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FakeBedrock {
    address: SocketAddr,
    #[cfg(feature = "tls")]
    ca: Option<tls::Authority>,
    state: Arc<ServerState>,
    matches: Vec<Matches>,
    /// Dropping it stops the server.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeBedrock {
    /// Starts the server; it listens when this resolves.
    pub(super) async fn start_with(options: Options) -> Result<Self, StartError> {
        let (stop, stopped) = oneshot::channel();
        let (report, ready) = oneshot::channel();
        let state = Arc::new(ServerState::default());
        let matches = options.script.matches();
        let serve = {
            let state = Arc::clone(&state);
            move || listener::run(options, state, report, stopped)
        };
        let thread = thread::Builder::new()
            .name("fake-bedrock".to_owned())
            .spawn(serve)
            .map_err(StartError::System)?;
        let listening = ready.await.unwrap_or_else(|_| {
            Err(StartError::System(io::Error::other("its thread ended before it listened")))
        })?;
        Ok(Self {
            address: listening.address,
            #[cfg(feature = "tls")]
            ca: listening.ca,
            state,
            matches,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint URL to give to a client: `http://127.0.0.1:` and the port, without a slash at the end; with TLS
    /// `https://`.
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
        format!("{}://{address}", if self.is_tls() { "https" } else { "http" })
    }

    /// The certificate of the authority that a client must trust, as PEM; none without TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca.as_ref().map(|ca| &*ca.pem)
    }

    /// The same certificate as DER.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn ca_der(&self) -> Option<&[u8]> {
        self.ca.as_ref().map(|ca| &*ca.der)
    }

    /// The requests so far, including refused ones, in the order in which their bodies were complete (without a body, in which
    /// they came): the latest 1,000, and no more than 64 MiB of bodies.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.state.requests.all()
    }

    /// The number of streams being sent: started, and neither finished nor dropped with their connection.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.state.open_streams.load(Ordering::SeqCst)
    }

    /// The faults that found nothing to change in some answer so far: for example, one that drops the start of a content block
    /// if no block has a start event. A test that relies on such a fault proves nothing.
    ///
    /// ```
    /// # use bedrock_stream_testkit::{FakeBedrock, Fault};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bedrock = FakeBedrock::builder().fault("drop:block-start".parse::<Fault>()?).start().await?;
    /// // .. the test ..
    /// assert_eq!(bedrock.unapplied_faults(), []);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn unapplied_faults(&self) -> Vec<Fault> {
        self.state.unapplied_faults.all()
    }

    /// The unknown members of requests so far, such as `inferenceConfig.topK`: the path of each once, at most 100. Bedrock
    /// ignores such members, so a test that relies on one proves nothing. [`Builder::strict`](crate::Builder::strict) refuses them.
    ///
    /// ```
    /// # use bedrock_stream_testkit::FakeBedrock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bedrock = FakeBedrock::start().await?;
    /// // .. the test ..
    /// assert!(bedrock.unknown_members().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn unknown_members(&self) -> Vec<String> {
        self.state.unknown_members.all()
    }

    /// The conditions of [`reply_when`](crate::Builder::reply_when) that have not held for any request so far. A script that has some at the
    /// end of a test is not the one that the test needs.
    #[must_use]
    pub fn unmatched(&self) -> Vec<When> {
        let unmatched = self.matches.iter().filter(|matches| !matches.has_matched());
        unmatched.map(|matches| matches.when.clone()).collect()
    }

    const fn is_tls(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.ca.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }
}

impl Drop for FakeBedrock {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was printed already, and a panic in a drop would hide it.
            let _ = thread.join();
        }
    }
}
