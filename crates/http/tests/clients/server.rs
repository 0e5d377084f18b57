use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bedrock_stream_http::{Config, ConfigBuilder};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use crate::authority::{acceptor, authority};
use crate::reply::{Reply, Script};
use crate::subject::{Client, Subject};

/// A server on a loopback port that sends scripted replies, over any protocol.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) requests: mpsc::UnboundedReceiver<Received>,
    /// Notified when a client gives up in the middle of a reply.
    pub(crate) closed: Arc<Notify>,
    subject: Subject,
}

/// A request as it was received.
#[derive(Debug)]
pub(crate) struct Received {
    /// The number of the connection it arrived on.
    pub(crate) connection: usize,
    pub(crate) head: http::request::Parts,
    pub(crate) body: Bytes,
}

struct Replies {
    replies: Vec<Reply>,
    given: AtomicUsize,
}

impl Server {
    pub(crate) async fn start(subject: Subject, reply: Reply) -> Self {
        Self::script(subject, vec![reply]).await
    }

    /// Sends the next reply to each request, and then repeats the last one.
    pub(crate) async fn script(subject: Subject, replies: Vec<Reply>) -> Self {
        let protocols = [subject.wire.alpn()];
        Self::with_alpn(subject, replies, &protocols).await
    }

    /// The same with other ALPN protocols, if there is TLS.
    pub(crate) async fn with_alpn(subject: Subject, replies: Vec<Reply>, protocols: &[&[u8]]) -> Self {
        Self::with_limit(subject, replies, protocols, None).await
    }

    /// The same with a limit on the streams of an HTTP/2 connection.
    pub(crate) async fn with_limit(
        subject: Subject,
        replies: Vec<Reply>,
        protocols: &[&[u8]],
        max_streams: Option<u32>,
    ) -> Self {
        let replies = Arc::new(Replies { replies, given: AtomicUsize::new(0) });
        let socket = TcpSocket::new_v4().unwrap();
        // Connections inherit this small send buffer, so that little can be written that nobody has read.
        socket.set_send_buffer_size(128 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1024).unwrap();
        let url = format!("{}://{}", subject.wire.scheme(), listener.local_addr().unwrap());
        let (sender, requests) = mpsc::unbounded_channel();
        let closed = Arc::new(Notify::new());
        let told = Arc::clone(&closed);
        let tls = subject.wire.is_tls().then(|| acceptor(protocols));
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let service = {
                    let (replies, sender, told) = (Arc::clone(&replies), sender.clone(), Arc::clone(&told));
                    service_fn(move |request| {
                        answer(request, connection, Arc::clone(&replies), sender.clone(), Arc::clone(&told))
                    })
                };
                let tls = tls.clone();
                tokio::spawn(async move {
                    let mut builder = auto::Builder::new(TokioExecutor::new());
                    if let Some(max_streams) = max_streams {
                        builder.http2().max_concurrent_streams(max_streams);
                    }
                    let _ = match tls {
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else { return };
                            builder.serve_connection(TokioIo::new(stream), service).await
                        }
                        None => builder.serve_connection(TokioIo::<TcpStream>::new(stream), service).await,
                    };
                });
            }
        });
        Self { url, requests, closed, subject }
    }

    pub(crate) fn builder(&self) -> ConfigBuilder {
        Config::builder().endpoint_url(&self.url)
    }

    pub(crate) fn bearer(&self) -> ConfigBuilder {
        self.builder().bearer("my-api-key")
    }

    /// A client for this server.
    pub(crate) fn client(&self, builder: ConfigBuilder) -> Client {
        self.subject.client(builder, Some(&authority().der))
    }

    pub(crate) async fn request(&mut self) -> Received {
        timeout(Duration::from_secs(10), self.requests.recv()).await.expect("no request").expect("no server")
    }

    /// How many requests have arrived that were not taken with `next` yet.
    pub(crate) fn count(&mut self) -> usize {
        core::iter::from_fn(|| self.requests.try_recv().ok()).count()
    }

    /// Waits for a client to cancel its request, which must be noticed quickly.
    pub(crate) async fn closed(&self) {
        timeout(Duration::from_secs(1), self.closed.notified()).await.expect("the server is still sending");
    }
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn host(&self) -> Option<&str> {
        self.head.uri.authority().map(http::uri::Authority::as_str).or_else(|| self.header("host"))
    }
}

impl Replies {
    fn next(&self) -> &Reply {
        let number = self.given.fetch_add(1, Relaxed);
        &self.replies[number.min(self.replies.len() - 1)]
    }
}

async fn answer(
    request: http::Request<Incoming>,
    connection: usize,
    replies: Arc<Replies>,
    requests: mpsc::UnboundedSender<Received>,
    closed: Arc<Notify>,
) -> Result<http::Response<Script>, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let _ = requests.send(Received { connection, head, body });
    let reply = replies.next();
    if reply.gone {
        return Err("gone".into());
    }
    let builder = http::Response::builder().status(reply.status);
    let builder = reply.headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value));
    Ok(builder.body(Script::new(reply, closed))?)
}
