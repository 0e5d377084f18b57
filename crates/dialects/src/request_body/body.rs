use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::{Fields, Json};

use crate::decode::Members;

/// An object that is written, member by member.
#[derive(Debug, Default)]
pub(super) struct Body(Fields);

impl Body {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// An object with a `type`.
    pub(super) fn of_type(kind: &str) -> Self {
        Self::new().with("type", kind)
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.set(name, value);
        self
    }

    pub(super) fn with_some(mut self, name: &str, value: Option<Json>) -> Self {
        self.set_some(name, value);
        self
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<Json>) {
        self.0.set(name, value);
    }

    pub(super) fn set_some(&mut self, name: &str, value: Option<Json>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.value(name).is_some()
    }
}

impl From<Body> for Json {
    fn from(body: Body) -> Self {
        // Members of JSON are JSON, so this cannot fail.
        Self::from_value(&Members(&body.0)).unwrap_or_default()
    }
}

/// A list of these values.
pub(super) fn list(values: impl IntoIterator<Item = impl Into<Json>>) -> Json {
    let values: Vec<Json> = values.into_iter().map(Into::into).collect();
    Json::from_value(&values).unwrap_or_default()
}

/// The text of a JSON string; empty for any other value.
pub(super) fn text_of(json: &Json) -> String {
    json.parse().unwrap_or_default()
}
