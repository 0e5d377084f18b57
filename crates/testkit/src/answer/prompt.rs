use std::borrow::Cow;

use bedrock_stream_core::content::{ContentBlock, ToolResultBlock, ToolResultContent};
use bedrock_stream_core::converse::{Request, Tool as OfferedTool, ToolChoice, ToolInputSchema};
use serde_json::Value;

use crate::validation::{InvalidRequest, UnknownMember, ValidRequest, validate};

/// What an answer is generated from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prompt {
    /// The text of the last message, with its text blocks joined by spaces.
    pub(crate) text: String,
    /// The tool results of the last message, as text.
    pub(crate) tool_results: Vec<String>,
    /// The tool to call: the one that `toolChoice` names, or else the first. None if the last message has a tool result and
    /// no tool call is required.
    pub(crate) tool: Option<Tool>,
    /// The schema of `outputConfig.textFormat`, or of `output_config.format` among the model's own fields.
    pub(crate) output_schema: Option<Value>,
    /// `inferenceConfig.maxTokens`.
    pub(crate) max_tokens: Option<u64>,
    /// About one token per four bytes of the body.
    pub(crate) input_tokens: u64,
    /// The members that Bedrock does not know.
    pub(crate) unknown_members: Vec<UnknownMember>,
}

/// A tool that the request offers.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) schema: Value,
}

impl Prompt {
    /// Reads a request's body, and refuses what Bedrock would refuse.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, InvalidRequest> {
        let ValidRequest { request, output_schema, unknown_members } = validate(body)?;
        Ok(Self { output_schema, unknown_members, ..Self::of(&request, body.len()) })
    }

    pub(crate) fn of(request: &Request, body_len: usize) -> Self {
        let last = request.messages.iter().flatten().last();
        let content = || last.iter().flat_map(|message| &message.content).flat_map(ContentBlock::members);
        let texts: Vec<&str> = content()
            .filter_map(|block| if let ContentBlock::Text(text) = block { Some(&**text) } else { None })
            .collect();
        let tool_results: Vec<String> = content()
            .filter_map(
                |block| if let ContentBlock::ToolResult(result) = block { Some(result) } else { None },
            )
            .map(as_text)
            .collect();
        let choice = request.tool_config.as_ref().and_then(|config| config.tool_choice.as_ref());
        let must_call = matches!(choice, Some(ToolChoice::Any(_) | ToolChoice::Tool(_)));
        Self {
            text: texts.join(" "),
            tool: if tool_results.is_empty() || must_call { tool(request) } else { None },
            tool_results,
            output_schema: None,
            unknown_members: Vec::new(),
            max_tokens: request.inference_config.as_ref().and_then(|config| config.max_tokens).map(u64::from),
            input_tokens: body_len.div_ceil(4) as u64,
        }
    }

    /// The text, or else the tool results.
    pub(crate) fn text_or_tool_results(&self) -> Cow<'_, str> {
        if self.text.is_empty() { self.tool_results.join(" ").into() } else { Cow::Borrowed(&self.text) }
    }
}

/// A tool's result as text: its `text` and `json` parts, joined.
fn as_text(result: &ToolResultBlock) -> String {
    let parts: Vec<&str> = result
        .content
        .iter()
        .flat_map(ToolResultContent::members)
        .filter_map(|part| match part {
            ToolResultContent::Text(text) => Some(&**text),
            ToolResultContent::Json(json) => Some(json.as_str()),
            _ => None,
        })
        .collect();
    parts.join(" ")
}

fn tool(request: &Request) -> Option<Tool> {
    let config = request.tool_config.as_ref()?;
    let specs = || {
        config.tools.iter().flat_map(OfferedTool::members).filter_map(|tool| match tool {
            OfferedTool::Spec(spec) => Some(spec),
            _ => None,
        })
    };
    let choice = match &config.tool_choice {
        Some(ToolChoice::Tool(choice)) => Some(&choice.name),
        _ => None,
    };
    let chosen = specs().find(|spec| Some(&spec.name) == choice).or_else(|| specs().next())?;
    let schema = match &chosen.input_schema {
        ToolInputSchema::Json(schema) => schema.parse().unwrap_or_default(),
        _ => Value::Null,
    };
    Some(Tool { name: chosen.name.clone(), schema })
}
