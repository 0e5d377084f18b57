//! The rules of content blocks.

use super::answer::Answer;
use super::block::{Block, Call, EndedBy, Kind};
use super::expected_json::ExpectedJson;
use super::json::Json;
use super::shape::{BLOCK_DELTA, BLOCK_START, BLOCK_STOP, CITATION, IMAGE, Shape, TOOL_RESULT};

impl Answer {
    pub(super) fn block_start(&mut self, event: &Json<'_>) {
        if self.is_late() {
            return;
        }
        let start = event.get("start");
        let member = |name| start.and_then(|start| start.get(name));
        let index = index(event);
        let is_tool = member("toolUse").is_some();
        let id = member("toolUse")
            .or(member("toolResult"))
            .map(|tool| tool.get("toolUseId").and_then(Json::as_str).filter(|id| !id.is_empty()));
        // A start without an id, or without an index.
        let (Some(block), None | Some(Some(_))) = (index, id) else {
            if start.is_some_and(|start| !start.members().is_empty()) {
                self.skipped_blocks.add(index);
                self.skip("unexpected");
                // The design does not say what happens to an open block at this index: it ends.
                self.close_at(index);
            }
            return;
        };
        self.skipped_blocks.end(block);
        if id.is_some() || member("image").is_some() {
            // The design does not say what happens to an open block at this index: it ends.
            self.close(block, EndedBy::Other);
        }
        let text = |json: Option<&Json<'_>>, name: &str| {
            json.and_then(|json| json.get(name)).and_then(Json::as_str).map(str::to_owned)
        };
        let id = id.flatten().unwrap_or_default();
        let place = |kind: &str| ExpectedJson::chunk(kind).with("block", ExpectedJson::Integer(block.into()));
        if is_tool {
            let tool = member("toolUse");
            let name = text(tool, "name").unwrap_or_default();
            self.give(
                place("tool_call_start")
                    .with("id", ExpectedJson::text(id))
                    .with("name", ExpectedJson::text(&*name))
                    .with_some("kind", text(tool, "type").map(ExpectedJson::text)),
            );
            let call = Call { id: id.into(), name, arguments: String::new(), may_lack_input: false };
            self.blocks.insert(block, Block::started(Kind::Tool(call)));
        } else if let Some(result) = member("toolResult") {
            self.give(
                place("tool_result_start")
                    .with("id", ExpectedJson::text(id))
                    .with_some("kind", text(Some(result), "type").map(ExpectedJson::text))
                    .with_some("status", text(Some(result), "status").map(ExpectedJson::text)),
            );
            self.blocks.insert(block, Block::started(Kind::ToolResult { id: id.into() }));
        } else if let Some(image) = member("image") {
            self.give(
                place("image_start").with_some("format", text(Some(image), "format").map(ExpectedJson::text)),
            );
            self.blocks.insert(block, Block::started(Kind::Image));
        } else {
            self.blocks.entry(block).or_default();
        }
        self.unknown_in_start(start, block);
        self.unknown_members(event, &BLOCK_START, Some(block));
    }

    /// The members of a start that are not in the service model.
    fn unknown_in_start(&mut self, start: Option<&Json<'_>>, block: u32) {
        let Some(start) = start else {
            return;
        };
        const NAMES: [(&str, &[&str]); 3] = [
            ("toolUse", &["toolUseId", "name", "type"]),
            ("toolResult", &["toolUseId", "type", "status"]),
            ("image", &["format"]),
        ];
        for (name, value) in start.members() {
            match NAMES.iter().find(|(known, _)| known == name) {
                None => self.unknown(name, value, Some(block)),
                Some((_, members)) => {
                    for (name, value) in value.members() {
                        if !members.contains(&&**name) {
                            self.unknown(name, value, Some(block));
                        }
                    }
                }
            }
        }
    }

    pub(super) fn block_delta(&mut self, event: &Json<'_>) {
        if self.is_late() {
            return;
        }
        let members: Vec<_> = event
            .get("delta")
            .map(|delta| {
                delta
                    .members()
                    .iter()
                    .filter(|(name, value)| !(value.is_null() && KINDS.contains(&&**name)))
                    .collect()
            })
            .unwrap_or_default();
        let is_data = |name: &str| name != "p" && !BLOCK_DELTA.knows(name);
        let brings_nothing = members.is_empty() && !event.members().iter().any(|(name, _)| is_data(name));
        let named = index(event);
        let open: Vec<u32> = self.blocks.keys().copied().collect();
        let block = match (named, &*open, self.skipped_blocks.len()) {
            (Some(block), ..) => block,
            (None, [block], 0) => *block,
            _ if brings_nothing && self.skipped_blocks.has_without_index() => return,
            // "What follows for it is only counted."
            (None, [], 1) => return self.skipped += 1,
            _ if brings_nothing => return,
            _ => {
                if members.iter().any(|(name, _)| name == "toolUse") {
                    // The event may have been a piece of any call.
                    self.doubt_calls();
                }
                if self.skipped_blocks.has_without_index()
                    || std::mem::replace(&mut self.indexless_delta_reported, true)
                {
                    return self.skipped += 1;
                }
                return self.skip("unexpected");
            }
        };
        if self.skipped_blocks.has(block) {
            return self.skipped += 1;
        }
        let kind = self.blocks.get(&block).map(|block| &block.kind);
        let belongs = |name: &str| match name {
            "toolUse" => matches!(kind, Some(Kind::Tool(_))),
            "toolResult" => matches!(kind, Some(Kind::ToolResult { .. })),
            _ => true,
        };
        if !members.iter().all(|(name, _)| belongs(name)) {
            let of_call = members.iter().any(|(name, _)| name == "toolUse");
            return self.misplaced(block, of_call);
        }
        if named.is_none() {
            self.indexless_delta_reported = false;
        }
        // A missing index may be that of a block whose start could not be read.
        let may_lack_input = named.is_none() && self.start_unread;
        self.blocks.entry(block).or_default();
        for (name, value) in members {
            self.piece(block, name, value, may_lack_input);
        }
        self.unknown_members(event, &BLOCK_DELTA, Some(block));
    }

    /// A delta of another kind than its block: "one error an index" (C7).
    fn misplaced(&mut self, block: u32, of_call: bool) {
        match self.blocks.get_mut(&block) {
            Some(open) => {
                if let Kind::Tool(call) = &mut open.kind {
                    // The whole event is skipped, and with it possibly a piece of the call.
                    call.may_lack_input |= of_call;
                }
                if std::mem::replace(&mut open.mismatch_reported, true) {
                    return self.skipped += 1;
                }
            }
            None => self.skipped_blocks.add(Some(block)),
        }
        self.skip("unexpected");
    }

    /// A member of a delta.
    fn piece(&mut self, block: u32, name: &str, value: &Json<'_>, may_lack_input: bool) {
        let place = |kind: &str| ExpectedJson::chunk(kind).with("block", ExpectedJson::Integer(block.into()));
        let echo = |shape: &Shape| shape.echo(value).expect("the event was read");
        match name {
            "text" => self.words(block, "text", value),
            "toolUse" => {
                let Some(Block { kind: Kind::Tool(call), .. }) = self.blocks.get_mut(&block) else {
                    return;
                };
                // The design does not say what happens to an empty piece.
                call.may_lack_input |= may_lack_input;
                let piece = value.get("input").and_then(Json::as_str).unwrap_or_default();
                if !piece.is_empty() {
                    call.arguments.push_str(piece);
                    let id = ExpectedJson::text(&*call.id);
                    self.give(
                        place("tool_call_delta")
                            .with("id", id)
                            .with("arguments_delta", ExpectedJson::text(piece)),
                    );
                }
                for (name, value) in value.members().iter().filter(|(name, _)| name != "input") {
                    self.unknown(name, value, Some(block));
                }
            }
            "toolResult" => {
                let Some(Block { kind: Kind::ToolResult { id }, .. }) = self.blocks.get(&block) else {
                    return;
                };
                let id = ExpectedJson::text(&**id);
                self.give(place("tool_result").with("id", id).with("content", echo(&TOOL_RESULT)));
            }
            "reasoningContent" => {
                for (name, value) in value.members() {
                    match &**name {
                        "text" | "signature" | "redactedContent" if value.is_null() => {}
                        "text" => self.words(block, "reasoning", value),
                        "signature" => {
                            let signature = ExpectedJson::text(value.as_str().unwrap_or_default());
                            self.give_in(
                                block,
                                "reasoning",
                                place("reasoning_signature").with("signature", signature),
                            );
                        }
                        "redactedContent" => {
                            let data = Shape::Blob.echo(value).expect("the event was read");
                            self.give_in(
                                block,
                                "reasoning_redacted",
                                place("reasoning_redacted").with("data", data),
                            );
                        }
                        _ => self.unknown(name, value, Some(block)),
                    }
                }
            }
            "citation" => self.give_in(block, "text", place("citation").with("citation", echo(&CITATION))),
            "image" => {
                // An image has a start of its own.
                if let Some(open @ Block { started: false, .. }) = self.blocks.get_mut(&block) {
                    open.started = true;
                    self.give(place("image_start"));
                }
                self.give(place("image").with("image", echo(&IMAGE)));
            }
            _ => self.unknown(name, value, Some(block)),
        }
    }

    /// "An empty text or argument delta yields no chunk" (C3).
    fn words(&mut self, block: u32, kind: &str, value: &Json<'_>) {
        let text = value.as_str().unwrap_or_default();
        if !text.is_empty() {
            let chunk = ExpectedJson::chunk(kind)
                .with("block", ExpectedJson::Integer(block.into()))
                .with("text", ExpectedJson::text(text));
            self.give_in(block, kind, chunk);
        }
    }

    pub(super) fn block_stop(&mut self, event: &Json<'_>) {
        let named = index(event);
        let open: Vec<u32> = self.blocks.keys().copied().collect();
        let block = match (named, &*open, self.skipped_blocks.len()) {
            (None, [block], 0) => Some(*block),
            (None, [], _) => self.skipped_blocks.only(),
            _ => named,
        };
        if named.is_none() {
            if open.is_empty() {
                self.skipped_blocks.end_without_index();
            }
            self.indexless_delta_reported &= self.skipped_blocks.has_without_index();
        }
        self.unknown_members(event, &BLOCK_STOP, block);
        if let Some(block) = block {
            self.skipped_blocks.end(block);
            self.close(block, EndedBy::BlockStop);
        }
    }

    fn close_at(&mut self, index: Option<u32>) {
        if let Some(index) = index {
            self.close(index, EndedBy::Other);
        }
    }

    pub(super) fn close(&mut self, index: u32, by: EndedBy) {
        match self.blocks.remove(&index) {
            Some(Block { kind: Kind::Tool(call), .. }) => self.give(call.end(index, by)),
            Some(Block { started: true, .. }) => {
                self.give(
                    ExpectedJson::chunk("block_end").with("block", ExpectedJson::Integer(index.into())),
                );
            }
            _ => {}
        }
    }

    /// Content after `messageStop` "is skipped, told once, counted".
    fn is_late(&mut self) -> bool {
        let late = self.closing.is_proven();
        if late {
            if self.late_told {
                self.skipped += 1;
            } else {
                self.late_told = true;
                self.skip("unexpected");
            }
        }
        late
    }

    /// Any open call may lack a piece.
    pub(super) fn doubt_calls(&mut self) {
        for block in self.blocks.values_mut() {
            if let Kind::Tool(call) = &mut block.kind {
                call.may_lack_input = true;
            }
        }
    }
}

/// The kinds of deltas.
const KINDS: [&str; 6] = ["text", "toolUse", "toolResult", "reasoningContent", "citation", "image"];

/// The block that an event names.
fn index(event: &Json<'_>) -> Option<u32> {
    event.get("contentBlockIndex")?.as_integer()?.try_into().ok()
}
