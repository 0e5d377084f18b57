//! What an answer tells a client, read from its chunks: what encoding and decoding must keep.

use bedrock_stream_core::answer::{Chunk, Done, StopReason};
use bedrock_stream_core::content::{Citation, CitationLocation, CitationSourceContent, ToolInput};
use bedrock_stream_core::json::Json;
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::EncryptedReasoning;

use super::wire::custom_arguments;

/// What is told, without what the dialect cannot say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    /// Reasoning with its signature, by block where the dialect has blocks.
    pub(crate) signed: Vec<(String, String)>,
    pub(crate) redacted: Vec<Vec<u8>>,
    pub(crate) calls: Vec<ToldCall>,
    /// The kinds of the blocks and the text in each; empty in Chat Completions, which has no blocks.
    pub(crate) blocks: Vec<(&'static str, String)>,
    pub(crate) citations: Vec<Json>,
    pub(crate) end: Option<ToldEnd>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ToldCall {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) is_custom: bool,
    pub(crate) arguments: String,
    pub(crate) is_usable: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ToldEnd {
    pub(crate) stop_reason: StopReason,
    /// Input, output, cache reads, cache writes; and those for an hour in Messages.
    pub(crate) usage: Option<[u64; 5]>,
    pub(crate) trace: Option<Json>,
    pub(crate) stop_sequence: Option<String>,
}

/// A block of an answer as it was.
#[derive(Debug, Default)]
struct Block {
    number: u32,
    is_ended: bool,
    kind: &'static str,
    text: String,
    signature: String,
    data: Vec<u8>,
    call: ToldCall,
    citations: Vec<Citation>,
}

/// What an answer must tell after it was encoded in a dialect and decoded.
pub(crate) fn expected(dialect: Dialect, chunks: &[Chunk]) -> Told {
    let mut told = Told::default();
    let mut signatures = String::new();
    for chunk in chunks {
        match chunk {
            Chunk::Text { text, .. } => told.text.push_str(text),
            Chunk::Reasoning { text, .. } => told.reasoning.push_str(text),
            Chunk::ReasoningSignature { signature, .. } => signatures.push_str(signature),
            _ => {}
        }
    }
    let blocks = blocks(chunks);
    for block in &blocks {
        told.citations.extend(block.citations.iter().filter_map(|citation| told_citation(dialect, citation)));
        let mut text = block.text.clone();
        match block.kind {
            "text"
                if text.is_empty() && block.citations.iter().all(|c| told_citation(dialect, c).is_none()) =>
            {
                continue;
            }
            "text" => {}
            "reasoning" => told.signed.push((text.clone(), block.signature.clone())),
            "redacted" => told.redacted.push(block.data.clone()),
            _ => {
                let mut call = block.call.clone();
                if dialect == Dialect::Messages && call.is_custom {
                    call.is_custom = false;
                    call.arguments = custom_arguments(&call.arguments);
                }
                text = call.arguments.clone();
                told.calls.push(call);
            }
        }
        told.blocks.push((block.kind, text));
    }
    if dialect == Dialect::Chat {
        told.blocks.clear();
        let has_reasoning = !told.signed.is_empty();
        told.signed = if has_reasoning { vec![(told.reasoning.clone(), signatures)] } else { Vec::new() };
    }
    if let Some(Chunk::Done(done)) = chunks.last() {
        told.end = Some(expected_end(dialect, done, !told.calls.is_empty()));
    }
    told.forget_cut_text(dialect);
    told
}

/// What decoded chunks tell.
pub(crate) fn read(dialect: Dialect, chunks: &[Chunk]) -> Told {
    let mut told = Told::default();
    let mut signatures = String::new();
    for chunk in chunks {
        match chunk {
            Chunk::Text { text, .. } => told.text.push_str(text),
            Chunk::Reasoning { text, .. } => told.reasoning.push_str(text),
            Chunk::ReasoningSignature { signature, .. } => signatures.push_str(signature),
            Chunk::Unknown { member: Some(member), value, .. } if member == "annotations" => {
                let annotations: Vec<serde_json::Value> = value.parse().unwrap();
                for annotation in annotations {
                    let source = &annotation["url_citation"];
                    let source = serde_json::json!({"url": source["url"], "title": source["title"]});
                    told.citations.push(source.into());
                }
            }
            _ => {}
        }
    }
    let mut unsigned = Vec::new();
    for block in blocks(chunks) {
        told.citations.extend(block.citations.iter().filter_map(|citation| told_citation(dialect, citation)));
        let mut text = block.text.clone();
        let mut kind = block.kind;
        match kind {
            "reasoning" if dialect == Dialect::Responses => {
                unsigned.push(told.signed.len());
                told.signed.push((text.clone(), "what comes encrypted".into()));
            }
            "reasoning" => told.signed.push((text.clone(), block.signature.clone())),
            "redacted" if dialect == Dialect::Responses => {
                let encrypted = std::str::from_utf8(&block.data).unwrap();
                match EncryptedReasoning::from_encrypted_content(encrypted).expect("it is ours") {
                    EncryptedReasoning::Redacted(data) => told.redacted.push(data.0),
                    EncryptedReasoning::Text { text: all, signature, .. } => {
                        // It stands behind the reasoning that it is about, unless that has no text.
                        if let Some(at) = unsigned.iter().position(|at| told.signed[*at].0 == all) {
                            told.signed[unsigned.remove(at)].1 = signature;
                            continue;
                        }
                        kind = "reasoning";
                        text.clone_from(&all);
                        told.signed.push((all, signature));
                    }
                    other => panic!("{other:?}"),
                }
            }
            // Chat's decoder keeps the base64 as it is, since not every vendor's is.
            "redacted" if dialect == Dialect::Chat => {
                let data = std::str::from_utf8(&block.data).unwrap();
                told.redacted.push(bedrock_stream_core::json::Blob::from_base64(data).unwrap().0);
            }
            "redacted" => told.redacted.push(block.data.clone()),
            "call" => {
                text.clone_from(&block.call.arguments);
                told.calls.push(block.call.clone());
            }
            _ => {}
        }
        told.blocks.push((kind, text));
    }
    if dialect == Dialect::Chat {
        told.blocks.clear();
        let has_reasoning = !told.signed.is_empty();
        told.signed = if has_reasoning { vec![(told.reasoning.clone(), signatures)] } else { Vec::new() };
    }
    if let Some(Chunk::Done(done)) = chunks.last() {
        told.end = Some(read_end(dialect, done));
    }
    told.forget_cut_text(dialect);
    told
}

impl Told {
    /// Chat Completions cannot say whether the free text of a call is whole where the answer was cut.
    fn forget_cut_text(&mut self, dialect: Dialect) {
        let is_cut = self
            .end
            .as_ref()
            .is_some_and(|end| !matches!(end.stop_reason, StopReason::EndTurn | StopReason::ToolUse));
        if dialect == Dialect::Chat && is_cut {
            self.calls.iter_mut().for_each(|call| call.is_usable &= !call.is_custom);
        }
    }
}

/// The blocks that a client sees, in the order of their first pieces.
fn blocks(chunks: &[Chunk]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for chunk in chunks {
        let (number, kind) = match chunk {
            Chunk::Text { block, .. } | Chunk::Citation { block, .. } => (*block, "text"),
            Chunk::Reasoning { block, .. } | Chunk::ReasoningSignature { block, .. } => (*block, "reasoning"),
            Chunk::ReasoningRedacted { block, .. } => (*block, "redacted"),
            Chunk::ToolCallStart { block, id, name, kind, .. } => {
                let is_ours = matches!(kind.as_deref(), None | Some("tool_use" | "custom_tool_call"));
                let call = ToldCall {
                    id: id.to_string(),
                    name: name.to_string(),
                    is_custom: kind.as_deref() == Some("custom_tool_call"),
                    ..ToldCall::default()
                };
                blocks.push(Block {
                    number: *block,
                    kind: if is_ours { "call" } else { "server call" },
                    call,
                    ..Block::default()
                });
                continue;
            }
            Chunk::ToolCallEnd { block, input, .. } => {
                let call = open(&mut blocks, *block).expect("a call that ends has begun");
                call.call.is_usable = input.is_usable();
                call.call.arguments = match input {
                    ToolInput::Empty if call.call.is_custom => String::new(),
                    input => input.as_str().to_owned(),
                };
                call.is_ended = true;
                continue;
            }
            Chunk::BlockEnd { block, .. } => {
                blocks.iter_mut().filter(|open| open.number == *block).for_each(|open| open.is_ended = true);
                continue;
            }
            _ => continue,
        };
        if open(&mut blocks, number).is_none_or(|open| open.kind != kind) {
            blocks.push(Block { number, kind, ..Block::default() });
        }
        let block = open(&mut blocks, number).unwrap();
        match chunk {
            Chunk::Text { text, .. } | Chunk::Reasoning { text, .. } => block.text.push_str(text),
            Chunk::ReasoningSignature { signature, .. } => block.signature.push_str(signature),
            Chunk::ReasoningRedacted { data, .. } => block.data.extend_from_slice(data.as_ref()),
            Chunk::Citation { citation, .. } => block.citations.push((**citation).clone()),
            _ => {}
        }
    }
    blocks.retain(|block| block.kind != "server call");
    blocks
}

fn open(blocks: &mut [Block], number: u32) -> Option<&mut Block> {
    blocks.iter_mut().rfind(|block| block.number == number && !block.is_ended)
}

/// What a dialect says of a citation; `None`: it has no such citations.
fn told_citation(dialect: Dialect, citation: &Citation) -> Option<Json> {
    if dialect != Dialect::Messages {
        let Some(CitationLocation::Web(location)) = &citation.location else { return None };
        let url = location.url.as_ref()?;
        let title = citation.title.clone().unwrap_or_default();
        return Some(serde_json::json!({"url": url, "title": title}).into());
    }
    let text: String = citation
        .source_content
        .iter()
        .flatten()
        .map(|content| match content {
            CitationSourceContent::Text(text) => text.as_str(),
            _ => "",
        })
        .collect();
    let mut location = citation.location.clone()?;
    if let CitationLocation::Web(web) = &mut location {
        web.domain = None;
    }
    let source = match &location {
        CitationLocation::SearchResult(_) => citation.source.clone().unwrap_or_default(),
        CitationLocation::Unknown(..) => return None,
        _ => String::new(),
    };
    let title = citation.title.clone();
    Some(Json::from_value(&(text, location, source, title)).unwrap())
}

fn expected_end(dialect: Dialect, done: &Done, has_calls: bool) -> ToldEnd {
    let by_calls = if has_calls { StopReason::ToolUse } else { StopReason::EndTurn };
    let stop_reason = match (&done.stop_reason, dialect) {
        (StopReason::GuardrailIntervened | StopReason::ContentFiltered, _) => done.stop_reason.clone(),
        (StopReason::ModelContextWindowExceeded | StopReason::StopSequence, Dialect::Messages) => {
            done.stop_reason.clone()
        }
        (StopReason::MaxTokens | StopReason::ModelContextWindowExceeded, _) => StopReason::MaxTokens,
        (
            StopReason::EndTurn
            | StopReason::ToolUse
            | StopReason::StopSequence
            | StopReason::MalformedModelOutput
            | StopReason::MalformedToolUse
            | StopReason::Unknown(_),
            Dialect::Responses,
        ) => by_calls,
        (StopReason::ToolUse, _) => StopReason::ToolUse,
        (StopReason::EndTurn, _) => by_calls,
        (StopReason::Unknown(word), Dialect::Messages) if word == "pause_turn" => done.stop_reason.clone(),
        (
            StopReason::StopSequence
            | StopReason::MalformedModelOutput
            | StopReason::MalformedToolUse
            | StopReason::Unknown(_),
            _,
        ) => StopReason::EndTurn,
        (reason, _) => panic!("decide what {dialect} says of {reason}"),
    };
    let mut end = read_end(dialect, done);
    end.stop_reason = stop_reason;
    if dialect == Dialect::Messages {
        end.usage.get_or_insert_default();
    } else {
        end.stop_sequence = None;
    }
    end
}

fn read_end(dialect: Dialect, done: &Done) -> ToldEnd {
    let usage = done.usage.as_ref().map(|usage| {
        let counts = usage.normalized();
        let one_hour = if dialect == Dialect::Messages { counts.cache_write_1h } else { 0 };
        [usage.input_tokens.unwrap_or(0), counts.output, counts.cache_read, counts.cache_write, one_hour]
    });
    let additional: Option<serde_json::Value> =
        done.additional_model_response_fields.as_ref().and_then(|json| json.parse().ok());
    let told = additional.and_then(|fields| Some(fields["delta"]["stop_sequence"].as_str()?.to_owned()));
    let stop_sequence = told
        .or_else(|| done.other.value("stop_sequence")?.parse().ok())
        .filter(|_| dialect == Dialect::Messages);
    ToldEnd {
        stop_reason: done.stop_reason.clone(),
        usage,
        trace: done.trace.as_ref().map(|trace| Json::from_value(trace).unwrap()),
        stop_sequence,
    }
}
