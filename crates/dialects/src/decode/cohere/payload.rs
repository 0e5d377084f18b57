use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

use crate::decode::failure;

object! {
    /// A payload of Cohere's Command or Command R.
    ///
    /// Source: "Cohere Command models" and "Cohere Command R and Command R+ models" in the Amazon Bedrock User Guide.
    pub(super) struct CoherePayload {
        /// The type of the payload; Command R only.
        "event_type" => event_type: Option<String>,
        /// A piece of the text.
        "text" => text: Option<String>,
        /// The index of its generation, if there are several; Command only.
        "index" => index: Option<u32>,
        /// Whether it is the last payload.
        "is_finished" => is_finished: Option<bool>,
        /// Why the model stopped, in the last payload.
        "finish_reason" => finish_reason: Option<String>,
        /// The generations, if the request did not ask for a stream; Command only.
        "generations" => generations: Option<Vec<Generation>>,
        /// A repetition of the request's prompt.
        "prompt" => prompt: Option<Json>,
        /// The answer's id.
        "id" => id: Option<Json>,
        /// The answer's id; Command R only.
        "generation_id" => generation_id: Option<Json>,
        /// Complete tool calls; Command R only.
        "tool_calls" => tool_calls: Option<Vec<CohereCall>>,
        /// A repetition of the answer, with the tokens used; Command R only.
        "response" => response: Option<CohereResponse>,
    }
}

object! {
    /// One of several complete answers.
    pub(super) struct Generation {
        /// Its index.
        "index" => index: Option<u32>,
        /// The text.
        "text" => text: Option<String>,
        /// Why the model stopped.
        "finish_reason" => finish_reason: Option<String>,
        /// Its id.
        "id" => id: Option<Json>,
    }
}

object! {
    /// A tool call. It has no id.
    pub(super) struct CohereCall {
        /// The tool's name.
        "name" => name: Option<String>,
        /// The arguments, an object.
        "parameters" => parameters: Option<Json>,
    }
}

object! {
    /// A complete answer, as in the last payload.
    pub(super) struct CohereResponse {
        /// A repetition of the whole text.
        "text" => text: Option<String>,
        /// A repetition of every tool call.
        "tool_calls" => tool_calls: Option<Vec<CohereCall>>,
        /// A repetition of the conversation.
        "chat_history" => chat_history: Option<Json>,
        /// Why the model stopped.
        "finish_reason" => finish_reason: Option<String>,
        /// The answer's id.
        "generation_id" => generation_id: Option<Json>,
        /// The response's id.
        "response_id" => response_id: Option<Json>,
        /// The tokens used.
        "meta" => meta: Option<Json>,
    }
}

object! {
    /// The tokens that an answer used.
    pub(super) struct Meta {
        /// The tokens read and written by the model.
        "tokens" => tokens: Option<Tokens>,
        /// The tokens that are billed.
        "billed_units" => billed_units: Option<Tokens>,
    }
}

object! {
    /// Counts of tokens.
    pub(super) struct Tokens {
        /// Tokens of the request.
        "input_tokens" => input_tokens: Option<u64>,
        /// Tokens of the answer.
        "output_tokens" => output_tokens: Option<u64>,
    }
}

impl Generation {
    /// Whether it reports that it failed.
    pub(super) fn is_failed(&self) -> bool {
        failure::has_error(&self.other) || self.finish_reason.as_deref() == Some("ERROR")
    }
}
