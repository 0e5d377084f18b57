//! A response body as a stream of chunks or messages.

pub(crate) mod body_reader;
pub(crate) mod chunk_stream;
pub(crate) mod collect_error;
pub(crate) mod collector;
pub(crate) mod drain;
mod find_error;
pub(crate) mod for_each_ready;
pub(crate) mod message_stream;
pub(crate) mod peeked;
pub(crate) mod received;
pub(crate) mod stats_recorder;
pub(crate) mod stream_body;
pub(crate) mod stream_stats;
pub(crate) mod text_stream;
