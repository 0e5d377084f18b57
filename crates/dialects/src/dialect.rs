use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use bedrock_stream_core::json::Key;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// The format of an answer's payloads. Converse is not included; its decoder is in [`bedrock_stream_core::converse`].
///
/// ```
/// use bedrock_stream_dialects::Dialect;
///
/// assert_eq!(Dialect::detect(r#"{"outputText":"Hi","completionReason":"FINISH"}"#), Some(Dialect::Titan));
/// assert_eq!("chat".parse(), Ok(Dialect::Chat));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Anthropic's Messages: Claude, invoked or as server-sent events.
    Messages,
    /// Anthropic's Text Completions: Claude 2 and older.
    Completion,
    /// OpenAI's Chat Completions: gpt-oss, Jamba, Qwen, DeepSeek and many more, invoked or as server-sent events.
    Chat,
    /// OpenAI's Responses, as server-sent events.
    Responses,
    /// Amazon Nova, invoked.
    Nova,
    /// Amazon Titan Text, invoked.
    Titan,
    /// Meta's Llama, and imported models of that shape, invoked.
    Llama,
    /// Mistral's text models, invoked. Its chat models use [`Chat`](Self::Chat).
    Mistral,
    /// Cohere's Command and Command R, invoked.
    Cohere,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 9] = [
        Self::Messages,
        Self::Completion,
        Self::Chat,
        Self::Responses,
        Self::Nova,
        Self::Titan,
        Self::Llama,
        Self::Mistral,
        Self::Cohere,
    ];

    /// The names of all dialects, in the same order.
    pub(crate) const NAMES: [&'static str; Self::ALL.len()] = {
        let mut names = [""; Self::ALL.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::ALL[at].as_str();
            at += 1;
        }
        names
    };

    /// The dialect's name, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Completion => "completion",
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Nova => "nova",
            Self::Titan => "titan",
            Self::Llama => "llama",
            Self::Mistral => "mistral",
            Self::Cohere => "cohere",
        }
    }

    /// Detects the dialect of a payload, which is the text of a JSON object. `None` means that this payload does not
    /// identify its dialect; a later one of the same answer may.
    ///
    /// All variants of Chat Completions count as one dialect. The order of the members is irrelevant.
    #[must_use]
    pub fn detect(payload: &str) -> Option<Self> {
        serde_json::from_str::<Detected>(payload).ok().and_then(|detected| detected.dialect)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not the name of a [`Dialect`].
///
/// ```
/// use bedrock_stream_dialects::{Dialect, ParseDialectError};
///
/// assert_eq!("converse".parse::<Dialect>(), Err(ParseDialectError));
/// assert!(ParseDialectError.to_string().starts_with("no such dialect; choose one of messages, "));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseDialectError;

impl core::error::Error for ParseDialectError {}

impl fmt::Display for ParseDialectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such dialect; choose one of ")?;
        f.write_str(&Dialect::NAMES.join(", "))
    }
}

impl FromStr for Dialect {
    type Err = ParseDialectError;

    fn from_str(name: &str) -> Result<Self, ParseDialectError> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == name).ok_or(ParseDialectError)
    }
}

/// The dialect of a payload, detected from its most specific member.
#[derive(Default)]
struct Detected {
    dialect: Option<Dialect>,
}

/// The dialect that a member indicates, with the priority of that indication: lower wins.
fn detect_by(name: &str, kind: Option<&str>) -> Option<(u8, Dialect)> {
    Some(match (name, kind) {
        (
            "type",
            Some(
                "message_start"
                | "content_block_start"
                | "content_block_delta"
                | "content_block_stop"
                | "message_delta"
                | "message_stop"
                | "ping",
            ),
        ) => (0, Dialect::Messages),
        ("type", Some(kind)) if kind.starts_with("response.") => (1, Dialect::Responses),
        ("type", Some("completion")) | ("completion", _) => (2, Dialect::Completion),
        (
            "messageStart" | "contentBlockStart" | "contentBlockDelta" | "contentBlockStop" | "messageStop"
            | "metadata",
            _,
        ) => (3, Dialect::Nova),
        ("outputText", _) => (4, Dialect::Titan),
        ("generation", _) => (5, Dialect::Llama),
        ("outputs", _) => (6, Dialect::Mistral),
        ("event_type", _) => (7, Dialect::Cohere),
        // Cohere's `generations` and `is_finished` may occur together with `text`; Chat's `choices` occurs with none of
        // these.
        ("is_finished" | "generations", _) => (8, Dialect::Cohere),
        ("object", Some("chat.completion.chunk")) | ("choices", _) => (9, Dialect::Chat),
        _ => return None,
    })
}

