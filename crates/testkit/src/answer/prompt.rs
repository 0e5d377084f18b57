use std::borrow::Cow;

use bedrock_stream_core::converse::{Request, Tool as OfferedTool, ToolChoice, ToolInputSchema};
use serde_json::Value;

use crate::conversation::Conversation;
use crate::validation::{InvalidRequest, UnknownMember, ValidRequest, validate};

/// What an answer is generated from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prompt {
    /// The text of the user's last message, with its text blocks joined by spaces.
    pub(crate) text: String,
    /// The tool results since the last answer, as text.
    pub(crate) tool_results: Vec<String>,
    /// The tool to call: the one that `toolChoice` names, or else the first. None if there are tool results and no tool call is
    /// required.
    pub(crate) tool: Option<Tool>,
    /// Whether a tool call is required.
    pub(crate) must_call: bool,
    /// The schema of `outputConfig.textFormat`, or of `output_config.format` among the model's own fields.
    pub(crate) output_schema: Option<Value>,
    /// `inferenceConfig.maxTokens`.
    pub(crate) max_tokens: Option<u64>,
    /// Whether the model reasons before it answers.
    pub(crate) reasons: bool,
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
        let prompt = Self { output_schema, unknown_members, ..Self::of(&request) };
        Ok(prompt.of_conversation(&serde_json::to_value(request).unwrap_or_default(), body.len()))
    }

    /// Reads everything except what the messages say.
    pub(crate) fn of(request: &Request) -> Self {
        let choice = request.tool_config.as_ref().and_then(|config| config.tool_choice.as_ref());
        Self {
            tool: tool(request),
            must_call: matches!(choice, Some(ToolChoice::Any(_) | ToolChoice::Tool(_))),
            reasons: true,
            max_tokens: request.inference_config.as_ref().and_then(|config| config.max_tokens).map(u64::from),
            ..Self::default()
        }
    }

    /// Adds what the messages of a request in any dialect say.
    pub(crate) fn of_conversation(self, body: &Value, body_len: usize) -> Self {
        let Conversation { last_text, tool_results, .. } = Conversation::read(body);
        let tool = self.tool.filter(|_| tool_results.is_empty() || self.must_call);
        let tool_results = tool_results.into_iter().map(|result| result.text).collect();
        Self { text: last_text, tool, tool_results, input_tokens: body_len.div_ceil(4) as u64, ..self }
    }

    /// The text, or else the tool results.
    pub(crate) fn text_or_tool_results(&self) -> Cow<'_, str> {
        if self.text.is_empty() { self.tool_results.join(" ").into() } else { Cow::Borrowed(&self.text) }
    }
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
