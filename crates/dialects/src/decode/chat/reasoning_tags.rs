use alloc::borrow::Cow;
use core::mem;

use crate::decode::chunk_writer::ChunkWriter;

/// Separates reasoning from text in the content of gpt-oss, which puts reasoning between tags.
///
/// The opening tag counts only at the start of a delta's content. Everything from there to the closing tag is
/// reasoning, also in later deltas, and also if the closing tag never arrives. Either tag may be split across deltas.
/// Other tags, such as `<think>`, are text.
#[derive(Debug)]
pub(super) struct ReasoningTags {
    is_open: bool,
    /// How many bytes of the next tag were held back at the end of the last delta: of the closing tag inside reasoning,
    /// otherwise of the opening one.
    held: usize,
}

impl ReasoningTags {
    pub(super) const fn new() -> Self {
        Self { is_open: false, held: 0 }
    }

    /// Writes the content of the next delta.
    pub(super) fn read(&mut self, mut content: &str, chunks: &mut ChunkWriter) {
        if content.is_empty() {
            return;
        }
        if !self.is_open {
            if self.held > 0 && !agree(&OPENING[self.held..], content) {
                // The held-back bytes are text; the delta itself may begin with a tag.
                self.flush(chunks);
            }
            let tag = &OPENING[self.held..];
            if !agree(tag, content) {
                chunks.text(content);
                return;
            }
            if content.len() < tag.len() {
                self.held += content.len();
                return;
            }
            content = &content[tag.len()..];
            *self = Self { is_open: true, held: 0 };
        }
        let content = match mem::take(&mut self.held) {
            0 => Cow::Borrowed(content),
            held => Cow::Owned([&CLOSING[..held], content].concat()),
        };
        if let Some(end) = content.find(CLOSING) {
            self.is_open = false;
            chunks.reasoning(&content[..end]);
            chunks.text(&content[end + CLOSING.len()..]);
        } else {
            self.held = (1..CLOSING.len()).rev().find(|&len| content.ends_with(&CLOSING[..len])).unwrap_or(0);
            chunks.reasoning(&content[..content.len() - self.held]);
        }
    }

    /// Writes the bytes that were held back, since they are not a tag.
    pub(super) fn flush(&mut self, chunks: &mut ChunkWriter) {
        let held = mem::take(&mut self.held);
        if self.is_open {
            chunks.reasoning(&CLOSING[..held]);
        } else {
            chunks.text(&OPENING[..held]);
        }
    }
}

/// Whether one starts with the other.
fn agree(tag: &str, content: &str) -> bool {
    tag.starts_with(content) || content.starts_with(tag)
}

const OPENING: &str = "<reasoning>";
const CLOSING: &str = "</reasoning>";

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use bedrock_stream_core::answer::Chunk;
    use bedrock_stream_core::frame::Limits;

    use super::ReasoningTags;
    use crate::decode::chunk_writer::ChunkWriter;

    fn read(deltas: &[&str]) -> (String, String) {
        let mut chunks = ChunkWriter::new(Limits::default());
        let mut tags = ReasoningTags::new();
        for &delta in deltas {
            tags.read(delta, &mut chunks);
        }
        tags.flush(&mut chunks);
        let (mut text, mut reasoning) = (String::new(), String::new());
        while let Some(chunk) = chunks.next_chunk() {
            match chunk {
                Chunk::Text { text: piece, .. } => text += &piece,
                Chunk::Reasoning { text: piece, .. } => reasoning += &piece,
                _ => {}
            }
        }
        (text, reasoning)
    }

    #[test]
    fn reasoning_stands_between_tags() {
        for (deltas, text, reasoning) in [
            (&["<reasoning>a</reasoning>"][..], "", "a"),
            (&["<reasoning>a</reasoning>", "<reasoning>b</reasoning>", "c"], "c", "ab"),
            (&["<reasoning>a</reasoning>b"], "b", "a"),
            (&["<reasoning>a", "b</reasoning>c"], "c", "ab"),
            (&["<reasoning>a"], "", "a"),
            (&["<reasoning>a", "<reasoning>b"], "", "a<reasoning>b"),
            (&["a<reasoning>b</reasoning>"], "a<reasoning>b</reasoning>", ""),
            (&["<think>a</think>"], "<think>a</think>", ""),
            (&["</reasoning>"], "</reasoning>", ""),
            (&["<reasoning></reasoning>"], "", ""),
        ] {
            assert_eq!(read(deltas), (text.into(), reasoning.into()), "{deltas:?}");
        }
    }

    #[test]
    fn either_tag_may_be_cut() {
        for (deltas, text, reasoning) in [
            (&["<", "reasoning", ">a<", "/reason", "ing>b"][..], "b", "a"),
            (&["<rea", "", "soning>a"], "", "a"),
            (&["<rea", "d>"], "<read>", ""),
            (&["<rea"], "<rea", ""),
            (&["<", "<reasoning>a"], "<", "a"),
            (&["<", "<", "reasoning>a"], "<", "a"),
            (&["<reasoning>a</", "reason"], "", "a</reason"),
            (&["<reasoning>a<", "</reasoning>b"], "b", "a<"),
        ] {
            assert_eq!(read(deltas), (text.into(), reasoning.into()), "{deltas:?}");
        }
    }
}
