//! The parts that Chat Completions and Responses have in common.

use alloc::vec::Vec;

use bedrock_stream_core::json::Json;

use super::body::{Body, list, text_of};
use super::error::{RequestBodyError, RequestBodyErrorReason};
use super::members::{Object, Placed};

/// The parts of a content.
#[derive(Debug)]
pub(super) struct Parts {
    /// The type of a part that is text.
    text_type: &'static str,
    parts: Vec<Body>,
    /// The text of the only part, if it is a text.
    text: Option<Json>,
}

impl Parts {
    pub(super) const fn new(text_type: &'static str) -> Self {
        Self { text_type, parts: Vec::new(), text: None }
    }

    pub(super) fn text(&mut self, text: Json) {
        let is_only = self.parts.is_empty();
        self.push(Body::of_type(self.text_type).with("text", text.clone()));
        self.text = Some(text).filter(|_| is_only);
    }

    pub(super) fn push(&mut self, part: Body) {
        self.text = None;
        self.parts.push(part);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// A single text as a string, and anything else as a list. `None`: there are none.
    pub(super) fn into_content(self) -> Option<Json> {
        match self.text {
            Some(text) => Some(text),
            None => (!self.parts.is_empty()).then(|| list(self.parts)),
        }
    }
}

/// The schema of a `textFormat`, and what is left of its definition: a name and a description.
pub(super) fn schema(format: Placed) -> Result<(Json, Object), RequestBodyError> {
    let mut format = format.object()?;
    let is_schema = format.take("type").is_none_or(|kind| text_of(&kind) == "json_schema");
    if !is_schema {
        return Err(format.unsupported("type"));
    }
    let mut structure = format.object("structure")?;
    let mut definition = structure.object("jsonSchema")?;
    structure.finish()?;
    format.finish()?;
    let schema = definition.need("schema")?;
    // Converse has it as text.
    match Json::from_text(&text_of(&schema)) {
        Ok(schema) => Ok((schema, definition)),
        Err(_) => Err(definition.unsupported("schema")),
    }
}

/// A `textFormat` as OpenAI describes one, without its type. OpenAI requires a name.
pub(super) fn text_format(format: Placed) -> Result<Body, RequestBodyError> {
    let (schema, mut definition) = schema(format)?;
    let body = Body::new()
        .with("name", definition.need("name")?)
        .with_some("description", definition.take("description"))
        .with("schema", schema);
    definition.finish()?;
    Ok(body)
}

/// A tool as OpenAI describes a function.
pub(super) fn function(tool: Placed, mut function: Body) -> Result<Body, RequestBodyError> {
    let spec = match tool.member()? {
        (name, spec) if name == "toolSpec" => spec,
        (_, other) => return Err(other.unsupported()),
    };
    let mut spec = spec.object()?;
    function.set("name", spec.need("name")?);
    function.set_some("description", spec.take("description"));
    let mut schema = spec.object("inputSchema")?;
    function.set("parameters", schema.need("json")?);
    schema.finish()?;
    function.set_some("strict", spec.take("strict"));
    spec.finish()?;
    Ok(function)
}

/// Which tool must be called; `named` describes a function of that name.
pub(super) fn tool_choice(choice: Placed, named: impl Fn(Json) -> Body) -> Result<Json, RequestBodyError> {
    match choice.member()? {
        (name, auto) if name == "auto" => auto.object()?.finish().map(|()| "auto".into()),
        (name, any) if name == "any" => any.object()?.finish().map(|()| "required".into()),
        (name, tool) if name == "tool" => {
            let mut tool = tool.object()?;
            let choice = named(tool.need("name")?);
            tool.finish()?;
            Ok(choice.into())
        }
        (_, other) => Err(other.unsupported()),
    }
}

/// Writes what both dialects end with, once everything else has been taken out of the request.
pub(super) fn finish(mut request: Object, mut body: Body) -> Result<Json, RequestBodyError> {
    service_tier(request.object("serviceTier")?, &mut body)?;
    if let Some(fields) = request.placed("additionalModelRequestFields") {
        fields.whole_object()?.finish_into(&mut body)?;
    }
    request.finish()?;
    Ok(body.into())
}

/// Writes the tier: those that OpenAI has too.
fn service_tier(mut tier: Object, body: &mut Body) -> Result<(), RequestBodyError> {
    if let Some(kind) = tier.take("type") {
        if !matches!(&*text_of(&kind), "default" | "flex" | "priority") {
            return Err(tier.unsupported("type"));
        }
        body.set("service_tier", kind);
    }
    tier.finish()
}

/// A tool call: its id, its name, and its arguments as text.
pub(super) fn tool_use(call: Placed) -> Result<(Json, Json, Json), RequestBodyError> {
    let mut call = call.object()?;
    let (id, name, input) = (call.need("toolUseId")?, call.need("name")?, call.need("input")?);
    // Malformed and truncated arguments are strings.
    if !input.as_str().starts_with('{') {
        return Err(call.unsupported("input"));
    }
    call.finish()?;
    Ok((id, name, input.as_str().into()))
}

/// The result of a tool call: the call's id and the parts of the content. A failed status cannot be expressed.
pub(super) fn tool_result(result: Placed) -> Result<(Json, Vec<Placed>), RequestBodyError> {
    let mut result = result.object()?;
    let id = result.need("toolUseId")?;
    let parts = result.list("content")?;
    if result.take("status").is_some_and(|status| text_of(&status) != "success") {
        return Err(result.error("status", RequestBodyErrorReason::Unsupported));
    }
    result.finish()?;
    Ok((id, parts))
}
