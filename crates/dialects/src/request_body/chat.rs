use alloc::vec::Vec;

use bedrock_stream_core::converse::Request;
use bedrock_stream_core::json::Json;

use super::body::{Body, list, text_of};
use super::destination::Destination;
use super::error::{RequestBodyError, RequestBodyErrorReason};
use super::media::{Document, DocumentSource, Image, pdf_url};
use super::members::{Object, Placed};
use super::openai::{Parts, finish, function, text_format, tool_choice, tool_result, tool_use};
use crate::dialect::Dialect;

/// Converts a request into the body of OpenAI's Chat Completions. A streaming one asks for the usage too.
/// `additionalModelRequestFields` become members of the body, as Bedrock itself does it; a tool result that is JSON becomes text.
///
/// # Errors
///
/// Names the first member that Chat Completions cannot express, such as reasoning, a cache point, or the status of a failed tool.
///
/// Source: `CompletionCreateParams` of OpenAI's API.
///
/// ```
/// use bedrock_stream_core::converse::Request;
/// use bedrock_stream_dialects::request_body::{Destination, chat_body};
///
/// let request = Request::new().system("Be brief.").user("How many moons has Mars?");
/// let to = Destination::Operation { model: "openai.gpt-oss-20b-1:0", stream: false };
/// assert_eq!(chat_body(&request, to)?.as_str(), concat!(
///     r#"{"model":"openai.gpt-oss-20b-1:0","messages":[{"role":"system","content":"Be brief."},"#,
///     r#"{"role":"user","content":"How many moons has Mars?"}]}"#,
/// ));
/// # Ok::<(), bedrock_stream_dialects::request_body::RequestBodyError>(())
/// ```
pub fn chat_body(request: &Request, to: Destination<'_>) -> Result<Json, RequestBodyError> {
    let mut request = Object::of_request(request, Dialect::Chat)?;
    let mut body = Body::new();
    if to.write(&mut body) {
        body.set("stream_options", Body::new().with("include_usage", serde_json::Value::from(true)));
    }
    let mut config = request.object("inferenceConfig")?;
    body.set_some("max_completion_tokens", config.take("maxTokens"));
    body.set_some("temperature", config.take("temperature"));
    body.set_some("top_p", config.take("topP"));
    body.set_some("stop", config.take("stopSequences"));
    config.finish()?;
    let mut messages = Vec::new();
    let mut system = Parts::new("text");
    for block in request.list("system")? {
        match block.member()? {
            (name, text) if name == "text" => system.text(text.json),
            (_, other) => return Err(other.unsupported()),
        }
    }
    messages.extend(system.into_content().map(|content| of_role("system", content)));
    for message in request.list("messages")? {
        let mut message = message.object()?;
        let role = text_of(&message.need("role")?);
        let content = message.list("content")?;
        match &*role {
            "user" => user_message(content, &mut messages)?,
            "assistant" => messages.push(assistant_message(content)?),
            "system" => messages.push(system_message(content)?),
            _ => return Err(message.unsupported("role")),
        }
        message.finish()?;
    }
    body.set("messages", list(messages));
    let mut tools = request.object("toolConfig")?;
    let listed: Result<Vec<Body>, _> = tools.list("tools")?.into_iter().map(tool).collect();
    let listed = listed?;
    if !listed.is_empty() {
        body.set("tools", list(listed));
    }
    if let Some(choice) = tools.placed("toolChoice") {
        let named = |name| Body::of_type("function").with("function", Body::new().with("name", name));
        body.set("tool_choice", tool_choice(choice, named)?);
    }
    tools.finish()?;
    let mut output = request.object("outputConfig")?;
    body.set_some("reasoning_effort", output.take("effort"));
    if let Some(format) = output.placed("textFormat") {
        let format = Body::of_type("json_schema").with("json_schema", text_format(format)?);
        body.set("response_format", format);
    }
    output.finish()?;
    finish(request, body)
}

fn of_role(role: &str, content: Json) -> Body {
    Body::new().with("role", role).with("content", content)
}

