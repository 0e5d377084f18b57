//! Converts a [`converse::Request`](bedrock_stream_core::converse::Request) into the body of a request in another dialect, if
//! nothing is lost: a member that the dialect cannot express is an error that names it.
//!
//! [`messages_body`], [`chat_body`] and [`responses_body`] each write the body of one dialect. A member that this version does not
//! know is an error as well.
//!
//! ```
//! use bedrock_stream_core::converse::Request;
//! use bedrock_stream_dialects::request_body::{Destination, messages_body};
//!
//! let request = Request::new().system("Be brief.").user("Why is the sky blue?").max_tokens(200);
//! let body = messages_body(&request, Destination::Operation { model: "anthropic.claude-haiku-4-5", stream: true })?;
//! assert_eq!(
//!     body.as_str(),
//!     r#"{"model":"anthropic.claude-haiku-4-5","stream":true,"max_tokens":200,"system":"Be brief.","messages":[{"role":"user","content":"Why is the sky blue?"}]}"#
//! );
//! let error = messages_body(&request.top_p(0.5).request_metadata("team", "a"), Destination::Invoke).unwrap_err();
//! assert_eq!(error.field, "requestMetadata");
//! # Ok::<(), bedrock_stream_dialects::request_body::RequestBodyError>(())
//! ```

// `messages`, `chat` and `responses` take the members out of the request's own JSON (`members`), and whatever remains is an
// error. `media` reads images and documents; `openai` has what the two dialects of OpenAI share.

mod body;
mod chat;
mod destination;
mod error;
mod media;
mod members;
mod messages;
mod openai;
mod responses;

pub use chat::chat_body;
pub use destination::Destination;
pub use error::{RequestBodyError, RequestBodyErrorReason};
pub use messages::messages_body;
pub use responses::responses_body;
