use bedrock_stream_http::ResponseBody;
use bedrock_stream_http::converse::ChunkDecoder;

use crate::transport::Transport;

/// A client of Bedrock's runtime over reqwest. Cheap to clone; clones share their connections.
///
/// [`Client::new`] and [`Client::from_env`] build a `reqwest::Client` with rustls, HTTP/1.1 and HTTP/2, with proxies
/// from the environment, and without redirects; [`Client::with_http_client`] takes your own.
///
/// [`Client::new`]: bedrock_stream_http::Client::new
/// [`Client::from_env`]: bedrock_stream_http::Client::from_env
/// [`Client::with_http_client`]: bedrock_stream_http::Client::with_http_client
pub type Client = bedrock_stream_http::Client<Transport>;
/// The chunks of one answer, decoded by the decoder of its dialect.
pub type ChunkStream<D = ChunkDecoder> = bedrock_stream_http::ChunkStream<ResponseBody<reqwest::Body>, D>;
/// The messages of one event stream.
pub type MessageStream = bedrock_stream_http::MessageStream<ResponseBody<reqwest::Body>>;
