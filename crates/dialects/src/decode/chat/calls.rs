use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::converse::ToolUseStart;
use bedrock_stream_core::json::{Fields, Json};

use super::content::string;
use super::hash::hash;
use super::json_extent::JsonExtent;
use super::payload::{ChatCall, ChatFunction};
use crate::decode::chunk_writer::ChunkWriter;

/// The tool calls of the choice being read.
#[derive(Debug)]
pub(super) struct Calls {
    /// The calls that have begun, in the order of their blocks; only the latest ones if there are very many.
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    index: CallIndex,
    block: u32,
    /// The hash of its id, since an id may be as long as a message; `None`: it has no id.
    id_hash: Option<u64>,
    /// The hash of its name; `None`: it has no name yet.
    name_hash: Option<u64>,
    /// The extent of its arguments so far.
    arguments: JsonExtent,
    state: CallState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallState {
    /// Its arguments are arriving.
    Open,
    /// It is finished.
    Ended,
    /// Its arguments arrived without a start, so they are skipped.
    Unstarted,
}

/// The call of a choice that a piece belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallIndex {
    Of(u32),
    /// The deprecated `function_call`, of which there is only one.
    Function,
    /// A call whose pieces have no index.
    None,
}

/// A piece of a call.
#[derive(Debug, Default)]
struct CallDelta<'a> {
    id: Option<String>,
    name: Option<String>,
    kind: Option<String>,
    arguments: Cow<'a, str>,
    other: Fields,
}

impl Calls {
    pub(super) const fn new() -> Self {
        Self { calls: Vec::new() }
    }

    /// Writes a piece of a tool call.
    pub(super) fn read(&mut self, call: ChatCall, chunks: &mut ChunkWriter) {
        let index = call.index.map_or(CallIndex::None, CallIndex::Of);
        let mut delta = CallDelta { id: call.id, kind: call.kind, other: call.other, ..CallDelta::default() };
        if let Some(function) = call.function {
            delta.function(function);
        }
        if let Some(custom) = call.custom {
            delta.name = delta.name.or(custom.name);
            delta.arguments.to_mut().push_str(&custom.input.unwrap_or_default());
            delta.other.extend(custom.other);
        }
        delta.kind = match delta.kind.as_deref() {
            Some("custom") => Some("custom_tool_call".into()),
            Some("function" | "") => None,
            _ => delta.kind,
        };
        self.delta(index, delta, chunks);
    }

    /// Writes a piece of a tool call that contains only arguments.
    pub(super) fn read_arguments(&mut self, index: u32, arguments: Cow<'_, str>, chunks: &mut ChunkWriter) {
        self.delta(CallIndex::Of(index), CallDelta { arguments, ..CallDelta::default() }, chunks);
    }

    /// Writes a piece of the deprecated `function_call`.
    pub(super) fn read_function(&mut self, function: ChatFunction, chunks: &mut ChunkWriter) {
        let mut delta = CallDelta::default();
        delta.function(function);
        self.delta(CallIndex::Function, delta, chunks);
    }

    /// Ends the calls whose arguments are complete. The others may still continue, even after a finish reason.
    pub(super) fn end_whole(&mut self, chunks: &mut ChunkWriter) {
        for call in &mut self.calls {
            if call.arguments.is_whole() {
                call.end(chunks);
            }
        }
    }

    /// Ends every call, because the model has finished all of them.
    pub(super) fn end_all(&mut self, chunks: &mut ChunkWriter) {
        self.calls.iter_mut().for_each(|call| call.end(chunks));
    }

    fn delta(&mut self, index: CallIndex, mut delta: CallDelta<'_>, chunks: &mut ChunkWriter) {
        delta.id = delta.id.filter(|id| !id.is_empty());
        delta.name = delta.name.filter(|name| !name.is_empty());
        let position = match self.position(index, &delta) {
            Some(position) => position,
            None if delta.id.is_some() || delta.name.is_some() => self.start(index, &mut delta, chunks),
            None if delta.arguments.is_empty() => {
                return write_other(None, delta.other, chunks);
            }
            None if index == CallIndex::None => {
                chunks.arguments(delta.arguments);
                return write_other(None, delta.other, chunks);
            }
            None => self.push(Call::new(index, chunks.new_block(), None, CallState::Unstarted)),
        };
        let call = &mut self.calls[position];
        call.complete(&mut delta);
        let is_blank = call.state == CallState::Ended && delta.arguments.trim_ascii().is_empty();
        if !delta.arguments.is_empty() && !is_blank {
            call.arguments.read(&delta.arguments);
            chunks.arguments_in(call.block, delta.arguments);
        }
        let block = (call.state == CallState::Open).then_some(call.block);
        write_other(block, delta.other, chunks);
    }

