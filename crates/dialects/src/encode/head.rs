use alloc::string::String;

/// The properties of an answer that the caller sets.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// The answer's id.
    pub(super) id: String,
    /// The model's name, as the client sent it.
    pub(super) model: String,
    /// The request id, for errors without one.
    pub(super) request_id: Option<String>,
    /// Whether the input token counts include cached tokens.
    pub(super) is_cache_in_input: bool,
}

impl Head {
    pub(super) const fn new(id: String, model: String) -> Self {
        Self { id, model, request_id: None, is_cache_in_input: false }
    }
}

/// Defines the setters that every encoder has, for one with a `head`.
macro_rules! head_setters {
    ($Encoder:ident) => {
        impl $Encoder {
            /// Sets the request id for error events, if the error itself has none.
            #[must_use]
            pub fn request_id(mut self, request_id: impl Into<alloc::string::String>) -> Self {
                self.head.request_id = Some(request_id.into());
                self
            }

            /// Sets whether the input token counts include tokens read from the cache and written to it, as they do for
            /// OpenAI's models on `ConverseStream`.
            #[must_use]
            pub fn cache_in_input_tokens(mut self, is_included: bool) -> Self {
                self.head.is_cache_in_input = is_included;
                self
            }
        }
    };
}

pub(super) use head_setters;
