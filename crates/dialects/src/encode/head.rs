use alloc::string::String;

/// What an encoder is told about the answer.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// The answer's id.
    pub(super) id: String,
    /// The model, as the client named it.
    pub(super) model: String,
    /// The id of the request, for errors that have none.
    pub(super) request_id: Option<String>,
    /// Whether the counts of input tokens include those of the cache.
    pub(super) is_cache_in_input: bool,
}

impl Head {
    pub(super) const fn new(id: String, model: String) -> Self {
        Self { id, model, request_id: None, is_cache_in_input: false }
    }
}

/// The settings that every encoder has, for one with a `head`.
macro_rules! head_setters {
    ($Encoder:ident) => {
        impl $Encoder {
            /// Sets the id of the request that an error event names, if the error itself has none.
            #[must_use]
            pub fn request_id(mut self, request_id: impl Into<alloc::string::String>) -> Self {
                self.head.request_id = Some(request_id.into());
                self
            }

            /// Says that the counts of input tokens include what was read from the cache and written to it, as they do
            /// for OpenAI's models on `ConverseStream`.
            #[must_use]
            pub fn cache_in_input_tokens(mut self, is_included: bool) -> Self {
                self.head.is_cache_in_input = is_included;
                self
            }
        }
    };
}

pub(super) use head_setters;
