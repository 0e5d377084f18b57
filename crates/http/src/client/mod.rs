//! A client over any transport: operations, requests, retries and connections.

pub(crate) mod answer;
pub(crate) mod box_transport;
pub(crate) mod call;
pub(crate) mod client;
pub(crate) mod header;
pub(crate) mod into_body;
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
#[cfg(feature = "pool")]
pub(crate) mod streams;
pub(crate) mod transport;
