//! Encodes chunks as an answer in another dialect: [`ChatEncoder`], [`ResponsesEncoder`] and [`MessagesEncoder`] write
//! the events that the official SDKs read, and the JSON of an answer that does not stream. [`ConverseEncoder`] does the
//! same for Converse, whose stream is an event stream. [`Encode`] is their common trait.
//!
//! Each chunk is written as soon as it arrives. The events that mark a complete answer are written only at
//! [`Chunk::Done`](bedrock_stream_core::answer::Chunk::Done), and only if the answer is complete. In all other cases
//! the stream ends with the dialect's own error event:
//!
//! - an error of the decoder or the transport, or a timeout;
//! - chunks that end without `Done`;
//! - an answer from which events were skipped;
//! - a tool call whose input is not usable, unless the answer was cut off according to its stop reason;
//! - a `malformed_*` stop reason.
//!
//! Content that a dialect cannot represent is left out and counted in [`LeftOutContent`]. This is what survives, and how it is
//! decoded again:
//!
//! | chunk | Chat Completions | Responses | Messages |
//! |---|---|---|---|
//! | text, tool calls, usage, stop reason | yes | yes | yes |
//! | block numbers | adjacent pieces of a kind are one block | an item a block | in order of opening, one open at a time |
//! | reasoning | yes | in the summary | yes |
//! | signature, redacted reasoning | in `reasoning_details` | in `encrypted_content`: [`EncryptedReasoning`] | yes |
//! | citation | of web pages, as an annotation | of web pages, as an annotation | yes |
//! | custom tool call | yes | yes | a call with the argument `input` |
//! | call or result of a tool that the service runs, image, unknown member | left out | left out | left out |
//!
//! If an answer has tool calls, its end of turn is written as the stop reason for tool calls, which clients check. If
//! the dialect has fewer stop reasons than Converse, the closest one is written. A guardrail's intervention and trace
//! are written as Bedrock writes them in these dialects (`amazon-bedrock-guardrailAction`, `amazon-bedrock-trace`)
//! besides the stop reason.
//!
//! In Converse everything survives except unknown members; a custom tool call becomes a call with the argument `input`.
//! A `malformed_*` stop reason is a word of Converse's own, and is written. A stream that ends in an error ends with the
//! exception that the service sent; if the error is not the service's, no event can tell it, and the stream ends before
//! `messageStop`.

mod blocks;
mod char_count;
mod chat;
mod chunk_view;
mod content;
mod converse;
mod encode;
mod encrypted_reasoning;
mod ending;
mod event;
mod failure;
mod head;
pub(crate) mod json_writer;
mod left_out;
mod messages;
mod responses;
mod source;
mod token_counts;

pub use chat::{ChatEncoder, ReasoningMember};
pub use converse::ConverseEncoder;
pub use encode::Encode;
pub use encrypted_reasoning::EncryptedReasoning;
pub use event::Event;
pub use failure::Failure;
pub use left_out::LeftOutContent;
pub use messages::MessagesEncoder;
pub use responses::ResponsesEncoder;
