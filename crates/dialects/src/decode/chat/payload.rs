use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

object! {
    /// A payload of Chat Completions, or of another model whose answers have `choices`. Every member may be missing.
    ///
    /// Source: `ChatCompletionChunk` in OpenAI's API reference.
    pub(super) struct ChatPayload {
        /// The answer's id.
        "id" => id: Option<Json>,
        /// `chat.completion.chunk`.
        "object" => object: Option<Json>,
        /// When the answer was started, in seconds since 1970.
        "created" => created: Option<Json>,
        /// The model's id.
        "model" => model: Option<Json>,
        /// The tier that the request was served in.
        "service_tier" => service_tier: Option<Json>,
        /// The configuration with which the model ran.
        "system_fingerprint" => system_fingerprint: Option<Json>,
        /// Pieces of one or more choices.
        "choices" => choices: Option<Vec<ChatChoice>>,
        /// The tokens used so far, or in total.
        "usage" => usage: Option<Json>,
    }
}

object! {
    /// A piece of one choice.
    pub(super) struct ChatChoice {
        /// The index of the choice; by default its position in the payload.
        "index" => index: Option<u32>,
        /// The piece.
        "delta" => delta: Option<ChatDelta>,
        /// A repetition of `delta`; if there is no `delta`, the piece itself (Mistral's chat models).
        "message" => message: Option<Json>,
        /// A piece of text, if there is neither (DeepSeek, OpenAI's text completions).
        "text" => text: Option<Json>,
        /// Why the model stopped.
        "finish_reason" => finish_reason: Option<Json>,
        /// The same as `finish_reason` (Mistral, DeepSeek), or the stop sequence or token that ended the choice (vLLM,
        /// Jamba).
        "stop_reason" => stop_reason: Option<Json>,
    }
}

object! {
    /// A piece of a choice's message.
    pub(super) struct ChatDelta {
        /// The role of the message.
        "role" => role: Option<Json>,
        /// Text, or a list of parts.
        "content" => content: Option<Json>,
        /// The text of a refusal.
        "refusal" => refusal: Option<Json>,
        /// Reasoning as text.
        "reasoning" => reasoning: Option<Json>,
        /// Reasoning as text, or as an object with text.
        "reasoning_content" => reasoning_content: Option<Json>,
        /// Reasoning as a list of items with texts, signatures and encrypted data.
        "reasoning_details" => reasoning_details: Option<Json>,
        /// Pieces of tool calls.
        "tool_calls" => tool_calls: Option<Vec<ChatCall>>,
        /// A function call in the old form, from before there were tools.
        "function_call" => function_call: Option<ChatFunction>,
    }
}

object! {
    /// A piece of a tool call.
    pub(super) struct ChatCall {
        /// The index of the call in the choice.
        "index" => index: Option<u32>,
        /// The call's id, usually in its first piece only.
        "id" => id: Option<String>,
        /// `function`, or `custom`.
        "type" => kind: Option<String>,
        /// The function to call, if it is one.
        "function" => function: Option<ChatFunction>,
        /// The custom tool to call, if it is one.
        "custom" => custom: Option<ChatCustomTool>,
    }
}

object! {
    /// A piece of the function part of a call.
    pub(super) struct ChatFunction {
        /// The function's name, usually in the call's first piece only.
        "name" => name: Option<String>,
        /// A piece of the arguments' JSON text, or all of the arguments as JSON.
        "arguments" => arguments: Option<Json>,
    }
}

object! {
    /// A piece of the custom tool part of a call.
    pub(super) struct ChatCustomTool {
        /// The tool's name.
        "name" => name: Option<String>,
        /// A piece of its input, which is free text.
        "input" => input: Option<String>,
    }
}

object! {
    /// The members that Groq adds to a payload.
    ///
    /// Source: `XGroq` in Groq's SDKs.
    pub(super) struct GroqMembers {
        /// Why the stream ends early.
        "error" => error: Option<Json>,
        /// The tokens used.
        "usage" => usage: Option<Json>,
    }
}
