use std::fmt;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::Poll;

use bedrock_stream_http::answer::ChunkRef;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, ChunkStream, Config, ConfigBuilder, Credentials, Transport};
use bytes::Bytes;
use futures_core::Stream as _;
use http_body::Body as _;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::Runtime;

use crate::aws_sigv4::sign_by_aws_sigv4;
use crate::mock_transport::MockTransport;

/// Our client over any transport, with its own runtime on the calling thread. It signs its requests.
pub struct Client<T> {
    runtime: Runtime,
    client: bedrock_stream_http::Client<T>,
}

impl Client<MockTransport> {
    /// A client without a network.
    #[must_use]
    pub fn in_process(pieces: Vec<Bytes>) -> Self {
        let config = config("http://127.0.0.1").build().expect("nothing is missing");
        Self::new(bedrock_stream_http::Client::with_transport(config, MockTransport::new(pieces)))
    }

    /// The same, signing with `aws-sigv4` instead.
    #[must_use]
    pub fn signed_by_aws_sigv4(pieces: Vec<Bytes>) -> Self {
        let config = Config::builder().region("us-east-1").endpoint_url("http://127.0.0.1").auth(Auth::None);
        let config = config.build().expect("nothing is missing");
        let transport = MockTransport::new(pieces).signed_by(sign_by_aws_sigv4);
        Self::new(bedrock_stream_http::Client::with_transport(config, transport))
    }
}

impl Client<bedrock_stream_hyper::Transport> {
    /// A client over hyper.
    #[must_use]
    pub fn hyper(url: &str) -> Self {
        Self::new(bedrock_stream_hyper::Client::new(built(url)).expect("no TLS is needed"))
    }
}

impl Client<bedrock_stream_hyper::Transport<HttpConnector>> {
    /// A client over hyper and HTTP/2 without TLS (prior knowledge), of whose streams so many share one connection.
    #[must_use]
    pub fn hyper_http2(url: &str, streams_per_connection: usize) -> Self {
        let config = config(url)
            .max_streams_per_connection(streams_per_connection)
            .build()
            .expect("nothing is missing");
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.http2_only(true).pool_timer(TokioTimer::new());
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let transport = bedrock_stream_hyper::Transport::new(&config, builder, connector);
        Self::new(bedrock_stream_http::Client::with_transport(config, transport))
    }
}

impl Client<bedrock_stream_reqwest::Transport> {
    /// A client over reqwest.
    #[must_use]
    pub fn reqwest(url: &str) -> Self {
        Self::new(bedrock_stream_reqwest::Client::new(built(url)).expect("no TLS is needed"))
    }
}

impl<T: Transport> Client<T> {
    fn new(client: bedrock_stream_http::Client<T>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { runtime: runtime.expect("a runtime can be created"), client }
    }

    /// Sends a request and reads the whole answer; returns the number of chunks.
    #[must_use]
    pub fn chunks(&self) -> usize {
        self.runtime.block_on(async {
            let mut stream = self.ask().await;
            let mut count = 0;
            while let Some(chunk) = stream.next().await {
                black_box(chunk.expect("a good stream"));
                count += 1;
            }
            count
        })
    }

    /// The same with chunks that borrow their text.
    #[must_use]
    pub fn lent_chunks(&self) -> usize {
        self.runtime.block_on(async {
            let mut stream = self.ask().await;
            let mut count = 0;
            let mut take = |chunk: ChunkRef<'_>| {
                black_box(&chunk);
                count += 1;
            };
            while let Some(read) = stream.for_each_ready(&mut take).await {
                read.expect("a good stream");
            }
            count
        })
    }

    /// Opens this many streams, and reads a chunk of each in turn until all have ended; returns the number of chunks.
    #[must_use]
    pub fn in_turn(&self, streams: usize) -> usize {
        self.runtime.block_on(async {
            let mut open = Vec::with_capacity(streams);
            for _ in 0..streams {
                open.push(self.ask().await);
            }
            let mut count = 0;
            let mut have_more = true;
            while have_more {
                have_more = false;
                for stream in &mut open {
                    if let Some(chunk) = stream.next().await {
                        black_box(chunk.expect("a good stream"));
                        count += 1;
                        have_more = true;
                    }
                }
            }
            count
        })
    }

    /// Sends a request, and reads and drops the body: the floor of a client. Returns the number of bytes.
    #[must_use]
    pub fn drop_body(&self) -> usize {
        self.runtime.block_on(async {
            let body = serde_json::to_vec(&request()).expect("a request is JSON");
            let response = self.client.converse_stream(MODEL, body).open().await;
            let mut body = pin!(response.unwrap_or_else(|error| panic!("{error}")).into_body());
            let mut count = 0;
            while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
                let frame = frame.unwrap_or_else(|error| panic!("{}", error.into()));
                count += frame.data_ref().map_or(0, bytes::Buf::remaining);
                black_box(frame);
            }
            count
        })
    }

    /// Opens this many streams, and reads from each until it is idle. They stay open until they are dropped.
    #[must_use]
    pub fn idle(&self, streams: usize) -> Vec<ChunkStream<T::Body>> {
        self.runtime.block_on(async {
            let mut idle = Vec::with_capacity(streams);
            for _ in 0..streams {
                let mut stream = self.ask().await;
                // Reads up to the first text delta, after which the server sends nothing.
                for _ in 0..3 {
                    stream.next().await.expect("three chunks").expect("a good stream");
                }
                poll_fn(|cx| {
                    let next = Pin::new(&mut stream).poll_next(cx);
                    assert!(next.is_pending(), "the stream is not idle: {next:?}");
                    Poll::Ready(())
                })
                .await;
                idle.push(stream);
            }
            idle
        })
    }

    /// Reads streams to their ends; returns the errors of those that are not whole.
    #[must_use]
    pub fn errors(&self, streams: Vec<ChunkStream<T::Body>>) -> Vec<String> {
        self.runtime.block_on(async {
            let mut errors = Vec::new();
            for stream in streams {
                errors.extend(stream.collect().await.err().map(|error| error.to_string()));
            }
            errors
        })
    }

    async fn ask(&self) -> ChunkStream<T::Body> {
        self.client.converse_stream(MODEL, &request()).await.unwrap_or_else(|error| panic!("{error}"))
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

pub(crate) fn config(url: &str) -> ConfigBuilder {
    let config = Config::builder().region("us-east-1").endpoint_url(url);
    config.credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI"))
}

fn built(url: &str) -> Config {
    config(url).build().expect("nothing is missing")
}

fn request() -> Request {
    Request::new().user("Why is the sky blue?")
}

const MODEL: &str = "us.amazon.nova-lite-v1:0";
