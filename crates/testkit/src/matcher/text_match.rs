use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// What a text must be like. It is case-sensitive.
///
/// In JSON a string, which the text must contain, or `{"contains": ".."}`, `{"is": ".."}` or `{"starts_with": ".."}`.
///
/// ```
/// use bedrock_stream_testkit::{TextMatch, When};
///
/// let when = When::new().prompt(TextMatch::Is("Hello".to_owned()));
/// assert_eq!(when, r#"{"prompt": {"is": "Hello"}}"#.parse()?);
/// // A text alone is looked for anywhere.
/// assert_eq!(When::new().prompt("weather"), r#"{"prompt": {"contains": "weather"}}"#.parse()?);
/// # Ok::<(), bedrock_stream_testkit::ParseWhenError>(())
/// ```
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

/// The members of JSON that ask for a text. At most one of them can be given.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    contains: Option<String>,
    is: Option<String>,
    starts_with: Option<String>,
}

impl TextMatch {
    /// The condition of these members, of which at most one may be given.
    pub(super) fn of_members(
        contains: Option<String>,
        is: Option<String>,
        starts_with: Option<String>,
    ) -> Result<Option<Self>, &'static str> {
        let contains = contains.map(Self::Contains).into_iter();
        let mut texts = contains.chain(is.map(Self::Is)).chain(starts_with.map(Self::StartsWith));
        match (texts.next(), texts.next()) {
            (_, Some(_)) => Err("only one of contains, is and starts_with can be given"),
            (text, None) => Ok(text),
        }
    }
}

impl<'de> Deserialize<'de> for TextMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
                let members = Members::deserialize(MapAccessDeserializer::new(map))?;
                let Members { contains, is, starts_with } = members;
                let text = TextMatch::of_members(contains, is, starts_with).map_err(A::Error::custom)?;
                text.ok_or_else(|| A::Error::custom("one of contains, is and starts_with must be given"))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}
