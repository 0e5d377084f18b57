use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::converse::Request;
use bedrock_stream_core::json::Json;

use super::body::{Body, list, text_of};
use super::destination::Destination;
use super::error::{RequestBodyError, RequestBodyErrorReason};
use super::media::{Document, DocumentSource, Image, text_chunk};
use super::members::{Object, Placed};
use crate::dialect::Dialect;

/// Converts a request into the body of Anthropic's Messages. `additionalModelRequestFields` become members of the body, as Bedrock
/// itself does it; a tool result that is JSON becomes text.
///
/// # Errors
///
/// Names the first member that Messages cannot express, or lacks: it requires `maxTokens`, and a signature for reasoning.
///
/// Source: `MessageCreateParams` of Anthropic's API; "Anthropic Claude Messages API" in the Amazon Bedrock User Guide.
///
/// ```
/// use bedrock_stream_core::converse::Request;
/// use bedrock_stream_dialects::request_body::{Destination, RequestBodyErrorReason, messages_body};
///
/// let request = Request::new().user("How many moons has Mars?");
/// let error = messages_body(&request, Destination::Invoke).unwrap_err();
/// assert_eq!((&*error.field, error.reason), ("inferenceConfig.maxTokens", RequestBodyErrorReason::Missing));
///
/// assert_eq!(messages_body(&request.max_tokens(100), Destination::Invoke)?.as_str(), concat!(
///     r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"#,
///     r#""messages":[{"role":"user","content":"How many moons has Mars?"}]}"#,
/// ));
/// # Ok::<(), bedrock_stream_dialects::request_body::RequestBodyError>(())
/// ```
pub fn messages_body(request: &Request, to: Destination<'_>) -> Result<Json, RequestBodyError> {
    let mut request = Object::of_request(request, Dialect::Messages)?;
    let mut body = Body::new();
    to.write(&mut body);
    if to == Destination::Invoke {
        body.set("anthropic_version", ANTHROPIC_VERSION);
    }
    let mut config = request.object("inferenceConfig")?;
    body.set("max_tokens", config.need("maxTokens")?);
    body.set_some("temperature", config.take("temperature"));
    body.set_some("top_p", config.take("topP"));
    body.set_some("stop_sequences", config.take("stopSequences"));
    config.finish()?;
    let mut system = Blocks::default();
    for block in request.list("system")? {
        match block.member()? {
            (name, text) if name == "text" => system.push(text_block(text.json)),
            (name, point) if name == "cachePoint" => system.cache(point)?,
            (_, other) => return Err(other.unsupported()),
        }
    }
    body.set_some("system", system.into_content());
    let messages: Result<Vec<Body>, _> = request.list("messages")?.into_iter().map(message).collect();
    body.set("messages", list(messages?));
    tools(request.object("toolConfig")?, &mut body)?;
    output_config(request.object("outputConfig")?, &mut body)?;
    if let Some(fields) = request.placed("additionalModelRequestFields") {
        let fields = fields.whole_object()?;
        if to != Destination::Invoke && fields.has("anthropic_beta") {
            return Err(fields.error("anthropic_beta", RequestBodyErrorReason::Header));
        }
        fields.finish_into(&mut body)?;
    }
    request.finish()?;
    Ok(body.into())
}

/// The only version of the body on Bedrock.
const ANTHROPIC_VERSION: &str = "bedrock-2023-05-31";

/// Content blocks, of which any may end what is cached.
#[derive(Debug, Default)]
struct Blocks {
    blocks: Vec<Body>,
    /// Whether the last block may end what is cached.
    can_cache: bool,
    /// The text of the only block, if it is no more than that.
    text: Option<Json>,
}

impl Blocks {
    fn push(&mut self, block: Block) {
        self.text = block.text.filter(|_| self.blocks.is_empty());
        self.can_cache = block.can_cache;
        self.blocks.push(block.body);
    }

