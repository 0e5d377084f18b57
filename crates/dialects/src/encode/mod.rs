//! Chunks to the answer of another dialect: [`ChatEncoder`], [`ResponsesEncoder`] and [`MessagesEncoder`] write the events that
//! the official SDKs read, and the JSON of an answer that does not stream. [`Encode`] is what they share.
//!
//! Each chunk is written as soon as it comes. What reads as an end is written only at
//! [`Chunk::Done`](bedrock_stream_core::answer::Chunk::Done), and only if the answer is whole; anything else ends in the dialect's own
//! error event:
//!
//! - an error of the decoder, a transport or a timeout;
//! - chunks that stop without `Done`;
//! - an answer of which events were skipped;
//! - a tool call whose input is not usable, unless the stop reason says that the answer was cut;
//! - a `malformed_*` stop reason.
//!
//! What a dialect has no place for is left out and counted in [`LeftOut`]. What survives, and how it reads when it is decoded
//! again:
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
//! An end of turn with tool calls is written as the end of tool calls, since clients look at that; where the dialect's own words are
//! fewer than Converse's, the nearest is written. A guardrail's intervention and trace are written as Bedrock writes them in these
//! dialects (`amazon-bedrock-guardrailAction`, `amazon-bedrock-trace`) besides the stop reason.

mod blocks;
mod chat;
mod content;
mod encode;
mod encrypted_reasoning;
mod ending;
mod event;
mod failure;
mod head;
mod json_writer;
mod left_out;
mod messages;
mod responses;
mod source;
mod token_counts;

pub use chat::{ChatEncoder, ReasoningMember};
pub use encode::Encode;
pub use encrypted_reasoning::EncryptedReasoning;
pub use event::Event;
pub use failure::Failure;
pub use left_out::LeftOut;
pub use messages::MessagesEncoder;
pub use responses::ResponsesEncoder;
