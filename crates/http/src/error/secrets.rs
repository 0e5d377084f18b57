use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use bedrock_stream_core::answer;
use bedrock_stream_core::answer::SkippedEvent;
use bedrock_stream_core::frame;
use http::HeaderMap;
#[cfg(feature = "sigv4")]
use http::header::AUTHORIZATION;

use crate::auth::BearerToken;
#[cfg(feature = "sigv4")]
use crate::auth::Credentials;
use crate::error::cause::{BoxError, Cause};
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::error::mask::mask;
use crate::error::redacted_error::RedactedError;
use crate::error::request_id::request_id;

/// The credentials that a request was sent with, to be redacted in what the server returns. Every text from a server is
/// redacted before it becomes part of an error. Carried as an extension of the request and its response.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Option<Arc<SentCredential>>);

enum SentCredential {
    Bearer(BearerToken),
    /// Only the signature, valid for minutes, and the session token, valid for hours, are secret.
    #[cfg(feature = "sigv4")]
    SigV4 {
        credentials: Credentials,
        signature: Box<str>,
    },
}

impl Secrets {
    pub(crate) fn bearer(token: &BearerToken) -> Self {
        Self(Some(Arc::new(SentCredential::Bearer(token.clone()))))
    }

    /// The secrets of a request signed with these credentials.
    #[cfg(feature = "sigv4")]
    pub(crate) fn signed(credentials: &Credentials, headers: &HeaderMap) -> Self {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // It is the last parameter, in hexadecimal digits.
        let signature = header.rsplit_once('=').map_or(header, |(_, signature)| signature).into();
        Self(Some(Arc::new(SentCredential::SigV4 { credentials: credentials.clone(), signature })))
    }

    fn list(&self) -> Vec<&str> {
        match self.0.as_deref() {
            None => Vec::new(),
            Some(SentCredential::Bearer(token)) => vec![token.secret()],
            #[cfg(feature = "sigv4")]
            Some(SentCredential::SigV4 { credentials, signature }) => {
                credentials.session_token().into_iter().chain([&**signature]).collect()
            }
        }
    }

    /// The request id of a response. Read for successful responses too, so the usual case is fast: an id of AWS's usual form
    /// contains no escapes.
    pub(crate) fn request_id<'a>(&self, headers: &'a HeaderMap) -> Option<Cow<'a, str>> {
        let id = request_id(headers)?;
        let is_usual = id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') && id.len() <= 36;
        let repeats = |secret: &&str| secret.contains(id) || id.contains(secret);
        if is_usual && !self.list().iter().any(repeats) {
            return Some(Cow::Borrowed(id));
        }
        Some(self.text(id))
    }

    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        mask(text, &self.list())
    }

    fn hide_in(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.text(text) {
            *text = masked;
        }
    }

    fn hide_in_bytes(&self, bytes: &mut Vec<u8>) {
        if let Cow::Owned(masked) = self.text(&String::from_utf8_lossy(bytes)) {
            *bytes = masked.into_bytes();
        }
    }

    fn hide_in_all<'a>(&self, texts: impl IntoIterator<Item = &'a mut String>) {
        texts.into_iter().for_each(|text| self.hide_in(text));
    }

    /// Redacts secrets that the server echoed into an error, its causes included.
    pub(crate) fn hide(&self, mut error: Error) -> Error {
        let (detail, request_id) = error.parts_mut();
        self.hide_in_id(request_id);
        match detail {
            ErrorDetail::Refusal(refusal) => {
                let refusal = &mut **refusal;
                self.hide_in(&mut refusal.message);
                self.hide_in_all(
                    [&mut refusal.code, &mut refusal.location, &mut refusal.request_id].into_iter().flatten(),
                );
                if let Cow::Owned(masked) = self.text(&String::from_utf8_lossy(&refusal.body)) {
                    refusal.body = masked.into();
                }
            }
            ErrorDetail::UnexpectedBody(body) => {
                let body = &mut **body;
                self.hide_in(&mut body.excerpt);
                let texts =
                    [&mut body.content_type, &mut body.content_encoding, &mut body.code, &mut body.message];
                self.hide_in_all(texts.into_iter().flatten());
            }
            ErrorDetail::Connection { error, .. } | ErrorDetail::Body { error, .. } => {
                self.hide_in_cause(error.cause_mut());
            }
            ErrorDetail::Response(cause) => self.hide_in(cause),
            ErrorDetail::Stream(error) => self.hide_in_stream_error(error),
            ErrorDetail::Frame(error) => self.hide_in_frame_error(error),
            // The others contain no text from a server.
            _ => {}
        }
        error
    }

    fn hide_in_id(&self, id: &mut Option<Arc<str>>) {
        if let Some(Cow::Owned(masked)) = id.as_deref().map(|id| self.text(id)) {
            *id = Some(masked.into());
        }
    }

    fn hide_in_cause(&self, cause: &mut Cause) {
        let Some(told) = RedactedError::new(&**cause, |text| self.text(text)) else { return };
        // So that it is still recognized as a failed handshake.
        let told: BoxError = if cause.is_failed_handshake() {
            io::Error::new(io::ErrorKind::InvalidData, told).into()
        } else {
            told.into()
        };
        *cause = told.into();
    }

    fn hide_in_frame_error(&self, error: &mut frame::Error) {
        if let frame::Error::PreludeChecksum { prelude, .. } | frame::Error::Length { prelude, .. } = error {
            if matches!(self.text(&String::from_utf8_lossy(prelude)), Cow::Owned(_)) {
                prelude.fill(b'*');
            }
        }
    }

    fn hide_in_stream_error(&self, error: &mut answer::Error) {
        match error {
            answer::Error::Exception(exception) => {
                self.hide_in(&mut exception.name);
                self.hide_in_all(
                    [&mut exception.message, &mut exception.original_message].into_iter().flatten(),
                );
                self.hide_in_bytes(&mut exception.payload);
            }
            answer::Error::UnmodeledError(message) => {
                self.hide_in_all([&mut message.code, &mut message.message].into_iter().flatten());
            }
            answer::Error::Skipped(SkippedEvent::Payload { event, reason, payload, .. }) => {
                self.hide_in_all([event, reason]);
                self.hide_in_bytes(payload);
            }
            answer::Error::Skipped(SkippedEvent::Unexpected { name, event, .. }) => {
                self.hide_in(name);
                // With a secret removed it may no longer be JSON, so it becomes a string.
                if let Cow::Owned(masked) = self.text(event.as_str()) {
                    *event = masked.into();
                }
            }
            answer::Error::Frame(error) => self.hide_in_frame_error(error),
            answer::Error::Incomplete(incomplete) => {
                if let answer::StreamPosition::InsideMessage(error) = &mut incomplete.position {
                    self.hide_in_frame_error(error);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::Secrets;
    use crate::auth::BearerToken;

    /// An id of AWS's usual form is not looked at any closer, unless a credential is of hexadecimal digits itself, as a signature is.
    #[test]
    fn a_request_id_that_is_part_of_a_secret_is_masked() {
        let secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let secrets = Secrets::bearer(&BearerToken::new(secret));
        let id_of = |id: &'static str| {
            HeaderMap::from_iter([("x-amzn-requestid".parse().unwrap(), HeaderValue::from_static(id))])
        };
        let headers = id_of(&secret[8..40]);
        assert_eq!(secrets.request_id(&headers).unwrap(), "***");
        let headers = id_of("e220a839-7b1d-4daf-ae78-9e6aa1b965f4");
        assert_eq!(secrets.request_id(&headers).unwrap(), "e220a839-7b1d-4daf-ae78-9e6aa1b965f4");
    }
}
