//! `MessageStream` and `ChunkStream` over bodies of every kind, without a socket.

mod body;
mod chunks;
mod decoders;
mod events;
mod frames;
mod lent;
mod messages;
#[cfg(feature = "dialects")]
mod sse_tails;
mod tails;
mod times;
