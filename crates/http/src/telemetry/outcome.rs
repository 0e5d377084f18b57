use crate::error::error::Error;

/// How an operation ended.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(any(feature = "metrics", feature = "tracing")),
    expect(dead_code, reason = "nobody reads it without a feature")
)]
pub(crate) enum Outcome<'a> {
    /// With everything that was asked for.
    Complete,
    /// With this error, after which there is no other attempt.
    Failed(&'a Error),
    /// The caller dropped it before its end.
    Cancelled,
}
