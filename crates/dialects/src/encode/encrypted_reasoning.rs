use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_core::object;

use super::json_writer;

/// Reasoning to be sent back, in the `encrypted_content` of a reasoning item of Responses: base64 of versioned JSON.
///
/// A client sends it back unchanged, even if it modifies the item's `summary`. Despite the name, which is the API's, it
/// is not encrypted.
///
/// ```
/// use bedrock_stream_dialects::encode::EncryptedReasoning;
///
/// let reasoning = EncryptedReasoning::text("They greet me.", "c2lnbmVk");
/// let content = reasoning.to_encrypted_content();
/// // In the next turn the client sends it back.
/// assert_eq!(EncryptedReasoning::from_encrypted_content(&content), Some(reasoning));
/// assert_eq!(EncryptedReasoning::from_encrypted_content("gAAAAABo-from-openai"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptedReasoning {
    /// Readable reasoning.
    #[non_exhaustive]
    Text {
        /// The reasoning. It may be empty if there is a signature.
        text: String,
        /// Its signature. Empty if there is none.
        signature: String,
    },
    /// Reasoning that only the provider can read.
    Redacted(Blob),
}

object! {
    /// The JSON of an [`EncryptedReasoning`].
    struct EncryptedReasoningJson {
        /// The version of this format.
        "bedrock_stream" => version: Option<u32>,
        /// The reasoning.
        "text" => text: Option<String>,
        /// Its signature.
        "signature" => signature: Option<String>,
        /// The redacted bytes.
        "redacted" => redacted: Option<Blob>,
    }
}

impl EncryptedReasoning {
    /// Readable reasoning and its signature.
    #[must_use]
    pub fn text(text: impl Into<String>, signature: impl Into<String>) -> Self {
        Self::Text { text: text.into(), signature: signature.into() }
    }

    /// Decodes an `encrypted_content`. `None` if it was not encoded by this crate.
    #[must_use]
    pub fn from_encrypted_content(text: &str) -> Option<Self> {
        let bytes = Blob::from_base64(text)?.0;
        let json = Json::from_text(core::str::from_utf8(&bytes).ok()?).ok()?;
        let json: EncryptedReasoningJson = json.parse().ok()?;
        if json.version != Some(VERSION) || !json.other.is_empty() {
            return None;
        }
        match (json.redacted, json.text, json.signature) {
            (Some(data), None, None) => Some(Self::Redacted(data)),
            (None, Some(text), Some(signature)) => Some(Self::Text { text, signature }),
            _ => None,
        }
    }

    /// The value of `encrypted_content`.
    #[must_use]
    pub fn to_encrypted_content(&self) -> String {
        match self {
            Self::Text { text, signature } => of_text(text, signature),
            Self::Redacted(data) => of_redacted(data),
        }
    }
}

/// The `encrypted_content` of readable reasoning.
pub(super) fn of_text(text: &str, signature: &str) -> String {
    let mut json = b"{\"bedrock_stream\":1,\"text\":".to_vec();
    json_writer::string(&mut json, text);
    json.extend_from_slice(b",\"signature\":");
    json_writer::string(&mut json, signature);
    json.push(b'}');
    Blob(json).to_base64()
}

/// The `encrypted_content` of redacted reasoning.
pub(super) fn of_redacted(data: &Blob) -> String {
    let mut json: Vec<u8> = b"{\"bedrock_stream\":1,\"redacted\":".to_vec();
    json_writer::string(&mut json, &data.to_base64());
    json.push(b'}');
    Blob(json).to_base64()
}

const VERSION: u32 = 1;

#[cfg(test)]
mod tests {
    use bedrock_stream_core::json::Blob;

    use super::EncryptedReasoning;

    /// Bugs 17 and 18 of other gateways: signatures and redacted reasoning lost.
    #[test]
    fn what_goes_out_comes_back() {
        for reasoning in [
            EncryptedReasoning::text("hm \"\u{1F600}\n", "c2ln"),
            EncryptedReasoning::text("", "c2ln"),
            EncryptedReasoning::text("unsigned", ""),
            EncryptedReasoning::Redacted(Blob(alloc::vec![0, 255, 7])),
        ] {
            let content = reasoning.to_encrypted_content();
            assert_eq!(EncryptedReasoning::from_encrypted_content(&content), Some(reasoning));
        }
        for foreign in ["", "gAAAAABo", "e30=", "not base64!", "eyJiZWRyb2NrX3N0cmVhbSI6Mn0="] {
            assert_eq!(EncryptedReasoning::from_encrypted_content(foreign), None, "{foreign}");
        }
    }
}
