use alloc::string::String;
use core::fmt;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::json::Fields;

/// A message of type `error`: an error outside the service's model.
///
/// ```
/// use bedrock_stream_core::answer::UnmodeledError;
///
/// let error = UnmodeledError::new("InternalError", "Something broke.");
/// assert!(error.is_retryable());
/// assert_eq!(error.code.as_deref(), Some("InternalError"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct UnmodeledError {
    /// `:error-code`.
    pub code: Option<String>,
    /// `:error-message`.
    pub message: Option<String>,
    /// The other members of its payload.
    pub other: Fields,
    /// Whether it came after `messageStop`, when the answer was already complete.
    pub after_stop: bool,
}

object! {
    /// The JSON of an [`UnmodeledError`].
    struct UnmodeledErrorJson {
        /// `:error-code`.
        "code" => code: Option<String>,
        /// `:error-message`.
        "message" => message: Option<String>,
    }
}

impl From<UnmodeledErrorJson> for UnmodeledError {
    fn from(UnmodeledErrorJson { code, message, other }: UnmodeledErrorJson) -> Self {
        Self { code, message, other, after_stop: false }
    }
}

impl Serialize for UnmodeledError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { code, message, other, after_stop: _ } = self.clone();
        UnmodeledErrorJson { code, message, other }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UnmodeledError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        UnmodeledErrorJson::deserialize(deserializer).map(Self::from)
    }
}

impl UnmodeledError {
    /// An error with this code and this message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: Some(code.into()), message: Some(message.into()), ..Self::default() }
    }

    /// Whether the same request may succeed if it is sent again: the code is like `InternalError`.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        !self.after_stop
            && self.code.as_deref().is_some_and(|code| {
                ["InternalError", "InternalFailure", "InternalServerError", "InternalServerException"]
                    .iter()
                    .any(|known| code.eq_ignore_ascii_case(known))
            })
    }
}

impl fmt::Display for UnmodeledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_deref().unwrap_or("an error without a code"))?;
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}
