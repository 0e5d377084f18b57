use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::{Fields, Json};

use crate::encode::json_writer;

/// The fields that only the model knows: `additionalModelRequestFields`.
#[derive(Debug, Default)]
pub(super) struct AdditionalFields(Fields);

impl AdditionalFields {
    pub(super) fn set(&mut self, name: &str, value: impl Into<Json>) {
        self.0.set(name, value);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.value(name).is_some()
    }

    /// The JSON object; `None`: there are no such fields.
    pub(super) fn into_json(self) -> Option<Json> {
        if self.0.is_empty() {
            return None;
        }
        let mut out = Vec::from(*b"{");
        let mut is_first = true;
        for (name, value) in &self.0 {
            json_writer::comma(&mut out, &mut is_first);
            json_writer::string(&mut out, name);
            out.push(b':');
            out.extend_from_slice(value.as_str().as_bytes());
        }
        out.push(b'}');
        // It is JSON by construction.
        String::from_utf8(out).ok().and_then(|text| Json::from_text(&text).ok())
    }
}
