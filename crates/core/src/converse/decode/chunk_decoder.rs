use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::chunker::Chunker;
use crate::answer::{Chunk, ChunkRef, Done, Error, Tail};
use crate::converse::event::{DeltaRef, Event, PlainDelta, TextDelta, TextDeltaKind, scan_delta};
use crate::frame::{self, Decoder, Limits, Message};

/// Bytes in, chunks out: a [`Decoder`], [`Event::decode`] and a [`Chunker`] in one.
///
/// To use it, [`push`](Self::push) the bytes that arrived and call [`next_chunk`](Self::next_chunk) until it returns
/// `None`; when the stream ends, call [`finish`](Self::finish) until it returns `None`. [`next_from`](Self::next_from)
/// does the same without copying messages that are complete in the caller's slice.
///
/// If an error [is final](Error::is_final), every later call returns it again. After any other error, continue as
/// before.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_core::converse::{ChunkDecoder, Event, EventEncoder};
///
/// let mut encoder = EventEncoder::new();
/// let mut bytes = Vec::new();
/// for event in [
///     r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Hello"}}}"#,
///     r#"{"messageStop":{"stopReason":"end_turn"}}"#,
/// ] {
///     encoder.encode(&serde_json::from_str::<Event>(event)?, &mut bytes)?;
/// }
///
/// let mut decoder = ChunkDecoder::new();
/// let mut text = String::new();
/// for piece in bytes.chunks(7) {
///     decoder.push(piece);
///     while let Some(chunk) = decoder.next_chunk()? {
///         text.push_str(chunk.as_text().unwrap_or_default());
///     }
/// }
/// assert!(matches!(decoder.finish()?, Some(Chunk::Done(_))), "the answer is complete");
/// assert_eq!(text, "Hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ChunkDecoder {
    decoder: Decoder,
    chunker: Chunker,
    /// Whether the last message had the headers of a delta; a message that repeats them is one, too.
    is_delta: bool,
    /// The block of a delta whose chunk was returned without the queue, while only such deltas have followed: the queue is
    /// empty, the answer goes on and the block takes text, so none of that has to be asked for each message.
    text_block: Option<u32>,
    /// Begins with the last short text that had escapes; reused.
    unescaped: Vec<u8>,
}

