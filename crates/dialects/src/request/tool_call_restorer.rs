use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use bedrock_stream_core::answer::{Chunk, ChunkRef};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::object;

use super::tool_names::ToolNames;

/// Gives the tool calls in an answer's chunks the names that the client knows, and makes calls of custom tools of those functions
/// that custom tools became.
///
/// A tool in a namespace keeps its name at Bedrock, and so does one whose own name would then be taken for that of another
/// tool. [`ResponsesEncoder::tool_names`](crate::encode::ResponsesEncoder::tool_names) gives them the client's names.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_dialects::request::{self, Options, ToolCallRestorer};
///
/// let body = br#"{"model":"nova","messages":[{"role":"user","content":"Hello"}],
///     "tools":[{"type":"function","function":{"name":"files.read","parameters":{"type":"object"}}}]}"#;
/// let names = request::chat(body, &Options::new())?.answer.tools;
/// let called = names.bedrock_name(None, "files.read").expect("it is a tool of the request").to_owned();
///
/// let mut restorer = ToolCallRestorer::new(names);
/// let chunk = Chunk::tool_call_start(0, "call-1", called, None);
/// let restored = restorer.restore(&chunk).expect("it is not hidden");
/// assert_eq!(*restored, Chunk::tool_call_start(0, "call-1", "files.read", None));
/// # Ok::<(), bedrock_stream_dialects::request::RequestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ToolCallRestorer {
    names: ToolNames,
    /// The blocks of calls of custom tools that are open.
    custom: Vec<u32>,
}

object! {
    /// The arguments of a function that a custom tool became.
    struct CustomArguments {
        /// The free text.
        "input" => input: Option<String>,
    }
}

impl ToolCallRestorer {
    /// One answer's restorer. The names are those of its request.
    #[must_use]
    pub const fn new(names: ToolNames) -> Self {
        Self { names, custom: Vec::new() }
    }

    /// The chunk as the client must see it; `None`: hidden. A custom tool's text comes with the end of its call.
    pub fn restore<'a>(&mut self, chunk: &'a Chunk) -> Option<Cow<'a, Chunk>> {
        match chunk {
            Chunk::ToolCallStart { block, id, name, kind, .. } => {
                // Nova calls a call of the client's tool `tool_use`; the others are the service's.
                let is_clients = kind.as_deref().is_none_or(|kind| kind == "tool_use");
                let tool = self.names.client_tool(name).filter(|_| is_clients);
                let Some(tool) = tool else { return Some(Cow::Borrowed(chunk)) };
                let is_custom = tool.is_custom;
                if is_custom {
                    self.custom.push(*block);
                }
                let kind = is_custom.then(|| CUSTOM_TOOL_CALL.into());
                Some(Cow::Owned(Chunk::tool_call_start(*block, id.clone(), self.shown(name), kind)))
            }
            Chunk::ToolCallDelta { block, .. } if self.custom.contains(block) => None,
            Chunk::ToolCallEnd { block, id, name, input, .. } => {
                let custom = self.custom.iter().position(|open| open == block);
                let input = match custom {
                    Some(position) => {
                        self.custom.swap_remove(position);
                        custom_input(input)
                    }
                    None => input.clone(),
                };
                Some(Cow::Owned(Chunk::tool_call_end(*block, id.clone(), self.shown(name), input)))
            }
            _ => Some(Cow::Borrowed(chunk)),
        }
    }

    /// Like [`restore`](Self::restore), for a chunk whose text is borrowed: nearly every chunk is returned as it is.
    pub fn restore_ref<'a>(&mut self, chunk: ChunkRef<'a>) -> Option<ChunkRef<'a>> {
        match chunk {
            ChunkRef::Owned(chunk) => Some(ChunkRef::Owned(match self.restore(&chunk)? {
                Cow::Owned(restored) => restored,
                Cow::Borrowed(_) => chunk,
            })),
            ChunkRef::ToolCallDelta { block, .. } if self.custom.contains(&block) => None,
            lent => Some(lent),
        }
    }

    /// The name that the client is shown.
    fn shown(&self, name: &Arc<str>) -> Arc<str> {
        match self.names.client_tool(name) {
            Some(tool) if tool.namespace.is_some() || *tool.name == **name => name.clone(),
            Some(tool) if self.names.has_namespaces() && self.names.client_tool(&tool.name).is_some() => {
                name.clone()
            }
            Some(tool) => tool.name.as_str().into(),
            None => name.clone(),
        }
    }
}