/// A message of the user's: the results of tools first, each a message of its own.
fn user_message(content: Vec<Placed>, messages: &mut Vec<Body>) -> Result<(), RequestBodyError> {
    let mut parts = Parts::new("text");
    for block in content {
        match block.member()? {
            (name, text) if name == "text" => parts.text(text.json),
            (name, image) if name == "image" => {
                let url = Body::new().with("url", Image::read(image)?.data_url());
                parts.push(Body::of_type("image_url").with("image_url", url));
            }
            (name, document) if name == "document" => parts.push(file(document)?),
            (name, audio) if name == "audio" => parts.push(input_audio(audio)?),
            (name, result) if name == "toolResult" => {
                if !parts.is_empty() {
                    return Err(result.error(RequestBodyErrorReason::Order));
                }
                messages.push(tool_message(result)?);
            }
            (_, other) => return Err(other.unsupported()),
        }
    }
    messages.extend(parts.into_content().map(|content| of_role("user", content)));
    Ok(())
}

/// A message of the model's: its text, and then its calls.
fn assistant_message(content: Vec<Placed>) -> Result<Body, RequestBodyError> {
    let mut parts = Parts::new("text");
    let mut calls = Vec::new();
    for block in content {
        match block.member()? {
            (name, text) if name == "text" => {
                if !calls.is_empty() {
                    return Err(text.error(RequestBodyErrorReason::Order));
                }
                parts.text(text.json);
            }
            (name, call) if name == "toolUse" => {
                let (id, name, arguments) = tool_use(call)?;
                let function = Body::new().with("name", name).with("arguments", arguments);
                calls.push(Body::new().with("id", id).with("type", "function").with("function", function));
            }
            (_, other) => return Err(other.unsupported()),
        }
    }
    let mut message = of_role("assistant", parts.into_content().unwrap_or_default());
    if !calls.is_empty() {
        message.set("tool_calls", list(calls));
    }
    Ok(message)
}

/// Instructions in the middle of the conversation.
fn system_message(content: Vec<Placed>) -> Result<Body, RequestBodyError> {
    let mut parts = Parts::new("text");
    for block in content {
        match block.member()? {
            (name, text) if name == "text" => parts.text(text.json),
            (_, other) => return Err(other.unsupported()),
        }
    }
    Ok(of_role("system", parts.into_content().unwrap_or_else(|| "".into())))
}

fn tool_message(result: Placed) -> Result<Body, RequestBodyError> {
    let (id, content) = tool_result(result)?;
    let mut parts = Parts::new("text");
    for part in content {
        match part.member()? {
            (name, text) if name == "text" => parts.text(text.json),
            (name, json) if name == "json" => parts.text(json.json.as_str().into()),
            (_, other) => return Err(other.unsupported()),
        }
    }
    let content = parts.into_content().unwrap_or_else(|| "".into());
    Ok(Body::new().with("role", "tool").with("tool_call_id", id).with("content", content))
}

/// A PDF, with its name. OpenAI takes no other document in a request.
fn file(document: Placed) -> Result<Body, RequestBodyError> {
    let mut document = document.object()?;
    let Document { name, source } = Document::read(&mut document)?;
    let DocumentSource::Pdf(data) = source else { return Err(document.unsupported("source")) };
    document.finish()?;
    let file = Body::new().with("filename", pdf_name(&name)).with("file_data", pdf_url(&data));
    Ok(Body::of_type("file").with("file", file))
}

/// A document's name as that of a file: Converse's has no extension.
pub(super) fn pdf_name(name: &Json) -> Json {
    alloc::format!("{}.pdf", text_of(name)).into()
}

fn input_audio(audio: Placed) -> Result<Body, RequestBodyError> {
    let mut audio = audio.object()?;
    let format = audio.need("format")?;
    if !matches!(&*text_of(&format), "wav" | "mp3") {
        return Err(audio.unsupported("format"));
    }
    let mut source = audio.object("source")?;
    let data = source.need_or_place("bytes")?;
    source.finish()?;
    audio.finish()?;
    Ok(Body::of_type("input_audio")
        .with("input_audio", Body::new().with("data", data).with("format", format)))
}

fn tool(tool: Placed) -> Result<Body, RequestBodyError> {
    Ok(Body::of_type("function").with("function", function(tool, Body::new())?))
}
