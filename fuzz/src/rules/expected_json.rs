//! The expected JSON of a chunk.

use super::json::{Json, Value};

/// Expected JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExpectedJson {
    Integer(i128),
    Text(String),
    /// Any non-empty text: a sentence for people.
    Sentence,
    /// Free-form JSON: exactly this text.
    Exact(String),
    List(Vec<ExpectedJson>),
    /// The order of members with different names does not matter.
    Object(Vec<(String, ExpectedJson)>),
}

impl ExpectedJson {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Free-form JSON, exactly as it was written.
    pub(crate) fn exact(json: &Json<'_>) -> Self {
        Self::Exact(json.text.into())
    }

    /// An object with a `type`, as every chunk is.
    pub(crate) fn chunk(kind: &str) -> Self {
        Self::Object(vec![("type".into(), Self::text(kind))])
    }

    /// The object with one more member.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Self) -> Self {
        if let Self::Object(members) = &mut self {
            members.push((name.into(), value));
        }
        self
    }

    /// The object with one more member, if there is a value.
    #[must_use]
    pub(crate) fn with_some(self, name: &str, value: Option<Self>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Whether `json` is as expected.
    pub(crate) fn matches(&self, json: &Json<'_>) -> bool {
        match (self, &json.value) {
            (Self::Exact(text), _) => json.text == text,
            (Self::Integer(expected), Value::Number) => json.text == expected.to_string(),
            (Self::Text(expected), Value::String(text)) => expected == text,
            (Self::Sentence, Value::String(text)) => !text.is_empty(),
            (Self::List(expected), Value::Array(items)) => {
                expected.len() == items.len()
                    && expected.iter().zip(items).all(|(tree, json)| tree.matches(json))
            }
            (Self::Object(expected), Value::Object(members)) => {
                let mut expected: Vec<_> = expected.iter().collect();
                let mut members: Vec<_> = members.iter().collect();
                // Stable: members of one name stay in order.
                expected.sort_by_key(|(name, _)| name);
                members.sort_by_key(|(name, _)| name);
                expected.len() == members.len()
                    && expected
                        .iter()
                        .zip(members)
                        .all(|((name, tree), (key, json))| name == key && tree.matches(json))
            }
            _ => false,
        }
    }
}
