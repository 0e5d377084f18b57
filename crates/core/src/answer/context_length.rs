/// What Bedrock and the models there say of a request that is too long, in lower case: the older models and Converse itself,
/// Claude with and without `max_tokens`, Titan, Nova, and the models whose errors are worded like OpenAI's.
const MESSAGES: [&str; 8] = [
    "input is too long for requested model",
    "prompt is too long",
    "exceed context limit",
    "too many input tokens",
    "input tokens exceed",
    "too many total text bytes",
    "maximum context length",
    "exceeds the context window",
];

/// Whether the message of a refusal or an exception says that the request, or the answer that it asks for, is longer than the
/// model's context. Bedrock has no code for it: it is a `ValidationException` like any other mistake, and only its message, of which
/// each model has its own, tells. So an unknown wording gives `false`.
///
/// ```
/// use bedrock_stream_core::answer::is_context_length_message;
///
/// assert!(is_context_length_message("prompt is too long: 209353 tokens > 200000 maximum"));
/// assert!(!is_context_length_message("Too many tokens, please wait before trying again."));
/// ```
#[must_use]
pub fn is_context_length_message(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    MESSAGES.iter().any(|known| message.contains(known))
}

#[cfg(test)]
mod tests {
    use super::is_context_length_message;

    /// As they were seen: bedrock-chat#95, strands-agents/harness-sdk#1912 and #3969.
    #[test]
    fn messages_that_models_send() {
        for message in [
            "Input is too long for requested model.",
            "The model returned the following errors: prompt is too long: 903884 tokens > 200000 maximum",
            "The model returned the following errors: input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000, decrease input length or `max_tokens` and try again",
            "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9000",
            "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.",
            "too many total text bytes: 27000000 > 25000000",
            "This model's maximum context length is 202752 tokens. However, you requested 65536 output tokens",
            "Your input exceeds the context window of this model. Please adjust your input and try again.",
        ] {
            assert!(is_context_length_message(message), "{message}");
        }
        for other in [
            "",
            "Too many tokens, please wait before trying again.",
            "Too many requests, please wait before trying again.",
            "The text field in the ContentBlock object at messages[1].content[0] is blank.",
            "The maximum tokens you requested exceeds the model limit of 8192.",
            "1 validation error detected: Value at 'modelId' failed to satisfy constraint: Member must have length less than or equal to 2048",
        ] {
            assert!(!is_context_length_message(other), "{other}");
        }
    }
}
