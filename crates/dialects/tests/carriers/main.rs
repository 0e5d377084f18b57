//! Both carriers of payloads: event streams and server-sent events.

mod allocations;
mod bad_input;
mod chat_ending;
mod layer_below;
mod pieces;
mod properties;
mod reading;
mod recordings;
mod tails;
mod wire;
