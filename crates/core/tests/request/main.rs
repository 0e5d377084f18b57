//! The request: its JSON, its builders, and what Bedrock is known to refuse.

#![cfg(feature = "converse")]

mod build;
mod configs;
mod conversation;
mod images;
mod json;
mod lint;
mod recorded;