    /// The content before it may be cached.
    fn cache(&mut self, point: Placed) -> Result<(), RequestBodyError> {
        let path = point.path.clone();
        let mut point = point.object()?;
        let is_default = point.take("type").is_none_or(|kind| text_of(&kind) == "default");
        let control = Body::of_type("ephemeral").with_some("ttl", point.take("ttl"));
        let last =
            self.blocks.last_mut().filter(|last| is_default && self.can_cache && !last.has("cache_control"));
        let Some(last) = last else {
            let dialect = point.dialect;
            return Err(RequestBodyError {
                dialect,
                field: path,
                reason: RequestBodyErrorReason::Unsupported,
            });
        };
        point.finish()?;
        last.set("cache_control", control);
        self.text = None;
        Ok(())
    }

    /// A single text as a string, and anything else as a list. `None`: there are none.
    fn into_content(self) -> Option<Json> {
        match self.text {
            Some(text) => Some(text),
            None => (!self.blocks.is_empty()).then(|| list(self.blocks)),
        }
    }
}

/// A content block that is written.
struct Block {
    body: Body,
    text: Option<Json>,
    can_cache: bool,
}

impl From<Body> for Block {
    fn from(body: Body) -> Self {
        Self { body, text: None, can_cache: true }
    }
}

fn text_block(text: Json) -> Block {
    Block { body: Body::of_type("text").with("text", text.clone()), text: Some(text), can_cache: true }
}

fn message(message: Placed) -> Result<Body, RequestBodyError> {
    let mut message = message.object()?;
    let role = message.need("role")?;
    if !matches!(&*text_of(&role), "user" | "assistant") {
        return Err(message.unsupported("role"));
    }
    let mut blocks = Blocks::default();
    for block in message.list("content")? {
        match block.member()? {
            (name, point) if name == "cachePoint" => blocks.cache(point)?,
            (name, content) => blocks.push(content_block(&name, content)?),
        }
    }
    message.finish()?;
    let content = blocks.into_content().unwrap_or_else(|| list(Vec::<Json>::new()));
    Ok(Body::new().with("role", role).with("content", content))
}

fn content_block(name: &str, content: Placed) -> Result<Block, RequestBodyError> {
    Ok(match name {
        "text" => text_block(content.json),
        "image" => image(content)?.into(),
        "document" => document(content)?.into(),
        "searchResult" => search_result(content)?.into(),
        "toolUse" => tool_use(content.object()?)?.into(),
        "toolResult" => tool_result(content.object()?)?.into(),
        "reasoningContent" => Block { can_cache: false, ..reasoning(content)?.into() },
        "citationsContent" => {
            let mut cited = content.object()?;
            let mut text = String::new();
            for piece in cited.list("content")? {
                match piece.member()? {
                    (name, piece) if name == "text" => text.push_str(&text_of(&piece.json)),
                    (_, other) => return Err(other.unsupported()),
                }
            }
            if cited.list("citations")?.is_empty() {
                cited.finish()?;
                text_block(text.into())
            } else {
                return Err(cited.unsupported("citations"));
            }
        }
        _ => return Err(content.unsupported()),
    })
}

fn image(content: Placed) -> Result<Body, RequestBodyError> {
    let Image { media_type, data } = Image::read(content)?;
    let source = Body::of_type("base64").with("media_type", media_type).with("data", data);
    Ok(Body::of_type("image").with("source", source))
}

fn document(content: Placed) -> Result<Body, RequestBodyError> {
    let mut document = content.object()?;
    let Document { name, source } = Document::read(&mut document)?;
    let source = match source {
        DocumentSource::Pdf(data) => {
            Body::of_type("base64").with("media_type", "application/pdf").with("data", data)
        }
        DocumentSource::Text(text) => {
            Body::of_type("text").with("media_type", "text/plain").with("data", text)
        }
        DocumentSource::Chunks(chunks) => Body::of_type("content").with("content", chunks),
    };
    let body = Body::of_type("document")
        .with("source", source)
        .with("title", name)
        .with_some("context", document.take("context"))
        .with_some("citations", document.take("citations"));
    document.finish()?;
    Ok(body)
}

fn search_result(content: Placed) -> Result<Body, RequestBodyError> {
    let mut result = content.object()?;
    let texts = result.list("content")?.into_iter().map(text_chunk).collect::<Result<Vec<Body>, _>>()?;
    let body = Body::of_type("search_result")
        .with("source", result.need("source")?)
        .with("title", result.need("title")?)
        .with("content", list(texts))
        .with_some("citations", result.take("citations"));
    result.finish()?;
    Ok(body)
}

