//! A client over any transport: operations, requests, retries and connections. An operation has three parts: its
//! definition (`bedrock_operations`), the client's method for it (`client`, `whole_answers`, `dialect_streams`), and
//! its `request_builder`, which starts a `call` with all of its attempts.

pub(crate) mod answer;
pub(crate) mod bedrock_operations;
pub(crate) mod box_transport;
pub(crate) mod call;
pub(crate) mod client;
#[cfg(feature = "dialects")]
pub(crate) mod dialect_streams;
pub(crate) mod header;
pub(crate) mod into_body;
pub(crate) mod invoke_headers;
pub(crate) mod json_response;
pub(crate) mod media_type;
pub(crate) mod operation;
#[cfg(feature = "pool")]
pub(crate) mod pool;
#[cfg(feature = "pool")]
pub(crate) mod request_body;
pub(crate) mod request_builder;
pub(crate) mod response;
#[cfg(feature = "pool")]
pub(crate) mod response_body;
pub(crate) mod retry;
pub(crate) mod route;
pub(crate) mod stream_options;
#[cfg(feature = "pool")]
pub(crate) mod streams;
pub(crate) mod transport;
pub(crate) mod whole_answers;
