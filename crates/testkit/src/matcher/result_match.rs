use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::text_match::TextMatch;
use crate::conversation::ToolResult;

/// What a tool result must be like. Every condition that is given must hold.
///
/// ```
/// use bedrock_stream_testkit::{ResultMatch, When};
///
/// let sunny = ResultMatch::new().tool("weather").text("sunny");
/// let failed = ResultMatch::new().error(true);
/// # let _ = When::new().tool_result(sunny).tool_result(failed);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ResultMatch {
    name: Option<String>,
    id: Option<String>,
    error: Option<bool>,
    text: Option<TextMatch>,
}

impl ResultMatch {
    /// Any tool result.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only results of the tool with this name.
    pub fn tool(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Only the result of the call with this id.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Only failures, or only successes.
    pub fn error(mut self, is_error: bool) -> Self {
        self.error = Some(is_error);
        self
    }

    /// Only results whose text is like this.
    pub fn text(mut self, text: impl Into<TextMatch>) -> Self {
        self.text = Some(text.into());
        self
    }

    pub(super) fn matches(&self, result: &ToolResult) -> bool {
        self.name.as_ref().is_none_or(|name| result.name.as_ref() == Some(name))
            && self.id.as_ref().is_none_or(|id| result.id == *id)
            && self.error.is_none_or(|is_error| result.is_error == is_error)
            && self.text.as_ref().is_none_or(|text| text.matches(&result.text))
    }
}

/// Results with this in their text.
impl From<&str> for ResultMatch {
    fn from(part: &str) -> Self {
        Self::new().text(part)
    }
}

/// Results with such a text.
impl From<TextMatch> for ResultMatch {
    fn from(text: TextMatch) -> Self {
        Self::new().text(text)
    }
}

impl Serialize for ResultMatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            members.extend(value.map(|value| (name.to_owned(), value)));
        };
        set("name", self.name.clone().map(Value::from));
        set("id", self.id.clone().map(Value::from));
        set("error", self.error.map(Value::from));
        if let Some((name, text)) = self.text.as_ref().map(TextMatch::member) {
            set(name, Some(text.into()));
        }
        members.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ResultMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Members {
            name: Option<String>,
            id: Option<String>,
            error: Option<bool>,
            contains: Option<String>,
            is: Option<String>,
            starts_with: Option<String>,
        }

        let Members { name, id, error, contains, is, starts_with } = Members::deserialize(deserializer)?;
        let text = TextMatch::of_members(contains, is, starts_with).map_err(D::Error::custom)?;
        Ok(Self { name, id, error, text })
    }
}
