//! What the benchmarks measure: our decoders, the peers they are compared with, and the floors that no decoder can
//! beat.
//!
//! The functions panic if a stream is damaged or a server cannot be reached. Neither happens: the corpora are valid, and the
//! servers are ours.

mod aws_sigv4;
mod client;
mod corpus;
mod dialect_corpus;
mod floor;
mod gateway;
mod http2_server;
mod mock_transport;
mod naive;
mod ours;
#[cfg(feature = "aws-sdk")]
mod sdk;
#[cfg(feature = "aws-sdk")]
mod sdk_mock_transport;
mod server;
mod smithy;
mod split;
mod typed_encoder;
mod typed_events;
mod typed_gateway;

pub use client::Client;
pub use corpus::Corpus;
pub use floor::{checksum_only, copied_checksum, copy_only};
pub use gateway::Gateway;
pub use http2_server::Http2Server;
pub use mock_transport::MockTransport;
pub use naive::{naive_chunks, naive_invoke};
pub use ours::{chunks, decoded, decoded_lent, encode, events, frames, frames_pushed, lent_chunks, respond};
#[cfg(feature = "aws-sdk")]
pub use sdk::Sdk;
pub use server::Server;
pub use smithy::smithy_frames;
pub use split::{READ, Split};
pub use typed_encoder::{Encoded, chunks_of, written};
pub use typed_events::{typed_chat, typed_messages, typed_responses};
pub use typed_gateway::typed_gateway;
