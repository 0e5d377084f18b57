use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// What a text must be like. Upper and lower case differ.
///
/// In JSON a string, which the text must contain, or `{"contains": ".."}`, `{"is": ".."}` or `{"starts_with": ".."}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextMatch {
    /// The text contains this.
    Contains(String),
    /// The text is this, apart from white space around it.
    Is(String),
    /// The text starts with this, apart from white space before it.
    StartsWith(String),
}

impl TextMatch {
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Contains(part) => text.contains(&**part),
            Self::Is(whole) => text.trim() == whole.trim(),
            Self::StartsWith(start) => text.trim_start().starts_with(start.trim_start()),
        }
    }

    /// Its member in JSON.
    pub(super) fn member(&self) -> (&'static str, &str) {
        match self {
            Self::Contains(text) => ("contains", text),
            Self::Is(text) => ("is", text),
            Self::StartsWith(text) => ("starts_with", text),
        }
    }
}

/// [`TextMatch::Contains`].
impl From<&str> for TextMatch {
    fn from(part: &str) -> Self {
        Self::Contains(part.to_owned())
    }
}

/// [`TextMatch::Contains`].
impl From<String> for TextMatch {
    fn from(part: String) -> Self {
        Self::Contains(part)
    }
}

impl Serialize for TextMatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Contains(part) = self {
            return serializer.serialize_str(part);
        }
        let (name, text) = self.member();
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(name, text)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for TextMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Tagged {
            Contains(String),
            Is(String),
            StartsWith(String),
        }

        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = TextMatch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or an object with contains, is or starts_with")
            }

            fn visit_str<E>(self, part: &str) -> Result<TextMatch, E> {
                Ok(part.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextMatch, A::Error> {
                Ok(match Tagged::deserialize(MapAccessDeserializer::new(map))? {
                    Tagged::Contains(text) => TextMatch::Contains(text),
                    Tagged::Is(text) => TextMatch::Is(text),
                    Tagged::StartsWith(text) => TextMatch::StartsWith(text),
                })
            }
        }
        deserializer.deserialize_any(Texts)
    }
}
