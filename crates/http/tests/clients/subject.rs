use bedrock_stream_http::{Config, ConfigBuilder, Timer, Transport as HttpTransport, TransportError};
use bedrock_stream_testkit::{Builder, FakeBedrock};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::authority;

/// What is tested: one of the clients, with one protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) wire: Wire,
}

/// Which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Reqwest,
    Hyper,
}

/// Which protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// HTTP/1.1 in clear text, as with a client created from a configuration alone.
    Http1,
    /// HTTP/2 in clear text, with prior knowledge.
    Http2,
    TlsHttp1,
    TlsHttp2,
}

/// The clients of both crates: the client of `http` over their transports.
pub(crate) type Client = bedrock_stream_http::Client<Transport>;
/// The chunks of one answer, through either client.
pub(crate) type ChunkStream = bedrock_stream_http::ChunkStream<Body>;
type Body = UnsyncBoxBody<Bytes, BoxError>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;
type TlsConnector = hyper_rustls::HttpsConnector<HttpConnector>;

/// The transport of either crate.
#[derive(Clone, Debug)]
pub(crate) enum Transport {
    Reqwest(bedrock_stream_reqwest::Transport),
    Hyper(bedrock_stream_hyper::Transport),
    HyperTcp(bedrock_stream_hyper::Transport<HttpConnector>),
    HyperTls(bedrock_stream_hyper::Transport<TlsConnector>),
}

impl Subject {
    /// The client, which over TLS trusts only `authority`.
    pub(crate) fn client(self, builder: ConfigBuilder, authority: Option<&[u8]>) -> Client {
        let config = builder.build().unwrap();
        let transport = match (self.kind, self.wire) {
            (Kind::Reqwest, Wire::Http1) => {
                Transport::Reqwest(bedrock_stream_reqwest::Transport::try_from(&config).unwrap())
            }
            (Kind::Hyper, Wire::Http1) => {
                Transport::Hyper(bedrock_stream_hyper::Transport::try_from(&config).unwrap())
            }
            (Kind::Reqwest, _) => Transport::Reqwest(self.reqwest(&config, authority)),
            (Kind::Hyper, Wire::Http2) => {
                let mut builder = legacy::Client::builder(TokioExecutor::new());
                builder.pool_timer(TokioTimer::new()).http2_only(true);
                Transport::HyperTcp(bedrock_stream_hyper::Transport::new(&config, builder, tcp(&config)))
            }
            (Kind::Hyper, _) => Transport::HyperTls(self.hyper(&config, authority)),
        };
        Client::with_transport(config, transport)
    }

    fn reqwest(self, config: &Config, authority: Option<&[u8]>) -> bedrock_stream_reqwest::Transport {
        let mut tls = authority::trusting(authority);
        tls.alpn_protocols = vec![self.wire.alpn().to_vec()];
        let builder = move || {
            let builder = reqwest::Client::builder().tls_backend_preconfigured(tls.clone()).no_proxy();
            if self.wire == Wire::Http2 { builder.http2_prior_knowledge() } else { builder }
        };
        bedrock_stream_reqwest::Transport::new(config, builder).unwrap()
    }

    fn hyper(
        self,
        config: &Config,
        authority: Option<&[u8]>,
    ) -> bedrock_stream_hyper::Transport<TlsConnector> {
        let builder = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(authority::trusting(authority))
            .https_only();
        let mut tcp = tcp(config);
        tcp.enforce_http(false);
        let connector = if self.wire.is_http2() {
            builder.enable_http2().wrap_connector(tcp)
        } else {
            builder.enable_http1().wrap_connector(tcp)
        };
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new());
        bedrock_stream_hyper::Transport::new(config, builder, connector)
    }

    /// A fake Bedrock with this protocol, and a client for it.
    pub(crate) async fn bedrock(self, bedrock: Builder, config: ConfigBuilder) -> (FakeBedrock, Client) {
        let bedrock = if self.wire.is_tls() { bedrock.tls() } else { bedrock };
        let bedrock = bedrock.start().await.unwrap();
        let client = self.client(config.endpoint_url(bedrock.url()), bedrock.ca_der());
        (bedrock, client)
    }
}

impl Wire {
    pub(crate) const fn is_http2(self) -> bool {
        matches!(self, Self::Http2 | Self::TlsHttp2)
    }

    pub(crate) const fn is_tls(self) -> bool {
        matches!(self, Self::TlsHttp1 | Self::TlsHttp2)
    }

    pub(crate) const fn scheme(self) -> &'static str {
        if self.is_tls() { "https" } else { "http" }
    }

    pub(crate) const fn alpn(self) -> &'static [u8] {
        if self.is_http2() { b"h2" } else { b"http/1.1" }
    }
}

impl HttpTransport for Transport {
    type Body = Body;

    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, TransportError> {
        Ok(match self {
            Self::Reqwest(transport) => boxed(transport.send(request).await?),
            Self::Hyper(transport) => boxed(transport.send(request).await?),
            Self::HyperTcp(transport) => boxed(transport.send(request).await?),
            Self::HyperTls(transport) => boxed(transport.send(request).await?),
        })
    }

    fn timer(&self) -> Option<Timer> {
        match self {
            Self::Reqwest(transport) => transport.timer(),
            Self::Hyper(transport) => transport.timer(),
            Self::HyperTcp(transport) => transport.timer(),
            Self::HyperTls(transport) => transport.timer(),
        }
    }
}

fn boxed<B>(response: http::Response<B>) -> http::Response<Body>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    response.map(|body| body.map_err(Into::into).boxed_unsync())
}

fn tcp(config: &Config) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.set_connect_timeout(config.timeouts().connect);
    tcp
}
