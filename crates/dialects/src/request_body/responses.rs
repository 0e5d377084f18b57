use alloc::vec::Vec;

use bedrock_stream_core::converse::Request;
use bedrock_stream_core::json::Json;

use super::body::{Body, list, text_of};
use super::chat::pdf_name;
use super::destination::Destination;
use super::error::RequestBodyError;
use super::media::{Document, DocumentSource, Image, pdf_url};
use super::members::{Object, Placed};
use super::openai::{Parts, finish, function, text_format, tool_choice, tool_result, tool_use};
use crate::dialect::Dialect;

/// Converts a request into the body of OpenAI's Responses. `additionalModelRequestFields` become members of the body; a tool result
/// that is JSON becomes text.
///
/// # Errors
///
/// Names the first member that Responses cannot express, such as stop sequences, reasoning, a cache point, or the status of a
/// failed tool.
///
/// Source: `ResponseCreateParams` of OpenAI's API.
///
/// ```
/// use bedrock_stream_core::converse::Request;
/// use bedrock_stream_dialects::request_body::responses_body;
///
/// let request = Request::new().system("Be brief.").user("How many moons has Mars?");
/// let body = responses_body(&request, "openai.gpt-oss-20b-1:0", true)?;
/// assert!(body.as_str().starts_with(r#"{"model":"openai.gpt-oss-20b-1:0","stream":true,"#));
/// assert!(body.as_str().contains(r#""instructions":"Be brief.""#));
/// # Ok::<(), bedrock_stream_dialects::request_body::RequestBodyError>(())
/// ```
pub fn responses_body(request: &Request, model: &str, stream: bool) -> Result<Json, RequestBodyError> {
    let mut request = Object::of_request(request, Dialect::Responses)?;
    let mut body = Body::new();
    Destination::Operation { model, stream }.write(&mut body);
    let mut config = request.object("inferenceConfig")?;
    body.set_some("max_output_tokens", config.take("maxTokens"));
    body.set_some("temperature", config.take("temperature"));
    body.set_some("top_p", config.take("topP"));
    config.finish()?;
    let mut items = Vec::new();
    let mut system = Item::new("system");
    let mut instructions = Vec::new();
    for block in request.list("system")? {
        match block.member()? {
            (name, text) if name == "text" => instructions.push(text.json),
            (_, other) => return Err(other.unsupported()),
        }
    }
    // They are one string; several are a message.
    if instructions.len() == 1 {
        body.set_some("instructions", instructions.pop());
    }
    instructions.into_iter().for_each(|text| system.parts.text(text));
    system.flush(&mut items);
    for message in request.list("messages")? {
        self::message(message.object()?, &mut items)?;
    }
    body.set("input", list(items));
    let mut tools = request.object("toolConfig")?;
    let functions = tools.list("tools")?.into_iter().map(|tool| function(tool, Body::of_type("function")));
    let listed = functions.collect::<Result<Vec<Body>, _>>()?;
    if !listed.is_empty() {
        body.set("tools", list(listed));
    }
    if let Some(choice) = tools.placed("toolChoice") {
        body.set("tool_choice", tool_choice(choice, |name| Body::of_type("function").with("name", name))?);
    }
    tools.finish()?;
    let mut output = request.object("outputConfig")?;
    if let Some(effort) = output.take("effort") {
        body.set("reasoning", Body::new().with("effort", effort));
    }
    if let Some(format) = output.placed("textFormat") {
        let format = text_format(format)?.with("type", "json_schema");
        body.set("text", Body::new().with("format", format));
    }
    output.finish()?;
    finish(request, body)
}

/// A message of the input: the parts that stand together.
struct Item {
    role: &'static str,
    parts: Parts,
}

impl Item {
    fn new(role: &'static str) -> Self {
        let text_type = if role == "assistant" { "output_text" } else { "input_text" };
        Self { role, parts: Parts::new(text_type) }
    }

    /// Ends the message, if it has anything, and begins another.
    fn flush(&mut self, items: &mut Vec<Body>) {
        let ended = core::mem::replace(self, Self::new(self.role));
        let content = ended.parts.into_content();
        items.extend(content.map(|content| Body::new().with("role", ended.role).with("content", content)));
    }
}

/// Writes a message as items, in the order of its blocks: calls and results are items of their own.
fn message(mut message: Object, items: &mut Vec<Body>) -> Result<(), RequestBodyError> {
    let role = match &*text_of(&message.need("role")?) {
        "user" => "user",
        "assistant" => "assistant",
        "system" => "system",
        _ => return Err(message.unsupported("role")),
    };
    let mut item = Item::new(role);
    for block in message.list("content")? {
        match block.member()? {
            (name, text) if name == "text" => item.parts.text(text.json),
            (name, call) if name == "toolUse" && role == "assistant" => {
                item.flush(items);
                let (id, name, arguments) = tool_use(call)?;
                items.push(
                    Body::of_type("function_call")
                        .with("call_id", id)
                        .with("name", name)
                        .with("arguments", arguments),
                );
            }
            (name, result) if name == "toolResult" && role == "user" => {
                item.flush(items);
                items.push(tool_output(result)?);
            }
            (name, content) if role == "user" => item.parts.push(input_part(&name, content)?),
            (_, other) => return Err(other.unsupported()),
        }
    }
    item.flush(items);
    message.finish()
}

/// A part that is not text.
fn input_part(name: &str, content: Placed) -> Result<Body, RequestBodyError> {
    match name {
        "image" => {
            let url = Image::read(content)?.data_url();
            Ok(Body::of_type("input_image").with("detail", "auto").with("image_url", url))
        }
        "document" => {
            let mut document = content.object()?;
            let Document { name, source } = Document::read(&mut document)?;
            let DocumentSource::Pdf(data) = source else { return Err(document.unsupported("source")) };
            document.finish()?;
            Ok(Body::of_type("input_file")
                .with("filename", pdf_name(&name))
                .with("file_data", pdf_url(&data)))
        }
        _ => Err(content.unsupported()),
    }
}

fn tool_output(result: Placed) -> Result<Body, RequestBodyError> {
    let (id, content) = tool_result(result)?;
    let mut parts = Parts::new("input_text");
    for part in content {
        match part.member()? {
            (name, text) if name == "text" => parts.text(text.json),
            (name, json) if name == "json" => parts.text(json.json.as_str().into()),
            (name, other) => parts.push(input_part(&name, other)?),
        }
    }
    let output = parts.into_content().unwrap_or_else(|| "".into());
    Ok(Body::of_type("function_call_output").with("call_id", id).with("output", output))
}
