use bedrock_stream_core::answer::Chunk;
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::Fields;
use bedrock_stream_dialects::encode::{ChatEncoder, Encode, Failure, MessagesEncoder, ResponsesEncoder};
use bedrock_stream_dialects::request::ToolNames;

use crate::api::Api;
use crate::ids::unique;
use crate::state::now;

/// Writes an answer in the client's dialect.
#[derive(Debug)]
pub(crate) enum Encoder {
    Chat(Box<ChatEncoder>),
    Responses(Box<ResponsesEncoder>),
    Messages(Box<MessagesEncoder>),
}

/// The parts of a request that its answer repeats.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) api: Api,
    /// The model, as the client named it.
    pub(crate) name: String,
    /// Whether the stream reports its usage, in Chat Completions.
    pub(crate) includes_usage: bool,
    /// The members that a response repeats, in Responses.
    pub(crate) members: Fields,
    /// What the client calls its tools, and in which namespace they are, in Responses.
    pub(crate) tools: ToolNames,
    /// Whether the model's input tokens include those of the cache.
    pub(crate) is_cache_in_input: bool,
}

impl Encoder {
    /// An encoder of an answer whose errors name this request. The limits are those of what it keeps of the answer.
    pub(crate) fn new(asked: &Asked, request_id: &str, limits: Limits) -> Self {
        let id = format!("{}{}", asked.api.id_prefix(), unique());
        let name = asked.name.as_str();
        let is_cache_in_input = asked.is_cache_in_input;
        match asked.api {
            Api::Chat => Self::Chat(Box::new(
                ChatEncoder::new(id, name, now())
                    .include_usage(asked.includes_usage)
                    .request_id(request_id)
                    .limits(limits)
                    .cache_in_input_tokens(is_cache_in_input),
            )),
            Api::Responses => Self::Responses(Box::new(
                ResponsesEncoder::new(id, name, now())
                    .request_members(asked.members.clone())
                    .tool_names(&asked.tools)
                    .request_id(request_id)
                    .limits(limits)
                    .cache_in_input_tokens(is_cache_in_input),
            )),
            Api::Messages => Self::Messages(Box::new(
                MessagesEncoder::new(id, name)
                    .pings(true)
                    .request_id(request_id)
                    .limits(limits)
                    .cache_in_input_tokens(is_cache_in_input),
            )),
        }
    }

    pub(crate) fn stream(&mut self) -> &mut dyn Encode {
        match self {
            Self::Chat(encoder) => &mut **encoder,
            Self::Responses(encoder) => &mut **encoder,
            Self::Messages(encoder) => &mut **encoder,
        }
    }

    /// The JSON of the whole answer.
    pub(crate) fn whole(&mut self, chunks: &[Chunk]) -> Result<String, Failure> {
        match self {
            Self::Chat(encoder) => encoder.whole(chunks),
            Self::Responses(encoder) => encoder.whole(chunks),
            Self::Messages(encoder) => encoder.whole(chunks),
        }
    }
}
