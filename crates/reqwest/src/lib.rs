//! Amazon Bedrock's ConverseStream over [`reqwest`]: a [`Client`] whose answers are streams of chunks.
//!
//! ```no_run
//! use bedrock_stream_reqwest::converse::{Chunk, Request};
//! use bedrock_stream_reqwest::{Client, Error};
//!
//! # async fn run() -> Result<(), Error> {
//! let client = Client::from_env()?;
//! let request = Request::new().user("Why is the sky blue?");
//! let mut chunks = client.converse_stream("us.amazon.nova-lite-v1:0", &request).await?;
//! while let Some(chunk) = chunks.next().await {
//!     if let Chunk::Text { text, .. } = chunk? {
//!         print!("{text}");
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! TLS is rustls with ring. Certificates are judged by the operating system's own store, by way of
//! `rustls-platform-verifier`: so the authority of a company's proxy is known, and it is a part of every reqwest with
//! rustls anyway. For anything else, [`Client::with_http_client`] takes a `reqwest::Client` made elsewhere.

mod client;
mod transport;

pub use bedrock_stream_http::*;
pub use client::{ChunkStream, Client, MessageStream};
pub use transport::Transport;
