use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::any_json::read_raw;
use super::open_json::ALLOCATION_LEN;

/// One JSON value as its exact text: numbers, member order and nulls stay as they were sent.
///
/// ```
/// use bedrock_stream_core::json::Json;
///
/// let json = Json::from_text(r#"{"price": 1.10}"#)?;
/// assert_eq!(json.as_str(), r#"{"price": 1.10}"#);
/// assert_eq!(json.parse::<serde_json::Value>()?["price"], 1.1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Parses the text of one JSON value; surrounding white space is removed.
    ///
    /// # Errors
    ///
    /// The text is not one JSON value.
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        // Parsing to a `RawValue` checks the text once, and nesting uses no stack.
        serde_json::from_str::<&RawValue>(text).map(|raw| Self(raw.to_owned()))
    }

    /// Writes a value as JSON.
    ///
    /// # Errors
    ///
    /// Those of the value's own serialization, and a map key that is not a string.
    pub fn from_value<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Deserializes the value.
    ///
    /// # Errors
    ///
    /// The value does not fit the type, or is nested more than 256 levels deep, which would use too much stack.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, serde_json::Error> {
        if !self.is_readable() {
            return Err(serde::de::Error::custom(format_args!("nested more than {MAX_NESTING} levels deep")));
        }
        let mut deserializer = serde_json::Deserializer::from_str(self.as_str());
        // serde_json's own limit is half of ours, and would reject values that `is_readable` accepted.
        deserializer.disable_recursion_limit();
        let value = T::deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }

    /// Whether it is nested no deeper than [`parse`](Self::parse) can read.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        // Nearly every value has fewer brackets than that altogether, and counting them is much faster: in a byte, so that the
        // compiler counts sixteen at once.
        let opening =
            |bytes: &[u8]| bytes.iter().map(|byte| u8::from(matches!(byte, b'[' | b'{'))).sum::<u8>();
        let brackets: usize =
            self.as_str().as_bytes().chunks(255).map(|bytes| usize::from(opening(bytes))).sum();
        if brackets <= MAX_NESTING {
            return true;
        }
        let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
        for byte in self.as_str().bytes() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = in_string,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b'[' | b'{' => {
                    depth += 1;
                    if depth > MAX_NESTING {
                        return false;
                    }
                }
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        true
    }
}

/// How deep a value may be nested to be deserialized. This needs at most half a mebibyte of stack.
const MAX_NESTING: usize = 256;

/// `null`.
impl Default for Json {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl PartialEq for Json {
    /// Compares the text: `1.0` and `1` are different.
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
        // A `Value` is always valid JSON, so this cannot fail; if it did, `null` would be right.
        Self::from_value(&value).unwrap_or_default()
    }
}

impl From<&str> for Json {
    /// A JSON string with this text. To parse the text of a JSON value, use [`Json::from_text`].
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
        read_raw(deserializer).map(Self)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

crate::open_json_by_serde!(Json, heap => |json| ALLOCATION_LEN + json.as_str().len(), null => Self::default());
