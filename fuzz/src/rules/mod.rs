//! The rules of an answer (C1 to C7), written a second time: slow and plain, from the design and from what Bedrock
//! documents, and not from the code that they judge.
//!
//! The framer is trusted: what it makes of the bytes is where the rules begin.

mod answer;
mod block;
mod closing;
mod content;
mod envelope;
mod expected_json;
mod item;
mod json;
mod shape;
mod skipped_blocks;

pub(crate) use item::{Failure, Item};
pub(crate) use json::Json;

use bedrock_stream_core::frame::{Error, Message};

/// Everything that an answer must give: its chunks and errors, in order.
///
/// `end` is what the framer says of the end of the bytes: `Err` if they break off inside a message or are damaged.
pub(crate) fn items(messages: &[Message<'_>], end: Result<(), Error>) -> Vec<Item> {
    let mut answer = answer::Answer::default();
    for message in messages {
        answer.message(message);
    }
    answer.end(end)
}
