use bedrock_stream_core::content::Citation;
use bedrock_stream_core::converse::{Delta, ToolUseDelta, ToolUseStart};
use bedrock_stream_core::frame::{Header, Message, encode};
use bedrock_stream_testkit::{Answer, answer};
use bytes::Bytes;

/// A stream of messages, completely in memory.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Its name.
    pub name: String,
    /// The stream.
    pub bytes: Bytes,
    /// Its messages, one by one.
    pub messages: Vec<Bytes>,
}

impl Corpus {
    /// Generated answers, of every kind of content.
    #[must_use]
    pub fn generated() -> [Self; 4] {
        [Self::text(2_000), Self::tools(2_000), Self::reasoning(20), Self::mixed(20)]
    }

    /// The same, and the recordings if they are available.
    #[must_use]
    pub fn answers() -> Vec<Self> {
        Self::generated().into_iter().chain(Self::recordings()).collect()
    }

    /// An answer of `deltas` pieces of text, each about a token, padded as Bedrock pads.
    #[must_use]
    pub fn text(deltas: usize) -> Self {
        Self::answer("text", answer().text(&words(deltas)))
    }

    /// Tool calls whose arguments arrive in `deltas` pieces altogether, 100 per call.
    #[must_use]
    pub fn tools(deltas: usize) -> Self {
        let calls = (0..deltas.div_ceil(100)).map(|call| (call, 100.min(deltas - call * 100)));
        Self::answer("tools", calls.fold(answer(), |answer, (_, pieces)| tool_call(answer, pieces)))
    }

    /// One tool call whose arguments arrive in `deltas` pieces.
    #[must_use]
    pub fn tool_call(deltas: usize) -> Self {
        Self::answer("tool call", tool_call(answer(), deltas))
    }

    /// `blocks` blocks of reasoning, 100 pieces each, with signatures of 4 KiB.
    #[must_use]
    pub fn reasoning(blocks: usize) -> Self {
        let text = words(100);
        let answer =
            (0..blocks).fold(answer(), |answer, _| answer.reasoning(&text).signature("c2ln".repeat(1 << 10)));
        Self::answer("reasoning", answer)
    }

    /// `rounds` repetitions of a typical agent's answer: signed reasoning, text with a citation, a tool call.
    #[must_use]
    pub fn mixed(rounds: usize) -> Self {
        let (thought, text) = (words(30), words(50));
        let citation = Citation::new().title("Scattering");
        let answer = (0..rounds).fold(answer(), |answer, _| {
            let said = answer.reasoning(&thought).signature("c2ln".repeat(50)).text(&text);
            tool_call(said.citation(citation.clone()), 20)
        });
        Self::answer("mixed", answer)
    }

    /// An answer of nine events, with five pieces of text.
    #[must_use]
    pub fn short() -> Self {
        Self::answer("short", answer().text(&words(5)))
    }

    /// An answer with one piece of text, `len` bytes long.
    #[must_use]
    pub fn long_text(len: usize) -> Self {
        Self::answer("long text", answer().delta(Delta::Text("x".repeat(len))))
    }

    /// `messages` messages with a payload of `len` bytes each.
    ///
    /// # Panics
    ///
    /// If `len` is more than a payload may have.
    #[must_use]
    pub fn large(name: &str, len: usize, messages: usize) -> Self {
        let payload: Vec<u8> = (0..len).map(|i| (i * 31 % 251) as u8).collect();
        let headers = [Header::string(":event-type", "chunk"), Header::string(":message-type", "event")];
        let mut bytes = Vec::new();
        for _ in 0..messages {
            encode(&headers, &payload, &mut bytes).expect("the payload has a legal length");
        }
        Self::new(name, bytes)
    }

    /// `deltas` pieces of text that go round `blocks` content blocks, all of which are open. The answer has no end.
    ///
    /// # Panics
    ///
    /// Never: every event fits into a message.
    #[must_use]
    pub fn open_blocks(blocks: u32, deltas: u32) -> Self {
        let headers = [
            Header::string(":event-type", "contentBlockDelta"),
            Header::string(":content-type", "application/json"),
            Header::string(":message-type", "event"),
        ];
        let mut bytes = Vec::new();
        for block in (0..deltas).map(|delta| delta % blocks) {
            let payload =
                format!(r#"{{"contentBlockIndex":{block},"delta":{{"text":" word"}},"p":"abcdefghijk"}}"#);
            encode(&headers, payload.as_bytes(), &mut bytes).expect("the event is short");
        }
        Self::new("open blocks", bytes)
    }

    /// Every recorded ConverseStream answer, one after another; empty if there are no recordings. It is a valid stream
    /// of messages, but not one answer.
    #[must_use]
    pub fn recordings() -> Option<Self> {
        let folder = bedrock_stream_tests::find_shared("recordings")?;
        let mut files: Vec<_> =
            folder.read_dir().ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        let is_answer = |path: &&std::path::PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("converse-") && name.ends_with(".bin")
        };
        let mut bytes = Vec::new();
        for file in files.iter().filter(is_answer).filter_map(|path| std::fs::read(path).ok()) {
            let mut rest = &file[..];
            while let Ok(Some((message, after))) = Message::parse(rest) {
                bytes.extend_from_slice(message.as_bytes());
                rest = after;
            }
        }
        (!bytes.is_empty()).then(|| Self::new("recordings", bytes))
    }

    fn answer(name: &str, answer: Answer) -> Self {
        Self::new(name, answer.seed(7).to_bytes().expect("every event fits into a message"))
    }

    fn new(name: &str, bytes: Vec<u8>) -> Self {
        let bytes = Bytes::from(bytes);
        let mut messages = Vec::new();
        let mut rest = &bytes[..];
        while let Some((message, after)) = Message::parse(rest).expect("the corpus is a valid stream") {
            messages.push(bytes.slice_ref(message.as_bytes()));
            rest = after;
        }
        Self { name: name.to_owned(), bytes, messages }
    }
}

fn tool_call(answer: Answer, deltas: usize) -> Answer {
    let start = ToolUseStart::new("tooluse_9QmZ4p0kTzGxkq5lW1nR7A", "get_weather");
    // The whole argument is a list of strings, so that it is valid JSON.
    let last = deltas.saturating_sub(1);
    (0..deltas).fold(answer.start(start.into()), |answer, i| {
        let text = if i == 0 { r#"["ab""# } else { r#", "ab""# };
        let input = format!("{text}{}", if i == last { "]" } else { "" });
        answer.delta(ToolUseDelta::new(input).into())
    })
}

/// This many words, like those that models write.
pub(crate) fn words(count: usize) -> String {
    let words =
        ["The", "sky", "is", "blue", "because", "molecules", "of", "air", "scatter", "\"short\"", "waves.\n"];
    words.iter().cycle().take(count).copied().collect::<Vec<_>>().join(" ")
}