    /// The call that a piece continues; `None`: it starts a call, or belongs to none.
    fn position(&self, index: CallIndex, delta: &CallDelta<'_>) -> Option<usize> {
        let id_hash = delta.id.as_deref().map(hash);
        if index == CallIndex::None {
            let is_same = |call: &Call| call.index == index && call.id_hash == id_hash;
            return match (&delta.id, &delta.name) {
                (Some(_), _) => self.calls.iter().rposition(is_same),
                (None, Some(_)) => None,
                (None, None) => {
                    let mut open =
                        self.calls.iter().enumerate().filter(|(_, call)| call.state == CallState::Open);
                    open.next().filter(|_| open.next().is_none()).map(|(position, _)| position)
                }
            };
        }
        let position = self.calls.iter().rposition(|call| call.index == index)?;
        let call = &self.calls[position];
        // Some servers number every call 0, and some give each piece a different id, so only a piece with a name starts
        // a new call.
        let is_another = match call.state {
            CallState::Unstarted => delta.id.is_some() || delta.name.is_some(),
            _ => {
                delta.name.is_some()
                    && match id_hash {
                        Some(_) if call.id_hash.is_some() => id_hash != call.id_hash,
                        _ => call.arguments.is_whole() && !delta.arguments.is_empty(),
                    }
            }
        };
        (!is_another).then_some(position)
    }

    /// Starts a call, which ends those whose arguments are complete.
    fn start(&mut self, index: CallIndex, delta: &mut CallDelta<'_>, chunks: &mut ChunkWriter) -> usize {
        self.end_whole(chunks);
        if index != CallIndex::None {
            // It replaces the call that had its index.
            self.calls.iter_mut().filter(|call| call.index == index).for_each(|call| call.end(chunks));
        }
        let block = chunks.new_block();
        let id_hash = delta.id.as_deref().map(hash);
        let id = delta.id.take().unwrap_or_else(|| alloc::format!("call_{block}"));
        let mut start = ToolUseStart::new(id, delta.name.take().unwrap_or_default());
        start.kind = delta.kind.take();
        let mut call = Call::new(index, block, id_hash, CallState::Open);
        call.name_hash = start.name.as_deref().filter(|name| !name.is_empty()).map(hash);
        chunks.tool_call(block, start);
        self.push(call)
    }

    fn push(&mut self, call: Call) -> usize {
        if self.calls.len() == MAX_CALLS {
            let ended = self.calls.iter().position(|call| call.state == CallState::Ended);
            self.calls.remove(ended.unwrap_or(0));
        }
        self.calls.push(call);
        self.calls.len() - 1
    }
}

impl Call {
    fn new(index: CallIndex, block: u32, id_hash: Option<u64>, state: CallState) -> Self {
        Self { index, block, id_hash, arguments: JsonExtent::default(), name_hash: None, state }
    }

    /// An id or a name that arrives after the call has begun without one is kept as an unknown member. So is another name,
    /// which may be the rest of the first; servers that repeat the name send the same one.
    fn complete(&mut self, delta: &mut CallDelta<'_>) {
        if self.state == CallState::Unstarted {
            return;
        }
        if let Some(id) = delta.id.take().filter(|_| self.id_hash.is_none()) {
            self.id_hash = Some(hash(&id));
            delta.other.set("id", id.as_str());
        }
        if let Some(name) = delta.name.take() {
            let name_hash = hash(&name);
            if self.name_hash != Some(name_hash) {
                self.name_hash.get_or_insert(name_hash);
                delta.other.set("name", name.as_str());
            }
        }
    }

    fn end(&mut self, chunks: &mut ChunkWriter) {
        if self.state == CallState::Open {
            self.state = CallState::Ended;
            chunks.end_block(self.block);
        }
    }
}

impl CallDelta<'_> {
    fn function(&mut self, function: ChatFunction) {
        self.name = function.name;
        // Some servers write the arguments as JSON instead of as text.
        let text = |json: Json| string(&json).unwrap_or_else(|| json.as_str().into());
        self.arguments = function.arguments.map(text).unwrap_or_default().into();
        self.other.extend(function.other);
    }
}

fn write_other(block: Option<u32>, other: Fields, chunks: &mut ChunkWriter) {
    for member in other {
        if member.value != Json::default() {
            chunks.unknown_member(block, member.name, member.value);
        }
    }
}

/// How many calls are remembered: as many as may be open at once.
const MAX_CALLS: usize = 1024;
