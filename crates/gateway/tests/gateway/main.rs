//! The gateway over real sockets, with a fake Bedrock behind it.

mod answers;
mod failures;
mod limits;
mod routes;
mod shutdown;
mod support;