impl<'de> Deserialize<'de> for Detected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Detected;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Detected, A::Error> {
                let mut best: Option<(u8, Dialect)> = None;
                while let Some(Key(name)) = map.next_key()? {
                    let kind = if matches!(&*name, "type" | "object") {
                        map.next_value::<Text>()?.0
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        None
                    };
                    if let Some(found) = detect_by(&name, kind.as_deref()) {
                        if best.is_none_or(|best| found.0 < best.0) {
                            best = Some(found);
                        }
                    }
                }
                Ok(Detected { dialect: best.map(|(_, dialect)| dialect) })
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The value of a string; `None` for any other type.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = bedrock_stream_core::json::Json::deserialize(deserializer)?;
        Ok(Self(value.parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::{Dialect, ParseDialectError};

    /// The dialect after this one in [`Dialect::ALL`]. The compiler asks here for one that was added, which `ALL` then needs too.
    const fn next(dialect: Dialect) -> Option<Dialect> {
        match dialect {
            Dialect::Messages => Some(Dialect::Completion),
            Dialect::Completion => Some(Dialect::Chat),
            Dialect::Chat => Some(Dialect::Responses),
            Dialect::Responses => Some(Dialect::Nova),
            Dialect::Nova => Some(Dialect::Titan),
            Dialect::Titan => Some(Dialect::Llama),
            Dialect::Llama => Some(Dialect::Mistral),
            Dialect::Mistral => Some(Dialect::Cohere),
            Dialect::Cohere => None,
        }
    }

    #[test]
    fn all_are_in_the_list() {
        let all = core::iter::successors(Some(Dialect::Messages), |dialect| next(*dialect));
        assert!(all.eq(Dialect::ALL));
    }

    #[test]
    fn every_name_is_its_variants_and_is_read_back() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.as_str(), alloc::format!("{dialect:?}").to_lowercase());
            assert_eq!(dialect.as_str().parse(), Ok(dialect));
        }
        let all = "messages, completion, chat, responses, nova, titan, llama, mistral, cohere";
        assert!(ParseDialectError.to_string().ends_with(all), "{ParseDialectError}");
        assert!("converse".parse::<Dialect>().is_err());
    }

    #[test]
    fn the_first_payload_tells_whatever_its_order() {
        for (payload, expected) in [
            (r#"{"message":{"usage":{}},"type":"message_start"}"#, Some(Dialect::Messages)),
            (r#"{"type":"ping"}"#, Some(Dialect::Messages)),
            (r#"{"sequence_number":0,"type":"response.created"}"#, Some(Dialect::Responses)),
            (r#"{"completion":" The","stop_reason":null}"#, Some(Dialect::Completion)),
            (r#"{"metadata":{},"amazon-bedrock-invocationMetrics":{}}"#, Some(Dialect::Nova)),
            (r#"{"outputText":"a","index":0}"#, Some(Dialect::Titan)),
            (r#"{"generation":"a","stop_reason":null}"#, Some(Dialect::Llama)),
            (r#"{"outputs":[{"text":"a"}]}"#, Some(Dialect::Mistral)),
            (r#"{"text":"a","is_finished":false,"event_type":"text-generation"}"#, Some(Dialect::Cohere)),
            (r#"{"id":"1","generations":[]}"#, Some(Dialect::Cohere)),
            (r#"{"choices":[]}"#, Some(Dialect::Chat)),
            (r#"{"object":"chat.completion.chunk"}"#, Some(Dialect::Chat)),
            (r#"{"amazon-bedrock-invocationMetrics":{}}"#, None),
            (r#"{"error":{"message":"m"}}"#, None),
            (r#"{"message":"m"}"#, None),
            (r#"{"type":5}"#, None),
            ("[]", None),
            ("not JSON", None),
        ] {
            assert_eq!(Dialect::detect(payload), expected, "{payload}");
        }
    }
}