fn custom_input(input: &ToolInput) -> ToolInput {
    let arguments = match input {
        ToolInput::Json(json) => json.parse::<CustomArguments>().ok(),
        // Truncated arguments stay truncated.
        _ => return input.clone(),
    };
    match arguments {
        Some(CustomArguments { input: Some(text), other, .. }) if other.is_empty() => ToolInput::text(text),
        _ => ToolInput::malformed(input.as_str()),
    }
}

const CUSTOM_TOOL_CALL: &str = "custom_tool_call";

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use bedrock_stream_core::answer::{Chunk, ChunkRef};
    use bedrock_stream_core::content::ToolInput;
    use bedrock_stream_core::json::Json;

    use super::{ToolCallRestorer, ToolNames};

    #[test]
    fn a_custom_tools_text_comes_back() {
        let mut names = ToolNames::default();
        let name = names.assign(None, "apply.patch", true);
        let mut restorer = ToolCallRestorer::new(names.clone());
        let json = Json::from_text(r#"{"input":"*** Begin\n\"é\""}"#).unwrap();
        let chunks = [
            Chunk::tool_call_start(1, "c1", &*name, None),
            Chunk::tool_call_delta(1, "c1", json.as_str()),
            Chunk::tool_call_end(1, "c1", &*name, ToolInput::Json(json)),
            Chunk::tool_call_start(2, "c2", "unknown", None),
            Chunk::text(3, "a"),
        ];
        let mut lending = restorer.clone();
        let lent = chunks.iter().filter_map(|chunk| lending.restore_ref(chunk.into()));
        let lent: Vec<_> = lent.map(ChunkRef::into_chunk).collect();
        let restored: Vec<_> = chunks.iter().filter_map(|chunk| restorer.restore(chunk)).collect();
        assert!(lent.iter().eq(restored.iter().map(|chunk| &**chunk)), "{lent:?}");
        assert_eq!(restored.len(), 4);
        assert_eq!(
            *restored[0],
            Chunk::tool_call_start(1, "c1", "apply.patch", Some("custom_tool_call".into()))
        );
        assert_eq!(
            *restored[1],
            Chunk::tool_call_end(1, "c1", "apply.patch", ToolInput::text("*** Begin\n\"é\""))
        );
        assert_eq!(*restored[2], chunks[3]);
    }

    /// As Nova writes the calls of the client's tools.
    #[test]
    fn a_call_of_the_type_tool_use_is_the_clients() {
        let mut names = ToolNames::default();
        let name = names.assign(None, "server.tool", false);
        let mut restorer = ToolCallRestorer::new(names);
        let start = Chunk::tool_call_start(0, "c", &*name, Some("tool_use".into()));
        assert_eq!(*restorer.restore(&start).unwrap(), Chunk::tool_call_start(0, "c", "server.tool", None));
        let start = Chunk::tool_call_start(0, "c", &*name, Some("server_tool_use".into()));
        assert_eq!(*restorer.restore(&start).unwrap(), start);
    }

    #[test]
    fn arguments_of_another_shape_are_told_as_malformed() {
        let mut names = ToolNames::default();
        let name = names.assign(None, "patch", true);
        for input in [r#"{"patch":"a"}"#, r#"{"input":1}"#, r#"{"input":"a","b":2}"#, "[]"] {
            let mut restorer = ToolCallRestorer::new(names.clone());
            restorer.restore(&Chunk::tool_call_start(0, "c", &*name, None));
            let end = Chunk::tool_call_end(0, "c", &*name, ToolInput::Json(Json::from_text(input).unwrap()));
            let restored = restorer.restore(&end).unwrap().into_owned();
            assert_eq!(restored, Chunk::tool_call_end(0, "c", "patch", ToolInput::malformed(input)));
        }
    }
}
