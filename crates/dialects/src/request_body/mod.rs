//! A [`converse::Request`](bedrock_stream_core::converse::Request) as the body of a request in another dialect, where that loses
//! nothing: whatever the dialect has no place for is an error that names it.
//!
//! `messages`, `chat` and `responses` each write one dialect's body. They take the members of the request's own JSON one after
//! another (`members`), so that what is left, also what this version does not know, is found; `media` has what images and
//! documents share.
//!
//! ```
//! use bedrock_stream_core::converse::Request;
//! use bedrock_stream_dialects::request_body::{SentTo, messages_body};
//!
//! let request = Request::new().system("Be brief.").user("Why is the sky blue?").max_tokens(200);
//! let body = messages_body(&request, SentTo::Operation { model: "anthropic.claude-haiku-4-5", stream: true })?;
//! assert_eq!(
//!     body.as_str(),
//!     r#"{"model":"anthropic.claude-haiku-4-5","stream":true,"max_tokens":200,"system":"Be brief.","messages":[{"role":"user","content":"Why is the sky blue?"}]}"#
//! );
//! let error = messages_body(&request.top_p(0.5).request_metadata("team", "a"), SentTo::Invoke).unwrap_err();
//! assert_eq!(error.field, "requestMetadata");
//! # Ok::<(), bedrock_stream_dialects::request_body::NotCarried>(())
//! ```

mod body;
mod chat;
mod error;
mod media;
mod members;
mod messages;
mod openai;
mod responses;
mod sent_to;

pub use chat::chat_body;
pub use error::{NotCarried, NotCarriedReason};
pub use messages::messages_body;
pub use responses::responses_body;
pub use sent_to::SentTo;
