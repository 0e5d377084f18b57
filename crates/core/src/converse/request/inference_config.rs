use alloc::string::String;
use alloc::vec::Vec;

object! {
    /// How the model produces its answer (`InferenceConfiguration`).
    pub struct InferenceConfig {
        /// The most tokens the answer may have.
        "maxTokens" => max_tokens: Option<u32>,
        /// How freely the model chooses, from 0 to 1.
        "temperature" => temperature: Option<f64>,
        /// What share of the likeliest tokens it chooses from, from 0 to 1.
        "topP" => top_p: Option<f64>,
        /// The texts at which it stops.
        "stopSequences" => stop_sequences: Option<Vec<String>>,
    }
}

impl InferenceConfig {
    /// A configuration that leaves everything to the model.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text at which the model stops.
    #[must_use]
    pub fn stop_sequence(mut self, stop_sequence: impl Into<String>) -> Self {
        self.stop_sequences.get_or_insert_default().push(stop_sequence.into());
        self
    }
}

setters! {
    InferenceConfig {
        /// Limits the answer to this many tokens.
        max_tokens: u32,
        /// How freely the model chooses, from 0 to 1.
        temperature: f64,
        /// What share of the likeliest tokens the model chooses from, from 0 to 1.
        top_p: f64,
    }
}
