//! The HTTP server, on a thread of its own.

mod answering;
mod body;
mod builder;
mod conditional_reply;
mod connection;
mod distinct_log;
mod fake_bedrock;
mod http_version;
mod listener;
mod options;
mod recordings;
mod request_body;
mod requests;
pub(crate) mod route;
mod script;
mod sent_response;
mod service;
mod start_error;
#[cfg(feature = "tls")]
mod tls;

pub use self::builder::Builder;
pub use self::fake_bedrock::FakeBedrock;
pub use self::recordings::RecordingsError;
pub use self::requests::ReceivedRequest;
pub use self::route::Operation;
pub use self::sent_response::SentResponse;
pub use self::start_error::StartError;
