//! The gateway over real sockets, with a fake Bedrock behind it.

mod answers;
mod bad_input;
mod connections;
mod failures;
mod http2;
mod known_bugs;
mod limits;
mod native;
mod pass_through;
mod privacy;
mod routes;
mod shutdown;
mod support;
mod timeouts;
mod tls;