impl ChunkDecoder {
    /// A decoder for a new answer, with the default [`Limits`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder for a new answer, with the caller's limits.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            decoder: Decoder::with_limits(limits),
            chunker: Chunker::with_limits(limits),
            ..Self::default()
        }
    }

    /// Adds the stream's next bytes to the decoder's own buffer. Once the answer is complete, or has failed, they are
    /// dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.chunker.is_done() && self.chunker.failure().is_none() {
            self.decoder.push(bytes);
        }
    }

    /// Returns the next chunk of the bytes that were pushed. `None`: push more, or the answer is complete.
    ///
    /// # Errors
    ///
    /// Every [`Error`] except [`Error::Incomplete`].
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        self.next_from(&mut &[][..])
    }

    /// Decodes the next chunk from the front of `input`, the stream's next bytes, and advances `input` past the bytes
    /// that were used. `None`: all of `input` was used.
    ///
    /// # Errors
    ///
    /// Every [`Error`] except [`Error::Incomplete`].
    pub fn next_from(&mut self, input: &mut &[u8]) -> Result<Option<Chunk>, Error> {
        self.next_inspect(input, |_| {})
    }

    /// Like [`next_from`](Self::next_from), but first passes each message to `inspect`, before its chunks are returned:
    /// for a proxy that forwards the exact bytes.
    ///
    /// # Errors
    ///
    /// Every [`Error`] except [`Error::Incomplete`].
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime")]
    pub fn next_inspect(
        &mut self,
        input: &mut &[u8],
        inspect: impl FnMut(&Message<'_>),
    ) -> Result<Option<Chunk>, Error> {
        self.next(input, inspect, |chunk| chunk.into_chunk())
    }

    /// Like [`next_from`](Self::next_from), but passes the chunk to `take` and returns what that returns. A piece of text
    /// is borrowed, so that a program that only writes it on needs no allocation for it; see
    /// [`Decode::next_with`](crate::answer::Decode::next_with).
    ///
    /// # Errors
    ///
    /// Every [`Error`] except [`Error::Incomplete`].
    #[inline]
    pub fn next_with<R>(
        &mut self,
        input: &mut &[u8],
        take: impl FnOnce(ChunkRef<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.next(input, |_| {}, take)
    }

    #[inline]
    fn next<R>(
        &mut self,
        input: &mut &[u8],
        mut inspect: impl FnMut(&Message<'_>),
        take: impl FnOnce(ChunkRef<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        loop {
            if self.text_block.is_none() {
                if let Some(chunk) = self.chunker.next_chunk() {
                    return Ok(Some(take(ChunkRef::Owned(chunk))));
                }
                if self.chunker.is_done() {
                    *input = &[];
                    return Ok(None);
                }
                if let Some(error) = self.chunker.failure() {
                    return Err(error.clone());
                }
            }
            let message = match self.decoder.next_from(input) {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(None),
                Err(error) if self.chunker.is_stopped() => {
                    let chunk = self.chunker.finish_broken(error.into());
                    return Ok(chunk.map(|chunk| take(ChunkRef::Owned(chunk))));
                }
                Err(error) => return Err(error.into()),
            };
            inspect(&message);
            if !message.repeats_headers() {
                self.is_delta = Event::has_delta_headers(&message);
            }
            if message.ends_buffer() && self.is_delta {
                let payload = message.payload();
                let payload_len = payload.len();
                let long = if payload_len < MIN_KEPT_LEN { None } else { PlainDelta::find(payload) };
                if let Some(delta) = long {
                    let delta = self.take_delta(payload_len, delta);
                    match self.apply_delta(delta)? {
                        Some(chunk) => return Ok(Some(take(ChunkRef::Owned(chunk)))),
                        None => continue,
                    }
                }
            }
            if let (Some(text_block), true) = (self.text_block, self.is_delta) {
                let delta = DeltaRef::scan(message.payload(), &mut self.unescaped);
                if let Some(chunk) = delta.and_then(|delta| lent_chunk(delta, text_block, &mut self.chunker))
                {
                    return Ok(Some(take(chunk)));
                }
            }
            self.text_block = None;
            let delta = if self.is_delta { scan_delta(message.payload()) } else { None };
            if let Some(delta) = delta {
                match self.apply_delta(delta)? {
                    Some(chunk) => return Ok(Some(take(ChunkRef::Owned(chunk)))),
                    None => continue,
                }
            }
            match Event::decode_other(&message) {
                Ok(event) => self.chunker.apply(event)?,
                Err(skipped) => {
                    self.chunker.skip(&skipped);
                    return Err(skipped.into());
                }
            }
        }
    }

    /// A delta in the last message's payload, as a text that keeps the message's buffer.
    fn take_delta(&mut self, payload_len: usize, delta: PlainDelta) -> TextDelta {
        let PlainDelta { block, kind, text } = delta;
        let text = self.decoder.take_payload_part(payload_len, text);
        // It is UTF-8, so the bytes become the text as they are.
        let text = String::from_utf8(text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        TextDelta { block, kind, text }
    }

    /// The chunk of a delta, unless it is queued.
    #[inline]
    fn apply_delta(&mut self, delta: TextDelta) -> Result<Option<Chunk>, Error> {
        let block = delta.block;
        self.text_block = None;
        let chunk = self.chunker.apply_text_delta(delta)?;
        if chunk.is_some() {
            self.text_block = Some(block);
        }
        Ok(chunk)
    }

    /// Call this when the stream has ended. Returns the remaining chunks, [`Chunk::Done`] last, and then `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] if the answer is not proven complete; otherwise the same errors as
    /// [`next_chunk`](Self::next_chunk).
    pub fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(chunk) = self.next_chunk()? {
            return Ok(Some(chunk));
        }
        if self.chunker.is_done() {
            return Ok(None);
        }
        self.text_block = None;
        match self.decoder.finish() {
            Ok(()) => self.chunker.finish(),
            Err(error) if self.chunker.is_stopped() => Ok(self.chunker.finish_broken(error.into())),
            Err(error @ frame::Error::Truncated { .. }) => Err(self.chunker.finish_truncated(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// Call this when the stream broke; `tail` describes the failed connection or the timeout. If the answer [is
    /// stopped](Self::is_stopped), this returns the remaining chunks, [`Chunk::Done`] last, and then `None`. For any
    /// other answer it returns `None`, and the caller should report its own error.
    pub fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        self.chunker.finish_broken(tail)
    }

    /// Whether the answer is over: [`Chunk::Done`] was returned, or is the last of the remaining chunks.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.chunker.is_done()
    }

    /// Whether the answer is proven complete while its usage is still to come: after `messageStop`, before
    /// [`Chunk::Done`].
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.chunker.is_stopped()
    }

    /// What the stream has reported so far about how the answer ends; see [`Chunker::ending`].
    #[must_use]
    pub fn ending(&self) -> Done {
        self.chunker.ending()
    }

    /// The capacity of the message buffer, in bytes.
    #[must_use]
    pub fn buffer_capacity(&self) -> usize {
        self.decoder.buffer_capacity()
    }
}

/// The chunk of a delta while `text_block` takes text. `None`: nothing was changed, and the chunker must decide.
#[inline]
fn lent_chunk<'a>(delta: DeltaRef<'a>, text_block: u32, chunker: &'a mut Chunker) -> Option<ChunkRef<'a>> {
    let DeltaRef { block, kind, text } = delta;
    match kind {
        _ if text.is_empty() => None,
        TextDeltaKind::ToolInput => {
            let id = chunker.add_arguments(block, text)?;
            Some(ChunkRef::ToolCallDelta { block, id, arguments_delta: text })
        }
        _ if block != text_block => None,
        TextDeltaKind::Text => Some(ChunkRef::Text { block, text }),
        TextDeltaKind::Reasoning => Some(ChunkRef::Reasoning { block, text }),
    }
}

/// The shortest payload, in bytes, whose text keeps the buffer that it arrived in. A read usually ends inside a message,
/// which is then completed in the decoder's buffer; as long as messages are short, they take turns in one buffer, which
/// must not be given away each time. For a long message, a new buffer costs less than a second copy.
const MIN_KEPT_LEN: usize = 64 << 10;

crate::impl_decode!(
    ChunkDecoder,
    message => message.as_bytes(),
    fn dialect_name(&self) -> Option<&'static str> {
        Some("converse")
    }

    fn raw_stop_reason(&self) -> Option<Cow<'_, str>> {
        None
    }
);

#[cfg(test)]
#[allow(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime")]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::ChunkDecoder;
    use crate::answer::{Chunk, Decode as _, Error};
    use crate::converse::{Chunker, Event};
    use crate::frame::{Header, Message, encode};

    fn message(name: &str, payload: &str) -> Vec<u8> {
        let headers = [
            Header::string(":event-type", name),
            Header::string(":content-type", "application/json"),
            Header::string(":message-type", "event"),
        ];
        let mut bytes = Vec::new();
        encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
        bytes
    }

    /// Every chunk and error of the reads by `next`, which decodes from a read's front, and of the stream's end. Nothing
    /// may come after that.
    fn read_all(
        reads: &[&[u8]],
        mut next: impl FnMut(&mut ChunkDecoder, &mut &[u8]) -> Result<Option<Chunk>, Error>,
    ) -> Vec<String> {
        let mut decoder = ChunkDecoder::new();
        let mut given = Vec::new();
        for read in reads {
            let mut input = *read;
            loop {
                let item = next(&mut decoder, &mut input);
                assert_eq!(decoder.raw_stop_reason().as_deref(), decoder.ending().raw_stop_reason.as_deref());
                match item {
                    Ok(Some(chunk)) => given.push(format!("{chunk:?}")),
                    Ok(None) => break,
                    Err(error) => given.push(format!("{error:?}")),
                }
            }
        }
        while let Ok(Some(chunk)) = decoder.finish() {
            given.push(format!("{chunk:?}"));
        }
        let verdict = decoder.finish();
        let late = message("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"late"}}"#);
        decoder.push(&late);
        assert_eq!(next(&mut decoder, &mut &late[..]), verdict, "the verdict is final");
        given
    }

    /// Every chunk and error of the messages, in order, without the scan and always through the queue.
    fn general_path(messages: &[Vec<u8>]) -> Vec<String> {
        let mut chunker = Chunker::new();
        let mut given = Vec::new();
        for bytes in messages {
            let (message, _) = Message::parse(bytes).unwrap().unwrap();
            if let Err(error) = chunker.apply(Event::parse(&message).unwrap()) {
                given.push(format!("{error:?}"));
            }
            while let Some(chunk) = chunker.next_chunk() {
                given.push(format!("{chunk:?}"));
            }
        }
        while let Ok(Some(chunk)) = chunker.finish() {
            given.push(format!("{chunk:?}"));
        }
        given
    }

    fn event() -> impl Strategy<Value = Vec<u8>> {
        let delta = prop_oneof![
            TEXT.prop_map(|text| format!(r#"{{"text":"{text}"}}"#)),
            TEXT.prop_map(|text| format!(r#"{{"toolUse":{{"input":"{text}"}}}}"#)),
            TEXT.prop_map(|text| format!(r#"{{"reasoningContent":{{"text":"{text}"}}}}"#)),
        ];
        let start = prop_oneof![
            Just(r#"{"toolUse":{"toolUseId":"t","name":"n"}}"#),
            Just(r#"{"toolUse":{"toolUseId":"t"}}"#),
            Just(r#"{"toolResult":{"toolUseId":"r"}}"#),
            Just("{}"),
        ];
        let of = |name: &'static str| {
            move |(index, member): (u32, String)| {
                message(name, &format!(r#"{{"contentBlockIndex":{index}{member}}}"#))
            }
        };
        let delta = delta.prop_map(|delta| format!(r#","delta":{delta}"#));
        let start = start.prop_map(|start| format!(r#","start":{start}"#));
        prop_oneof![
            6 => (0..3_u32, delta).prop_map(of("contentBlockDelta")),
            2 => (0..3_u32, start).prop_map(of("contentBlockStart")),
            1 => (0..3_u32, Just(String::new())).prop_map(of("contentBlockStop")),
            1 => Just(message("messageStop", r#"{"stopReason":"tool_use"}"#)),
        ]
    }

    proptest! {
        #[test]
        fn the_fast_path_and_the_general_path_agree(
            messages in prop::collection::vec(event(), 0..24),
            read in 1..400_usize,
        ) {
            let expected = general_path(&messages);
            let stream = messages.concat();
            let reads: Vec<&[u8]> = stream.chunks(read).collect();
            prop_assert_eq!(&read_all(&[&stream], ChunkDecoder::next_from), &expected);
            prop_assert_eq!(&read_all(&reads, ChunkDecoder::next_from), &expected);
            let pushed = |decoder: &mut ChunkDecoder, input: &mut &[u8]| {
                decoder.push(core::mem::take(input));
                decoder.next_chunk()
            };
            prop_assert_eq!(&read_all(&reads, pushed), &expected);
            let lent = |decoder: &mut ChunkDecoder, input: &mut &[u8]| {
                decoder.next_with(input, |chunk| chunk.into_chunk())
            };
            prop_assert_eq!(&read_all(&[&stream], lent), &expected);
            prop_assert_eq!(&read_all(&reads, lent), &expected);
        }
    }

    /// Texts of deltas, empty ones and escapes included.
    const TEXT: &str = r#"([a-zé]|\\["\\n]|\\u00e9){0,3}"#;
}
