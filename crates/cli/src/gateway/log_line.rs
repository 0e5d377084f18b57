use std::fmt;

use bedrock_stream_gateway::{Access, Verdict};
use http::{Method, StatusCode};

/// The line of a request in the log: docs/gateway.md explains its fields. `None` for a successful request of `/healthz` or `/metrics`:
/// load balancers and Prometheus send one every few seconds, and nothing else would be seen between them.
pub(super) fn log_line(access: &Access) -> Option<impl fmt::Display + '_> {
    let is_routine = matches!(&*access.path, "/healthz" | "/metrics")
        && matches!(access.method, Method::GET | Method::HEAD)
        && access.status == Some(StatusCode::OK)
        && access.verdict == Verdict::Answered;
    (!is_routine).then_some(access)
}
