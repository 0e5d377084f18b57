use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::activity::Activity;
use crate::connection_timeouts::ConnectionTimeouts;
use crate::progress_body::ProgressBody;
use crate::service::SharedService;
use crate::stream_executor::StreamExecutor;
#[cfg(feature = "tls")]
use crate::tls::Tls;
#[cfg(feature = "tls")]
use crate::unless::unless;
use crate::write_timeout_io::WriteTimeoutIo;

/// How the connections of a server are served.
#[derive(Debug)]
pub(crate) struct ConnectionServer {
    builder: auto::Builder<StreamExecutor>,
    service: SharedService,
    timeouts: ConnectionTimeouts,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

impl ConnectionServer {
    pub(crate) fn new(service: SharedService, timeouts: ConnectionTimeouts) -> Self {
        let mut builder = auto::Builder::new(StreamExecutor::new(timeouts.write));
        builder
            .http1()
            // Hyper's own runs while the rest of an answer is still being written, and cuts that off; see `serve`.
            .header_read_timeout(None)
            .max_buf_size(MAX_HEAD)
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(MAX_HEAD as u32)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        Self {
            builder,
            service,
            timeouts,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Sets what speaks TLS; without it, nothing does.
    #[cfg(feature = "tls")]
    pub(crate) fn tls(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// Serves a connection to its end: until the client closes it, or no request has been open for too long,
    /// or `stopped` changes and the open answers have ended.
    pub(crate) async fn accept(&self, stream: TcpStream, mut stopped: watch::Receiver<()>) {
        // Each event should arrive as soon as it is written.
        let _ = stream.set_nodelay(true);
        let mut stop = pin!(async { drop(stopped.changed().await) });
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let mut handshake = pin!(tokio::time::timeout(self.timeouts.head, tls.accept(stream)));
            let shaken = match unless(stop.as_mut(), handshake.as_mut()).await {
                Some(shaken) => Some((shaken, false)),
                None => tokio::time::timeout(NEW, handshake).await.ok().map(|shaken| (shaken, true)),
            };
            // A client that does not finish the handshake gets nothing.
            if let Some((Ok(Ok(stream)), is_stopping)) = shaken {
                self.serve(stream, stop, is_stopping).await;
            }
            return;
        }
        self.serve(stream, stop.as_mut(), false).await;
    }

    /// A request is open from the end of its head on, so the same timer ends a connection on which a head does not end, or none
    /// begins. `is_stopping`: `stop` has already resolved.
    async fn serve<S>(&self, stream: S, mut stop: Pin<&mut impl Future<Output = ()>>, is_stopping: bool)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Activity::new();
        let io = TokioIo::new(WriteTimeoutIo::new(stream, self.timeouts.write, activity.clone()));
        let shared = self.service.clone();
        let requests = activity.clone();
        let stopping = Arc::new(AtomicBool::new(is_stopping));
        let closes = Arc::clone(&stopping);
        let service = service_fn(move |request: Request<Incoming>| {
            let is_http2 = request.version() == Version::HTTP_2;
            requests.set_http2(is_http2);
            let in_use = requests.begin();
            let answer = shared.call(request);
            let closes = Arc::clone(&closes);
            async move {
                answer.await.map(|mut response| {
                    // HTTP/1.1 has no other word for it; hyper then closes the connection after the response.
                    if !is_http2 && closes.load(Ordering::Relaxed) {
                        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                    }
                    response.map(|body| ProgressBody::new(body, in_use))
                })
            }
        });
        let mut connection = pin!(self.builder.serve_connection(io, service));
        let mut timer = pin!(tokio::time::sleep(if is_stopping { NEW } else { self.timeouts.head }));
        // When the connection, or the end, began.
        let mut began = Instant::now();
        // Whether the client was told that no further request is taken.
        let mut is_closing = false;
        poll_fn(|cx| {
            loop {
                // Its errors are the client's: it disconnected, or sent something other than HTTP.
                if connection.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                let mut is_stopping = stopping.load(Ordering::Relaxed);
                if !is_stopping && !is_closing && stop.as_mut().poll(cx).is_ready() {
                    is_stopping = true;
                    stopping.store(true, Ordering::Relaxed);
                    // The client of an idle connection may be about to send. Over HTTP/2 it learns at once that it must not.
                    began = Instant::now();
                    timer.as_mut().reset(began + NEW);
                }
                if is_closing || !is_stopping || !activity.is_http2() {
                    if timer.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    let timeout = match is_closing {
                        true => CLOSING,
                        false if is_stopping => NEW,
                        false if activity.has_had_request() => self.timeouts.keep_alive,
                        false => self.timeouts.head,
                    };
                    let now = Instant::now();
                    let ends = activity.idle_since().unwrap_or(now).max(began) + timeout;
                    if ends > now {
                        timer.as_mut().reset(ends);
                        continue;
                    }
                    if is_closing {
                        return Poll::Ready(());
                    }
                }
                is_closing = true;
                // HTTP/2 sends GOAWAY, and ends when the client has confirmed it; HTTP/1.1 ends at once between two requests.
                connection.as_mut().graceful_shutdown();
                timer.as_mut().reset(Instant::now() + CLOSING);
            }
        })
        .await;
    }
}

/// The longest head of a request.
const MAX_HEAD: usize = 64 * 1024;
/// How often a silent HTTP/2 connection is pinged, and how long it may take to reply.
const PING: Duration = Duration::from_secs(20);
/// How long an idle connection may take to bring a request, or a new one to finish its handshake, once the end has begun.
const NEW: Duration = Duration::from_secs(1);
/// How long a client may take to close an idle connection once it was told to.
const CLOSING: Duration = Duration::from_secs(1);
