//! `MessageStream` and `ChunkStream` over bodies of every kind, without a socket.

mod body;
mod chunks;
mod decoders;
mod events;
mod frames;
mod messages;
mod tails;
mod times;
