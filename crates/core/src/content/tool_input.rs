use alloc::string::String;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::json::{ALLOCATION_LEN, Json};

/// The finished arguments of a tool call, exactly as they arrived.
///
/// It serializes as the arguments' own JSON, or as a string if they are not JSON.
///
/// ```
/// use bedrock_stream_core::content::ToolInput;
///
/// let whole = ToolInput::from(serde_json::json!({"city": "Paris"}));
/// assert!(whole.is_usable());
/// assert_eq!(whole.as_str(), r#"{"city":"Paris"}"#);
///
/// // What was cut off is never taken for `{}`.
/// let cut = ToolInput::truncated(r#"{"city": "Par"#);
/// assert!(!cut.is_usable() && cut.parse::<serde_json::Value>().is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolInput {
    /// JSON, as the model's exact text. Arguments nested more than 256 levels deep are not usable.
    Json(Json),
    /// The block stopped before any characters arrived: a call without arguments. Its JSON is `{}`.
    #[default]
    Empty,
    /// The free text for a custom tool, which does not accept JSON (`custom_tool_call` in OpenAI's dialects). Its JSON
    /// is a string.
    #[non_exhaustive]
    Text {
        /// The text.
        text: String,
    },
    /// The block stopped and the text is not JSON, or is nested more than 256 levels deep; or a skipped event may have
    /// contained a piece of it.
    #[non_exhaustive]
    Malformed {
        /// The text that arrived.
        text: String,
    },
    /// The block never stopped and the text is not JSON: the rest is missing.
    #[non_exhaustive]
    Truncated {
        /// The text that arrived.
        text: String,
    },
}

impl ToolInput {
    /// The free [`Text`](Self::Text) for a custom tool.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// [`Malformed`](Self::Malformed) arguments.
    #[must_use]
    pub fn malformed(text: impl Into<String>) -> Self {
        Self::Malformed { text: text.into() }
    }

    /// [`Truncated`](Self::Truncated) arguments.
    #[must_use]
    pub fn truncated(text: impl Into<String>) -> Self {
        Self::Truncated { text: text.into() }
    }

    /// Classifies the arguments that arrived in a block as JSON, empty, malformed or truncated. `is_stopped` is whether
    /// the end of the block arrived, such as Converse's `contentBlockStop`.
    #[must_use]
    pub fn from_arguments(text: impl Into<String>, is_stopped: bool) -> Self {
        let text = text.into();
        if text.is_empty() && is_stopped {
            return Self::Empty;
        }
        match Json::from_text(&text) {
            Ok(json) if json.is_readable() => Self::Json(json),
            Ok(_) => Self::Malformed { text },
            Err(_) if is_stopped => Self::Malformed { text },
            Err(_) => Self::Truncated { text },
        }
    }

    /// Whether a tool may be called with it: whether it is empty, free text, or JSON that [`parse`](Self::parse) can
    /// read.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        match self {
            Self::Json(json) => json.is_readable(),
            Self::Empty | Self::Text { .. } => true,
            Self::Malformed { .. } | Self::Truncated { .. } => false,
        }
    }

    /// The text as it arrived; `{}` if none did. It is not JSON if the input is free text, malformed or truncated.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Json(json) => json.as_str(),
            Self::Empty => "{}",
            Self::Text { text } | Self::Malformed { text } | Self::Truncated { text } => text,
        }
    }

    /// Deserializes the arguments; free text deserializes as a string.
    ///
    /// # Errors
    ///
    /// The arguments are not [usable](Self::is_usable), even if the part that arrived happens to be JSON; or they do
    /// not fit the type.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, serde_json::Error> {
        match self {
            Self::Json(json) => json.parse(),
            Self::Empty => serde_json::from_str("{}"),
            Self::Text { text } => T::deserialize(BorrowedStrDeserializer::new(text)),
            Self::Malformed { .. } => Err(serde::de::Error::custom("the arguments are damaged, or not JSON")),
            Self::Truncated { .. } => Err(serde::de::Error::custom("the arguments are cut off")),
        }
    }
}

impl From<Json> for ToolInput {
    fn from(json: Json) -> Self {
        Self::Json(json)
    }
}

impl From<serde_json::Value> for ToolInput {
    fn from(value: serde_json::Value) -> Self {
        Self::Json(value.into())
    }
}

impl Serialize for ToolInput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(json) => json.serialize(serializer),
            Self::Empty => serializer.serialize_map(Some(0)).and_then(serde::ser::SerializeMap::end),
            Self::Text { text } | Self::Malformed { text } | Self::Truncated { text } => {
                serializer.serialize_str(text)
            }
        }
    }
}

impl<'de> Deserialize<'de> for ToolInput {
    /// Any JSON becomes [`Json`](Self::Json). So what was serialized from input that is not JSON comes back as a JSON string,
    /// which is usable, and not as the variant it was.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::Json)
    }
}

crate::open_json_by_serde!(ToolInput, heap => |input| ALLOCATION_LEN + input.as_str().len(), null => Self::Json(Json::default()));
