//! A gateway: an HTTP service that its clients call by OpenAI's Chat Completions and Responses, or by Anthropic's Messages, and
//! that asks Amazon Bedrock by `ConverseStream`.
//!
//! [`Gateway`] is a [`tower_service::Service`], generic over the body of its requests, so that it runs below any HTTP server and
//! beside other services; [`Server`] is the one to run it with, and has the limits that only a server can have. It keeps nothing
//! between two requests, so any number of gateways can stand behind a load balancer.
//!
//! | path | what it does |
//! |---|---|
//! | `POST /v1/chat/completions`, `/v1/responses`, `/v1/messages` | an answer in that dialect, streaming or whole |
//! | `POST /v1/messages/count_tokens` | `CountTokens` of Bedrock |
//! | `GET /v1/models` | the names of [`GatewayBuilder::alias`] |
//! | `POST /model/{id}/converse-stream`, `/model/{id}/invoke-with-response-stream` | passed on to Bedrock byte for byte |
//! | `GET /healthz`, `GET /metrics` | for load balancers, and for Prometheus |
//!
//! **An answer that is not proven complete never looks complete.** Its end is written when `Done` has come. An exception of Bedrock's
//! that comes before the first piece of content is an HTTP error with its status; one that comes later is the dialect's own error
//! event, after which nothing looks like an end.
//!
//! With [`GatewayBuilder::native`], a request goes to Bedrock's own endpoint of its dialect where Bedrock serves the model there; the
//! same holds for its answer.
//!
//! ```no_run
//! use bedrock_stream_gateway::{Gateway, Server};
//! use bedrock_stream_hyper::Client;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let gateway = Gateway::builder(Client::from_env()?)
//!         .alias("claude", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
//!         .build();
//!     let server = Server::bind(([127, 0, 0, 1], 8080).into(), gateway).await?;
//!     server.serve(std::future::pending()).await;
//!     Ok(())
//! }
//! ```

mod access;
mod activity;
mod alias;
mod answer_body;
mod answer_request;
mod answers;
mod api;
mod api_keys;
mod builder;
mod connection;
mod connection_timeouts;
mod count_tokens;
mod cut;
mod discard;
mod encoder;
mod foreign_page;
mod full_body;
mod gateway;
mod guardrail;
mod ids;
mod left_out;
mod log_value;
mod metrics;
mod models;
mod native;
mod native_body;
mod native_events;
mod native_models;
mod native_request;
mod opened;
mod pass_through;
mod pass_through_body;
mod problem;
mod progress;
mod progress_body;
mod raw_member;
mod read_body;
mod refused;
mod repeated_starts;
mod respond;
mod response_body;
mod restore;
mod route;
mod server;
mod service;
mod state;
mod stream_executor;
#[cfg(feature = "tls")]
mod tls;
mod torn;
mod unless;
mod uploads;
mod watch;
mod whole_verdict;
mod write_timeout_io;

pub use access::{Access, Verdict};
pub use alias::Alias;
pub use api_keys::ApiKeys;
pub use builder::GatewayBuilder;
pub use gateway::Gateway;
pub use response_body::ResponseBody;
pub use server::{BindError, Server};
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};
