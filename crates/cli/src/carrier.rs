use std::borrow::Cow;

use crate::dialect::From;

/// The transport format of an answer's payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// An event stream: binary messages with checksums.
    EventStream,
    /// Server-sent events: lines of text.
    ServerSentEvents,
}

impl Carrier {
    /// Detects the carrier from a stream's first bytes. `None`: more are needed.
    ///
    /// Server-sent events begin with an empty line, a comment or a field. Everything else is read as an event stream, so that an
    /// error page is reported as what it is.
    fn of(start: &[u8]) -> Option<Self> {
        let text = match start.strip_prefix(BOM) {
            Some(text) => text,
            None if BOM.starts_with(start) => return None,
            None => start,
        };
        match text.first() {
            None => return None,
            Some(b'\n' | b'\r' | b':') => return Some(Self::ServerSentEvents),
            Some(_) => {}
        }
        if FIELDS.iter().any(|field| text.starts_with(field)) {
            Some(Self::ServerSentEvents)
        } else if FIELDS.iter().any(|field| field.starts_with(text)) {
            None
        } else {
            Some(Self::EventStream)
        }
    }
}

/// Detects the carrier of a stream that arrives in pieces.
#[derive(Debug)]
pub(crate) struct CarrierDetector {
    carrier: Option<Carrier>,
    /// What arrived before the carrier was known.
    start: Vec<u8>,
}

impl CarrierDetector {
    /// The bytes only have to be examined for dialects with two carriers.
    pub(crate) const fn new(from: From) -> Self {
        let carrier = match from {
            From::Converse | From::Invoke | From::Agent => Some(Carrier::EventStream),
            From::Auto | From::Chat | From::Responses | From::Messages => None,
        };
        Self { carrier, start: Vec::new() }
    }

    /// The carrier, and the bytes that were not returned yet. `None`: more bytes are needed.
    pub(crate) fn feed<'b>(&mut self, bytes: &'b [u8]) -> Option<(Carrier, Cow<'b, [u8]>)> {
        if let Some(carrier) = self.carrier {
            return Some((carrier, Cow::Borrowed(bytes)));
        }
        let bytes = if self.start.is_empty() {
            Cow::Borrowed(bytes)
        } else {
            self.start.extend_from_slice(bytes);
            Cow::Owned(std::mem::take(&mut self.start))
        };
        self.carrier = Carrier::of(&bytes);
        if self.carrier.is_none() {
            self.start = bytes.into_owned();
            return None;
        }
        self.carrier.map(|carrier| (carrier, bytes))
    }

    /// The same at the end of the stream, where an undetermined carrier is taken for an event stream.
    pub(crate) fn finish(&mut self) -> (Carrier, Vec<u8>) {
        let carrier = *self.carrier.get_or_insert(Carrier::EventStream);
        (carrier, std::mem::take(&mut self.start))
    }
}

const BOM: &[u8] = "\u{feff}".as_bytes();
const FIELDS: [&[u8]; 4] = [b"data:", b"event:", b"id:", b"retry:"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_determine_the_carrier() {
        let sse = Some(Carrier::ServerSentEvents);
        let frames = Some(Carrier::EventStream);
        for (start, carrier) in [
            (&b""[..], None),
            (b"\xef\xbb", None),
            (b"\xef\xbb\xbf", None),
            (b"\xef\xbb\xbfdata:", sse),
            (b"\xef\xbb\xbf\r\n", sse),
            (b"\xef\xbb\xbf\xef\xbb\xbf", frames),
            (b"\n", sse),
            (b"\r", sse),
            (b": OPENROUTER", sse),
            (b"d", None),
            (b"data", None),
            (b"data:", sse),
            (b"database:", frames),
            (b"data :", frames),
            (b"event:x", sse),
            (b"id:", sse),
            (b"retry:1", sse),
            (b"\0\0\0\x9b", frames),
            (b"{\"message\":", frames),
            (b"<html>", frames),
            (b" data:", frames),
            (b"Data:", frames),
        ] {
            assert_eq!(Carrier::of(start), carrier, "{start:?}");
        }
    }

    #[test]
    fn no_bytes_are_lost_before_the_carrier_is_known() {
        let bytes = b"\xef\xbb\xbfretry: 1\n\n";
        let mut detector = CarrierDetector::new(From::Auto);
        let mut seen = Vec::new();
        for byte in bytes {
            if let Some((carrier, piece)) = detector.feed(&[*byte]) {
                assert_eq!(carrier, Carrier::ServerSentEvents);
                seen.extend_from_slice(&piece);
            }
        }
        assert_eq!(seen, bytes);
        let mut detector = CarrierDetector::new(From::Auto);
        assert!(detector.feed(b"dat").is_none());
        assert_eq!(detector.finish(), (Carrier::EventStream, b"dat".to_vec()));
        assert!(
            CarrierDetector::new(From::Converse)
                .feed(b"data: {}")
                .is_some_and(|(carrier, _)| carrier == Carrier::EventStream)
        );
    }
}
