//! The responses that faults send instead of a stream.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue};

use super::Fault;
use crate::refusal::Refusal;

/// A response instead of a stream.
#[derive(Clone, Debug)]
pub(crate) enum Replacement {
    Refusal(Refusal),
    /// Status 200 and this body, without authentication.
    Body {
        content_type: &'static str,
        body: &'static [u8],
    },
    /// Nothing, forever, without authentication.
    NoResponse,
    /// A connection reset, without authentication.
    Reset,
}

impl Fault {
    pub(crate) fn replacement(self) -> Option<Replacement> {
        Some(match self {
            Self::Throttle => Replacement::Refusal(Refusal::throttled()),
            Self::Refuse { refusal, retry_after } => {
                let refusal = Refusal::of(refusal);
                Replacement::Refusal(match retry_after {
                    Some(seconds) => refusal.retry_after(seconds),
                    None => refusal,
                })
            }
            Self::Html => Replacement::Body { content_type: "text/html", body: PAGE },
            Self::Json => Replacement::Body { content_type: "application/json", body: JSON },
            Self::NoHead => Replacement::NoResponse,
            Self::NoResponse => Replacement::Reset,
            _ => return None,
        })
    }

    /// How long the response head is delayed.
    pub(crate) fn head_delay(self) -> Duration {
        match self {
            Self::SlowHead { millis } => Duration::from_millis(millis),
            _ => Duration::ZERO,
        }
    }
}

impl From<Refusal> for Replacement {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl Replacement {
    /// Whether it is sent without authentication.
    pub(crate) const fn is_for_everyone(&self) -> bool {
        !matches!(self, Self::Refusal(_))
    }
}

pub(crate) fn page(content_type: &'static str, body: &'static [u8]) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

pub(super) const PAGE: &[u8] =
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body><h1>Sign in to this \
network</h1></body></html>\n";
const JSON: &[u8] = br#"{"message":"This is not the stream that was asked for."}"#;
