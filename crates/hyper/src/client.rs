use bedrock_stream_http::ResponseBody;
use bedrock_stream_http::converse::ChunkDecoder;
use hyper::body::Incoming;

use crate::connector::HttpsConnector;
use crate::transport::Transport;

/// A client of Bedrock's runtime over hyper. Cheap to clone; clones share their connections.
///
/// [`Client::new`] and [`Client::from_env`] build an HTTP client with rustls, HTTP/1.1 and HTTP/2, and without proxies;
/// [`Client::with_http_client`] takes your own, over any connector.
///
/// [`Client::new`]: bedrock_stream_http::Client::new
/// [`Client::from_env`]: bedrock_stream_http::Client::from_env
/// [`Client::with_http_client`]: bedrock_stream_http::Client::with_http_client
pub type Client<C = HttpsConnector> = bedrock_stream_http::Client<Transport<C>>;
/// The chunks of one answer, decoded by the decoder of its dialect.
pub type ChunkStream<D = ChunkDecoder> = bedrock_stream_http::ChunkStream<ResponseBody<Incoming>, D>;
/// The messages of one event stream.
pub type MessageStream = bedrock_stream_http::MessageStream<ResponseBody<Incoming>>;
