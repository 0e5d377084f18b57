use alloc::string::String;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::json::{ALLOCATION_LEN, Json};

/// The finished arguments of a tool call, exactly as they arrived.
///
/// It serializes to the arguments' own JSON, or to a string with their text if they are not JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolInput {
    /// JSON, as the model's exact text. Arguments nested more than 256 deep are not usable.
    Json(Json),
    /// The block stopped and no characters came: a call without arguments. Its JSON is `{}`.
    #[default]
    Empty,
    /// The block stopped and the text is not JSON, or is nested more than 256 deep; or a skipped event may have held
    /// a piece of it.
    Malformed {
        /// The text that arrived.
        text: String,
    },
    /// The block never stopped and the text is not JSON: the rest is missing.
    Truncated {
        /// The text that arrived.
        text: String,
    },
}

impl ToolInput {
    /// Classifies the arguments that arrived in a block; `stopped`: whether its `contentBlockStop` came.
    pub(crate) fn finished(text: String, stopped: bool) -> Self {
        if text.is_empty() && stopped {
            return Self::Empty;
        }
        match Json::from_text(&text) {
            Ok(json) if json.is_readable() => Self::Json(json),
            Ok(_) => Self::Malformed { text },
            Err(_) if stopped => Self::Malformed { text },
            Err(_) => Self::Truncated { text },
        }
    }

    /// Whether a tool may be called with it: it is empty, or JSON that [`parse`](Self::parse) can read.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        match self {
            Self::Json(json) => json.is_readable(),
            Self::Empty => true,
            Self::Malformed { .. } | Self::Truncated { .. } => false,
        }
    }

    /// The text as it arrived; `{}` if none did.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Json(json) => json.as_str(),
            Self::Empty => "{}",
            Self::Malformed { text } | Self::Truncated { text } => text,
        }
    }

    /// Deserializes the arguments.
    ///
    /// # Errors
    ///
    /// The arguments are not [usable](Self::is_usable), even if the part that arrived happens to be JSON; or they
    /// have another shape.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, serde_json::Error> {
        match self {
            Self::Json(json) => json.parse(),
            Self::Empty => serde_json::from_str("{}"),
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
            Self::Malformed { text } | Self::Truncated { text } => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for ToolInput {
    /// Serializes in every case.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::Json)
    }
}

crate::open_json_by_serde!(ToolInput, heap => |input| ALLOCATION_LEN + input.as_str().len(), null => Self::Json(Json::default()));
