//! A fake Amazon Bedrock for tests: a real HTTP server on a loopback port that answers ConverseStream with real event
//! streams, checks real signatures, and lets go wrong what can go wrong.
//!
//! Nobody needs an account for it, and any client in any language can be pointed at its URL.
//!
//! - [`FakeBedrock`] is the server: answers built from the prompt or recorded bodies, paced, with SigV4 and bearer tokens
//!   checked, and the requests kept for assertions.
//! - [`Fault`] is what may go wrong, and what a correct client must conclude from it.
//! - [`Answer`] is a whole answer as events or as bytes, without a server.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//!
//! use bedrock_stream_core::frame::Decoder;
//! use bedrock_stream_testkit::FakeBedrock;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bedrock = FakeBedrock::start().await?;
//!
//! let body = r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}"#;
//! let mut connection = TcpStream::connect(bedrock.addr())?;
//! write!(
//!     connection,
//!     "POST /model/amazon.nova-lite-v1%3A0/converse-stream HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}",
//!     body.len()
//! )?;
//! let mut response = Vec::new();
//! connection.read_to_end(&mut response)?;
//!
//! let head = response.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a response has a head") + 4;
//! let mut decoder = Decoder::new();
//! decoder.push(&response[head..]);
//! let message = decoder.next_message()?.expect("the answer has a first message");
//! assert!(message.payload().ends_with(br#""role":"assistant"}"#));
//! assert_eq!(bedrock.requests()[0].model_id.as_deref(), Some("amazon.nova-lite-v1:0"));
//! # Ok(())
//! # }
//! ```

mod answer;
mod auth;
mod fault;
mod message;
mod recordings;
mod refusal;
mod rng;
mod server;

pub use crate::answer::{Answer, InvalidRequest};
pub use crate::auth::{Credentials, ParseCredentialsError};
pub use crate::fault::{Fault, UnknownFault};
pub use crate::message::Event;
pub use crate::recordings::RecordingsError;
pub use crate::server::{Builder, FakeBedrock, ReceivedRequest, StartError};
