//! A fake Amazon Bedrock for tests: a real HTTP server on a loopback port that answers ConverseStream, Invoke, Chat Completions,
//! Responses and Messages with real streams, checks real signatures, and injects faults.
//!
//! It needs no AWS account, and works with any client in any language.
//!
//! - [`FakeBedrock`] is the server: generated answers, scripted answers or recorded bodies, at any pace. It checks SigV4
//!   signatures and bearer tokens, refuses invalid requests, and keeps the requests for assertions.
//! - [`Answer`] builds a whole answer, starting with [`answer`]: as events, as bytes in pieces of any size, as a stream, or
//!   served. Single events are in [`event`](mod@event).
//! - [`Fault`] is something that goes wrong, with what a correct client must conclude from it: its [`Conclusion`].
//! - [`judge`] runs a client through all faults, and reports wrong conclusions.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//!
//! use bedrock_stream_core::frame::Decoder;
//! use bedrock_stream_testkit::FakeBedrock;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let bedrock = FakeBedrock::start().await?;
//!
//!     let body = r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}"#;
//!     let mut connection = TcpStream::connect(bedrock.addr())?;
//!     write!(
//!         connection,
//!         "POST /model/amazon.nova-lite-v1%3A0/converse-stream HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}",
//!         body.len()
//!     )?;
//!     let mut response = Vec::new();
//!     connection.read_to_end(&mut response)?;
//!
//!     let head = response.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a response has a head") + 4;
//!     let mut decoder = Decoder::new();
//!     decoder.push(&response[head..]);
//!     let message = decoder.next_message()?.expect("the answer has a first message");
//!     assert!(message.payload().starts_with(br#"{"role":"assistant","#));
//!     assert_eq!(bedrock.requests()[0].model_id.as_deref(), Some("amazon.nova-lite-v1:0"));
//!     Ok(())
//! }
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `tls` | `Builder::tls`: HTTPS, with a certificate from an authority of its own |

mod answer;
mod arrival_times;
mod auth;
mod byte_stream;
mod conclusion;
mod conversation;
mod dialect;
mod encoded_message;
pub mod event;
mod excerpt;
mod fault;
mod judge;
mod matcher;
mod recorded_body;
mod refusal;
mod refusal_kind;
mod reply;
mod rng;
mod server;
mod validation;

pub use crate::answer::{Answer, answer};
pub use crate::arrival_times::{ArrivalTimes, ParseTimesError};
pub use crate::auth::{Credentials, ParseCredentialsError};
pub use crate::byte_stream::ByteStream;
pub use crate::conclusion::{Conclusion, UnknownConclusion};
pub use crate::conversation::{Conversation, ToolResult};
pub use crate::event::Event;
pub use crate::fault::{End, EventType, ExceptionKind, Fault, InjectionPoint, SseDamage, UnknownFault};
pub use crate::judge::{Case, Judge, Report, Verdict, judge};
pub use crate::matcher::{ParseWhenError, RequestDialect, ResultMatch, TextMatch, TurnMatch, When};
pub use crate::refusal::Refusal;
pub use crate::refusal_kind::RefusalKind;
pub use crate::reply::Reply;
pub use crate::server::{
    Builder, FakeBedrock, Operation, ReceivedRequest, RecordingsError, SentResponse, StartError,
};
pub use crate::validation::InvalidRequest;
pub use bedrock_stream_core::converse::EncodeEventError;
