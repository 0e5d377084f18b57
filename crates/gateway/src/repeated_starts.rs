use std::collections::VecDeque;

use serde_json::{Map, Value};

/// Finds what starts a block or a call of an answer a second time. A decoder takes no notice of it, but Anthropic's packages count
/// such a block as another one, and OpenAI's put an id or a name together with what the call already has.
#[derive(Debug, Default)]
pub(crate) struct RepeatedStarts {
    /// The block of Messages that started last.
    block: Option<u64>,
    /// The calls of Chat Completions, the latest ones if there are very many.
    calls: VecDeque<Call>,
}

#[derive(Debug)]
struct Call {
    /// The indices of the choice and of the call in it.
    index: (u64, u64),
    id: String,
    name: String,
}

impl RepeatedStarts {
    /// Whether a `content_block_start` of Messages, with this `index`, starts the block that started last.
    pub(crate) fn is_repeated(&mut self, index: Option<u64>) -> bool {
        let is_repeated = index.is_some() && self.block == index;
        self.block = index;
        is_repeated
    }

    /// A payload of Chat Completions without the ids and names that its calls have already; `None`: it has no such.
    pub(crate) fn without_repeated(&mut self, payload: &str) -> Option<String> {
        // Most payloads are text or pieces of arguments, and need not be read.
        if !payload.contains("\"tool_calls\"")
            || !(payload.contains("\"name\"") || payload.contains("\"id\""))
        {
            return None;
        }
        let mut payload: Value = serde_json::from_str(payload).ok()?;
        let mut is_changed = false;
        for choice in payload["choices"].as_array_mut()? {
            let choice_index = choice["index"].as_u64().unwrap_or_default();
            let Some(calls) = choice["delta"]["tool_calls"].as_array_mut() else { continue };
            for call in calls {
                if let Some(index) = call["index"].as_u64() {
                    is_changed |= self.call((choice_index, index), call);
                }
            }
        }
        is_changed.then(|| payload.to_string())
    }

    /// Takes the id and the name out of a piece of a call, if they are those that the call has. Returns whether it did.
    fn call(&mut self, index: (u64, u64), piece: &mut Value) -> bool {
        let id = piece["id"].as_str().unwrap_or_default();
        let name = piece["function"]["name"].as_str().unwrap_or_default();
        if id.is_empty() && name.is_empty() {
            return false;
        }
        let Some(known) = self.calls.iter_mut().rev().find(|call| call.index == index) else {
            if self.calls.len() == MAX_CALLS {
                self.calls.pop_front();
            }
            self.calls.push_back(Call { index, id: id.to_owned(), name: name.to_owned() });
            return false;
        };
        let (has_id, has_name) = (!id.is_empty() && known.id == id, !name.is_empty() && known.name == name);
        for (known, told) in [(&mut known.id, id), (&mut known.name, name)] {
            if known.is_empty() {
                told.clone_into(known);
            }
        }
        let remove =
            |object: Option<&mut Map<String, Value>>, member| object.map(|object| object.remove(member));
        if has_id {
            remove(piece.as_object_mut(), "id");
        }
        if has_name {
            remove(piece["function"].as_object_mut(), "name");
        }
        has_id || has_name
    }
}

/// More than one answer has.
const MAX_CALLS: usize = 128;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MAX_CALLS, RepeatedStarts};

    fn chunk(calls: &Value) -> String {
        json!({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}).to_string()
    }

    #[test]
    fn an_id_and_a_name_are_kept_once() {
        let mut starts = RepeatedStarts::default();
        let start =
            json!([{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}]);
        assert_eq!(starts.without_repeated(&chunk(&start)), None);
        // Some servers repeat them in each piece.
        let piece = json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}]);
        let without = json!([{"index": 0, "function": {"arguments": "{}"}}]);
        let read = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        assert_eq!(starts.without_repeated(&chunk(&piece)).map(read), Some(read(chunk(&without))));
        // Another call, another choice, another name, and pieces of arguments.
        for calls in [
            json!([{"index": 1, "id": "b", "function": {"name": "f", "arguments": ""}}]),
            json!([{"index": 0, "id": "c", "function": {"name": "g", "arguments": ""}}]),
            json!([{"index": 0, "function": {"arguments": "\"id\": \"a\""}}]),
            json!([{"id": "a", "function": {"name": "f"}}]),
            json!(null),
        ] {
            assert_eq!(starts.without_repeated(&chunk(&calls)), None, "{calls}");
        }
        for payload in ["", "{", "[]", r#"{"tool_calls":[{"name":"f"}]}"#] {
            assert_eq!(starts.without_repeated(payload), None, "{payload}");
        }
    }

    #[test]
    fn a_name_that_comes_in_pieces_stays_whole() {
        let mut starts = RepeatedStarts::default();
        for name in ["get_", "weather"] {
            let piece = json!([{"index": 0, "function": {"name": name}}]);
            assert_eq!(starts.without_repeated(&chunk(&piece)), None);
        }
    }

    #[test]
    fn calls_without_end_are_not_kept() {
        let mut starts = RepeatedStarts::default();
        for index in 0..1000 {
            starts.without_repeated(&chunk(&json!([{"index": index, "id": "a"}])));
        }
        assert_eq!(starts.calls.len(), MAX_CALLS);
    }

    #[test]
    fn a_block_starts_once() {
        let mut starts = RepeatedStarts::default();
        let told =
            [Some(0), Some(0), Some(1), None, None, Some(1), Some(1)].map(|index| starts.is_repeated(index));
        assert_eq!(told, [false, true, false, false, false, false, true]);
    }
}
