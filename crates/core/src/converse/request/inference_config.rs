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
