//! The fake Bedrock, called over real connections by a plain HTTP client.

mod answers;
mod auth;
mod faults;
mod life;
mod recordings;
mod refusals;
mod support;
