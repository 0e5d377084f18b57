use clap::ValueEnum;

/// The API with which a model is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    /// ConverseStream
    #[default]
    Converse,
    /// InvokeModelWithResponseStream: in `converse` for Anthropic's models, or for any model with --request
    Invoke,
    /// OpenAI's Chat Completions
    Chat,
    /// OpenAI's Responses
    Responses,
    /// Anthropic's Messages
    Messages,
}

impl Dialect {
    /// Its name as an argument.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Converse => "converse",
            Self::Invoke => "invoke",
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Messages => "messages",
        }
    }

    /// The format in which its answers stream.
    pub(crate) const fn from(self) -> From {
        match self {
            Self::Converse => From::Converse,
            Self::Invoke => From::Invoke,
            Self::Chat => From::Chat,
            Self::Responses => From::Responses,
            Self::Messages => From::Messages,
        }
    }
}

/// The format in which an answer streams, as chosen by the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    /// Detect it: an event stream or server-sent events, in the dialect of the first payload that identifies it
    #[default]
    Auto,
    /// ConverseStream
    Converse,
    /// InvokeModelWithResponseStream, in the dialect of the first payload that identifies it
    Invoke,
    /// OpenAI's Chat Completions, as server-sent events or from InvokeModelWithResponseStream
    Chat,
    /// OpenAI's Responses
    Responses,
    /// Anthropic's Messages, as server-sent events or from InvokeModelWithResponseStream
    Messages,
    /// InvokeAgent and InvokeInlineAgent. Nothing in these streams proves that an answer is complete
    Agent,
}

/// The dialect to convert an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum To {
    /// OpenAI's Chat Completions
    Chat,
    /// OpenAI's Responses
    Responses,
    /// Anthropic's Messages
    Messages,
    /// ConverseStream, an event stream. An answer that is not complete ends with the service's exception, or before its
    /// messageStop if the error is not the service's
    Converse,
}
