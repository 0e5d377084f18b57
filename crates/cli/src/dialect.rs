use clap::ValueEnum;

/// How to ask a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    /// ConverseStream
    #[default]
    Converse,
    /// InvokeModelWithResponseStream: with a prompt, the body of Anthropic's models; with --request, that of any model
    Invoke,
    /// OpenAI's Chat Completions
    Chat,
    /// OpenAI's Responses
    Responses,
    /// Anthropic's Messages
    Messages,
}

impl Dialect {
    /// Its name among the arguments.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Converse => "converse",
            Self::Invoke => "invoke",
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Messages => "messages",
        }
    }

    /// What its answers stream as.
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

/// What an answer streams as, as far as the user says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    /// Whatever the bytes tell: an event stream or server-sent events, in the dialect of the first payload that tells
    #[default]
    Auto,
    /// ConverseStream
    Converse,
    /// InvokeModelWithResponseStream, in the dialect of the first payload that tells
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
