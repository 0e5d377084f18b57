use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// An operation of Bedrock's runtime on one model: `POST /model/{modelId}/{operation}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// A conversation's next message, whole.
    Converse,
    /// A conversation's next message, as an event stream.
    ConverseStream,
    /// A model's own answer, as an event stream of `chunk` events.
    InvokeModelWithResponseStream,
}

impl Operation {
    /// The path of the request, with the model id percent-encoded as one label: everything outside `A-Za-z0-9-._~`.
    ///
    /// `model_id` is the id of a model or an inference profile, or an ARN; it must not be encoded already.
    ///
    /// # Errors
    ///
    /// [`ModelIdError`] for an id that no path can hold.
    pub fn path(self, model_id: &str) -> Result<String, ModelIdError> {
        match model_id {
            "" => Err(ModelIdError::Empty),
            // Clients resolve these segments, encoded or not, and so send something else than what was signed.
            "." | ".." => Err(ModelIdError::Dots),
            _ if model_id.len() > MAX_MODEL_ID_LEN => Err(ModelIdError::TooLong { len: model_id.len() }),
            _ => Ok(format!("/model/{}/{}", utf8_percent_encode(model_id, ENCODED), self.name())),
        }
    }

    /// Whether the answer begins before all of it is made.
    pub(crate) const fn streams(self) -> bool {
        !matches!(self, Self::Converse)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Converse => "converse",
            Self::ConverseStream => "converse-stream",
            Self::InvokeModelWithResponseStream => "invoke-with-response-stream",
        }
    }
}

/// Why a text is not the id of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelIdError {
    /// It has no characters.
    #[error("the model id is empty")]
    Empty,
    /// It is `.` or `..`, which means something else in a path.
    #[error("the model id is \".\" or \"..\"")]
    Dots,
    /// It is longer than any id that Bedrock has, which is 2,048 characters.
    #[error("the model id has {len} bytes; Bedrock's have at most {MAX_MODEL_ID_LEN}")]
    #[non_exhaustive]
    TooLong {
        /// Its length, in bytes.
        len: usize,
    },
}

/// Everything but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest `modelId` of the service model, in characters, all of which are ASCII.
const MAX_MODEL_ID_LEN: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_id_is_one_label() {
        let path = Operation::ConverseStream.path("arn:aws:bedrock:us-east-1:1:prompt/A b%é~").unwrap();
        assert_eq!(
            path,
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprompt%2FA%20b%25%C3%A9~/converse-stream"
        );
        assert_eq!(Operation::Converse.path("a.b-c_d").unwrap(), "/model/a.b-c_d/converse");
    }

    #[test]
    fn what_would_change_the_path_is_refused() {
        assert_eq!(Operation::Converse.path(""), Err(ModelIdError::Empty));
        assert_eq!(Operation::Converse.path(".."), Err(ModelIdError::Dots));
        assert_eq!(Operation::Converse.path(&"x".repeat(2049)), Err(ModelIdError::TooLong { len: 2049 }));
        assert!(Operation::Converse.path("...").is_ok());
    }
}
