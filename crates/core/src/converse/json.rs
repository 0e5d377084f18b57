use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

/// One JSON value in its exact text: the numbers, the order of the members and the nulls are the sender's.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Takes the text of one JSON value; white space around it is dropped.
    ///
    /// # Errors
    ///
    /// The text is not one JSON value.
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        // Straight to a `RawValue`, the text is checked once and its nesting costs no stack.
        serde_json::from_str::<&RawValue>(text).map(|raw| Self(raw.to_owned()))
    }

    /// Writes a value as JSON.
    ///
    /// # Errors
    ///
    /// The value's own, or a map's key that is no string.
    pub fn from_value<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Reads the value as a type of the caller's.
    ///
    /// # Errors
    ///
    /// The value is of another shape, or nested more than 128 deep.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.as_str())
    }
}

/// `null`.
impl Default for Json {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl PartialEq for Json {
    /// The same text: `1.0` and `1` are different.
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        // A `Value` is JSON by construction, so this cannot fail; `null` would be the honest answer if it did.
        Self::from_value(&value).unwrap_or_default()
    }
}

impl From<&str> for Json {
    /// A JSON string of this text; for the text of a JSON value see [`Json::from_text`].
    fn from(text: &str) -> Self {
        serde_json::Value::from(text).into()
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        serde_json::Value::from(text).into()
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

wire_by_serde!(Json, null => Self::default());