fn tool_use(mut call: Object) -> Result<Body, RequestBodyError> {
    let body = Body::of_type("tool_use").with("id", call.need("toolUseId")?).with("name", call.need("name")?);
    let input = call.need("input")?;
    if !input.as_str().starts_with('{') {
        return Err(call.unsupported("input"));
    }
    call.finish()?;
    Ok(body.with("input", input))
}

fn tool_result(mut result: Object) -> Result<Body, RequestBodyError> {
    let body = Body::of_type("tool_result").with("tool_use_id", result.need("toolUseId")?);
    let mut parts = Blocks::default();
    for part in result.list("content")? {
        parts.push(match part.member()? {
            (name, json) if name == "json" => text_block(json.json.as_str().into()),
            (name, part) if matches!(&*name, "text" | "image" | "document" | "searchResult") => {
                content_block(&name, part)?
            }
            (_, other) => return Err(other.unsupported()),
        });
    }
    let is_error = match result.take("status").as_ref().map(text_of).as_deref() {
        None => None,
        Some("error") => Some(true),
        Some("success") => Some(false),
        Some(_) => return Err(result.unsupported("status")),
    };
    result.finish()?;
    Ok(body
        .with_some("content", parts.into_content())
        .with_some("is_error", is_error.map(|is_error| serde_json::Value::from(is_error).into())))
}

fn reasoning(content: Placed) -> Result<Body, RequestBodyError> {
    match content.member()? {
        (name, text) if name == "reasoningText" => {
            let mut text = text.object()?;
            let body = Body::of_type("thinking")
                .with("thinking", text.need("text")?)
                .with("signature", text.need("signature")?);
            text.finish()?;
            Ok(body)
        }
        (name, data) if name == "redactedContent" => {
            Ok(Body::of_type("redacted_thinking").with("data", data.json))
        }
        (_, other) => Err(other.unsupported()),
    }
}

fn tools(mut config: Object, body: &mut Body) -> Result<(), RequestBodyError> {
    let mut tools = Blocks::default();
    for tool in config.list("tools")? {
        match tool.member()? {
            (name, point) if name == "cachePoint" => tools.cache(point)?,
            (name, spec) if name == "toolSpec" => {
                let mut spec = spec.object()?;
                let mut tool = Body::new().with("name", spec.need("name")?);
                tool.set_some("description", spec.take("description"));
                let mut schema = spec.object("inputSchema")?;
                tool.set("input_schema", schema.need("json")?);
                schema.finish()?;
                tool.set_some("strict", spec.take("strict"));
                spec.finish()?;
                tools.push(tool.into());
            }
            (_, other) => return Err(other.unsupported()),
        }
    }
    body.set_some("tools", tools.into_content());
    if let Some(choice) = config.placed("toolChoice") {
        let choice = match choice.member()? {
            (name, auto) if name == "auto" => {
                auto.object()?.finish()?;
                Body::of_type("auto")
            }
            (name, any) if name == "any" => {
                any.object()?.finish()?;
                Body::of_type("any")
            }
            (name, tool) if name == "tool" => {
                let mut tool = tool.object()?;
                let choice = Body::of_type("tool").with("name", tool.need("name")?);
                tool.finish()?;
                choice
            }
            (_, other) => return Err(other.unsupported()),
        };
        body.set("tool_choice", choice);
    }
    config.finish()
}

fn output_config(mut config: Object, body: &mut Body) -> Result<(), RequestBodyError> {
    let mut output = Body::new();
    let mut is_set = false;
    if let Some(effort) = config.take("effort") {
        output.set("effort", effort);
        is_set = true;
    }
    if let Some(format) = config.placed("textFormat") {
        let (schema, mut definition) = super::openai::schema(format)?;
        // Messages has no place for them, and they constrain nothing.
        for name in ["name", "description"] {
            definition.take(name);
        }
        definition.finish()?;
        output.set("format", Body::of_type("json_schema").with("schema", schema));
        is_set = true;
    }
    if is_set {
        body.set("output_config", output);
    }
    config.finish()
}
