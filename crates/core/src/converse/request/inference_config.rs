use alloc::string::String;
use alloc::vec::Vec;

object! {
    /// How the model produces its answer (`InferenceConfiguration`).
    ///
    /// ```
    /// use bedrock_stream_core::converse::{InferenceConfig, Request};
    ///
    /// let config = InferenceConfig::new().max_tokens(500_u32).temperature(0.2).stop_sequence("END");
    /// assert_eq!(Request::new().inference_config(config.clone()).inference_config, Some(config));
    /// ```
    pub struct InferenceConfig {
        /// The maximum number of tokens in the answer.
        "maxTokens" => max_tokens: Option<u32>,
        /// The sampling temperature, from 0 to 1.
        "temperature" => temperature: Option<f64>,
        /// The share of the most likely tokens from which the model chooses, from 0 to 1.
        "topP" => top_p: Option<f64>,
        /// The texts at which the model stops.
        "stopSequences" => stop_sequences: Option<Vec<String>>,
    }
}

impl InferenceConfig {
    /// An empty configuration, which leaves everything to the model's defaults.
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
        /// The sampling temperature, from 0 to 1.
        temperature: f64,
        /// Sets the share of the most likely tokens from which the model chooses, from 0 to 1.
        top_p: f64,
    }
}
