use serde_json::{Map, Value};

/// What the fake reads of a ConverseStream request.
#[derive(Clone, Debug)]
pub(crate) struct ConverseRequest {
    /// The text of the last message, its text blocks joined by blanks.
    pub(crate) prompt: String,
    /// The tool results of the last message, as text.
    pub(crate) tool_results: Vec<String>,
    /// The tool to call: the one that `toolChoice` names, else the first. None where the last message brings a result.
    pub(crate) tool: Option<Tool>,
    /// `inferenceConfig.maxTokens`.
    pub(crate) max_tokens: Option<u64>,
    /// About a token for every four bytes of the body.
    pub(crate) input_tokens: u64,
}

/// A tool that the request offers.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) schema: Value,
}

/// Why a request's body is not one that Bedrock would answer: each becomes a `ValidationException`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// The body is not JSON.
    #[error("The request body is not JSON: {reason}.")]
    NotJson {
        /// What is wrong, and where.
        reason: String,
    },
    /// A member is missing, or is of the wrong type.
    #[error("The value at {path} must be {expected}.")]
    Type {
        /// Where in the request: `messages.0.content`.
        path: String,
        /// What must be there: "an array".
        expected: &'static str,
    },
    /// There is no message.
    #[error(
        "The value at messages is empty. A conversation must start with a user message. Try again with a conversation \
         that starts with a user message."
    )]
    NoMessages,
    /// The first message is the assistant's.
    #[error(
        "A conversation must start with a user message. Try again with a conversation that starts with a user message."
    )]
    NotUserFirst,
    /// A message has no content.
    #[error(
        "The content field in the Message object at messages.{message} is empty. Add a ContentBlock object to the \
         content field and try again."
    )]
    EmptyContent {
        /// Which message, counted from 0.
        message: usize,
    },
    /// A text block has nothing but white space.
    #[error(
        "The text field in the ContentBlock object at messages.{message}.content.{block} is blank. Add text to the text \
         field, and try again."
    )]
    BlankText {
        /// Which message, counted from 0.
        message: usize,
        /// Which of its blocks, counted from 0.
        block: usize,
    },
    /// A tool's name is empty or too long.
    #[error("Value at 'toolConfig.tools.{tool}.toolSpec.name' has {len} characters: it must have 1 to 64.")]
    ToolNameLength {
        /// Which tool, counted from 0.
        tool: usize,
        /// How long its name is, in characters.
        len: usize,
    },
}

impl ConverseRequest {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, InvalidRequest> {
        let request: Value = serde_json::from_slice(body)
            .map_err(|error| InvalidRequest::NotJson { reason: error.to_string() })?;
        let request = request.as_object().ok_or_else(|| wrong_type("the top", "an object"))?;
        let mut last = Message::default();
        for (index, message) in array(request, "messages", "messages")?.iter().enumerate() {
            last = Message::parse(message, index)?;
            if index == 0 && last.role == "assistant" {
                return Err(InvalidRequest::NotUserFirst);
            }
        }
        if last.role.is_empty() {
            return Err(InvalidRequest::NoMessages);
        }
        let tool = if last.tool_results.is_empty() { tool(request)? } else { None };
        Ok(Self {
            prompt: last.text,
            tool_results: last.tool_results,
            tool,
            max_tokens: max_tokens(request)?,
            input_tokens: body.len().div_ceil(4) as u64,
        })
    }
}

#[derive(Default)]
struct Message {
    role: String,
    text: String,
    tool_results: Vec<String>,
}

impl Message {
    fn parse(value: &Value, index: usize) -> Result<Self, InvalidRequest> {
        let path = format!("messages.{index}");
        let message = value.as_object().ok_or_else(|| wrong_type(&path, "an object"))?;
        let role = message.get("role").and_then(Value::as_str).unwrap_or_default();
        if !matches!(role, "user" | "assistant" | "system") {
            return Err(wrong_type(&format!("{path}.role"), "one of user, assistant, system"));
        }
        let content = array(message, "content", &format!("{path}.content"))?;
        if content.is_empty() {
            return Err(InvalidRequest::EmptyContent { message: index });
        }
        let mut parsed = Self { role: role.to_owned(), ..Self::default() };
        for (block, content) in content.iter().enumerate() {
            let content = content
                .as_object()
                .filter(|content| !content.is_empty())
                .ok_or_else(|| wrong_type(&format!("{path}.content.{block}"), "a content block"))?;
            if let Some(text) = content.get("text") {
                let text = text
                    .as_str()
                    .ok_or_else(|| wrong_type(&format!("{path}.content.{block}.text"), "a string"))?;
                if text.trim().is_empty() {
                    return Err(InvalidRequest::BlankText { message: index, block });
                }
                if !parsed.text.is_empty() {
                    parsed.text.push(' ');
                }
                parsed.text.push_str(text);
            }
            if let Some(result) = content.get("toolResult") {
                parsed.tool_results.push(tool_result(result));
            }
        }
        Ok(parsed)
    }
}

/// A tool's result as text: its `text` and `json` parts, joined.
fn tool_result(result: &Value) -> String {
    let parts = result.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let parts: Vec<String> = parts
        .iter()
        .filter_map(|part| match (part.get("text"), part.get("json")) {
            (Some(text), _) => text.as_str().map(str::to_owned),
            (None, Some(json)) => Some(json.to_string()),
            (None, None) => None,
        })
        .collect();
    parts.join(" ")
}

fn tool(request: &Map<String, Value>) -> Result<Option<Tool>, InvalidRequest> {
    let Some(config) = request.get("toolConfig").filter(|config| !config.is_null()) else {
        return Ok(None);
    };
    let config = config.as_object().ok_or_else(|| wrong_type("toolConfig", "an object"))?;
    let mut tools = Vec::new();
    for (index, tool) in array(config, "tools", "toolConfig.tools")?.iter().enumerate() {
        let Some(spec) = tool.get("toolSpec") else { continue };
        let name = spec.get("name").and_then(Value::as_str).unwrap_or_default();
        let len = name.chars().count();
        if !(1..=64).contains(&len) {
            return Err(InvalidRequest::ToolNameLength { tool: index, len });
        }
        let schema = spec.get("inputSchema").and_then(|schema| schema.get("json"));
        tools.push((name, schema));
    }
    let choice = config.get("toolChoice").and_then(|choice| choice.get("tool")?.get("name")?.as_str());
    let chosen = tools.iter().find(|(name, _)| Some(*name) == choice).or(tools.first());
    Ok(chosen
        .map(|(name, schema)| Tool { name: (*name).to_owned(), schema: schema.cloned().unwrap_or_default() }))
}

fn max_tokens(request: &Map<String, Value>) -> Result<Option<u64>, InvalidRequest> {
    match request.get("inferenceConfig").and_then(|config| config.get("maxTokens")) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(tokens) if tokens > 0 => Ok(Some(tokens)),
            _ => Err(wrong_type("inferenceConfig.maxTokens", "an integer of at least 1")),
        },
    }
}

/// An array; one that is missing is empty.
fn array<'a>(object: &'a Map<String, Value>, name: &str, path: &str) -> Result<&'a [Value], InvalidRequest> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(values)) => Ok(values),
        Some(_) => Err(wrong_type(path, "an array")),
    }
}

fn wrong_type(path: &str, expected: &'static str) -> InvalidRequest {
    InvalidRequest::Type { path: path.to_owned(), expected }
}
