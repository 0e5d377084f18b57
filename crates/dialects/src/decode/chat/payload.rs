use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

object! {
    /// A payload of Chat Completions, or of a model whose answers have `choices` too. Every member may be missing.
    ///
    /// Source: `ChatCompletionChunk` in OpenAI's API reference.
    pub(super) struct ChatPayload {
        /// The answer's id.
        "id" => id: Option<Json>,
        /// `chat.completion.chunk`.
        "object" => object: Option<Json>,
        /// When the answer was begun, in seconds since 1970.
        "created" => created: Option<Json>,
        /// The model's id.
        "model" => model: Option<Json>,
        /// The tier that the request was served in.
        "service_tier" => service_tier: Option<Json>,
        /// The configuration that the model ran with.
        "system_fingerprint" => system_fingerprint: Option<Json>,
        /// A piece of each of some choices.
        "choices" => choices: Option<Vec<ChatChoice>>,
        /// The tokens used so far, or in all.
        "usage" => usage: Option<Json>,
    }
}

object! {
    /// A piece of one choice.
    pub(super) struct ChatChoice {
        /// Which choice; by default its position among those of the payload.
        "index" => index: Option<u32>,
        /// The piece.
        "delta" => delta: Option<ChatDelta>,
        /// The same once more beside `delta`; the piece itself where there is no `delta` (Mistral's chat models).
        "message" => message: Option<Json>,
        /// A piece of text, where there is neither (DeepSeek, OpenAI's text completions).
        "text" => text: Option<Json>,
        /// Why the model stopped, a word.
        "finish_reason" => finish_reason: Option<Json>,
        /// The same (Mistral, DeepSeek), or the stop sequence or token that ended the choice (vLLM, Jamba).
        "stop_reason" => stop_reason: Option<Json>,
    }
}

object! {
    /// A piece of a choice's message.
    pub(super) struct ChatDelta {
        /// Who speaks.
        "role" => role: Option<Json>,
        /// Text, or a list of parts.
        "content" => content: Option<Json>,
        /// Text that says why the model does not answer.
        "refusal" => refusal: Option<Json>,
        /// Reasoning, a text.
        "reasoning" => reasoning: Option<Json>,
        /// Reasoning, a text or an object with one.
        "reasoning_content" => reasoning_content: Option<Json>,
        /// Reasoning, a list of items with texts, signatures and encrypted data.
        "reasoning_details" => reasoning_details: Option<Json>,
        /// Pieces of tool calls.
        "tool_calls" => tool_calls: Option<Vec<ChatCall>>,
        /// The call of a function, as it was before there were tools.
        "function_call" => function_call: Option<ChatFunction>,
    }
}

object! {
    /// A piece of a tool call.
    pub(super) struct ChatCall {
        /// Which call of the choice.
        "index" => index: Option<u32>,
        /// The call's id, usually in its first piece only.
        "id" => id: Option<String>,
        /// `function`, or `custom`.
        "type" => kind: Option<String>,
        /// What is called, if it is a function.
        "function" => function: Option<ChatFunction>,
        /// What is called, if it is a custom tool.
        "custom" => custom: Option<ChatCustomTool>,
    }
}

object! {
    /// A piece of what a call says about its function.
    pub(super) struct ChatFunction {
        /// The function's name, usually in the call's first piece only.
        "name" => name: Option<String>,
        /// A piece of the arguments' JSON text, or all of them as JSON.
        "arguments" => arguments: Option<Json>,
    }
}

object! {
    /// A piece of what a call says about its custom tool.
    pub(super) struct ChatCustomTool {
        /// The tool's name.
        "name" => name: Option<String>,
        /// A piece of its input, free text.
        "input" => input: Option<String>,
    }
}
