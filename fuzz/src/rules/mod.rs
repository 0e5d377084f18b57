//! The rules of an answer (C1 to C7), implemented a second time: slowly and simply, from the design and from the
//! documentation of Bedrock, not from the code under test.
//!
//! The framer is trusted: the rules start with its messages.

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
pub(crate) use json::{Json, Value};

use bedrock_stream_core::frame::{Error, Message};

/// Everything that an answer must yield: its chunks and errors, in order.
///
/// `end`: the result of the framer for the end of the bytes, `Err` if they end inside a message or are damaged.
pub(crate) fn items(messages: &[Message<'_>], end: Result<(), Error>) -> Vec<Item> {
    let mut answer = answer::Answer::default();
    for message in messages {
        answer.message(message);
    }
    answer.end(end)
}
