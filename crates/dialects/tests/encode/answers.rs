//! Answers generated from arbitrary bytes, as decoders would return them.

use bedrock_stream_core::answer::{BlockKind, CacheDetail, Chunk, Done, StopReason, Trace, Usage};
use bedrock_stream_core::content::{
    CacheTtl, Citation, CitationLocation, CitationSourceContent, DocumentLocation, ImageFormat, Role,
    SearchResultLocation, ToolInput, WebLocation,
};
use bedrock_stream_core::json::{Blob, Json};

/// An answer, and whether it is whole.
#[derive(Clone, Debug)]
pub(crate) struct MadeAnswer {
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) is_whole: bool,
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn below(&mut self, count: u8) -> u8 {
        self.byte() % count
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 12] =
            ["Hello", " ", "\n", "\"", "\\", "é", "😀", "\u{2028}", "\u{0}", "data: ", "\r\n\r\n", "x"];
        let count = 1 + self.below(3);
        (0..count).map(|_| PIECES[usize::from(self.below(12))]).collect()
    }

    fn count(&mut self) -> u64 {
        u64::from(self.byte()) * 37
    }
}

/// Generates an answer. The same bytes always generate the same answer.
pub(crate) fn answer(data: &[u8]) -> MadeAnswer {
    let mut bytes = Bytes(data);
    let mut chunks = vec![Chunk::start(Role::Assistant)];
    let stop_reason = stop_reason(&mut bytes);
    let (is_cut, mut is_whole) = match &stop_reason {
        StopReason::EndTurn | StopReason::ToolUse | StopReason::StopSequence | StopReason::Unknown(_) => {
            (false, true)
        }
        StopReason::MaxTokens
        | StopReason::ModelContextWindowExceeded
        | StopReason::ContentFiltered
        | StopReason::GuardrailIntervened => (true, true),
        StopReason::MalformedModelOutput | StopReason::MalformedToolUse => (false, false),
        reason => panic!("decide whether {reason} cuts an answer, and whether the answer is whole"),
    };
    // Numbers need not be without gaps.
    let mut block = u32::from(bytes.below(4));
    for _ in 0..bytes.below(7) {
        let used = push_block(&mut bytes, block, is_cut, &mut is_whole, &mut chunks);
        block += used + u32::from(bytes.below(2));
    }
    chunks.push(Chunk::stop(stop_reason.clone()));
    chunks.push(Chunk::done(done(&mut bytes, stop_reason, &mut is_whole)));
    MadeAnswer { chunks, is_whole }
}

fn stop_reason(bytes: &mut Bytes<'_>) -> StopReason {
    // The first are the most common; after them, each reason that is known, so that a new one is generated too.
    const COMMON: [StopReason; 8] = [
        StopReason::EndTurn,
        StopReason::EndTurn,
        StopReason::EndTurn,
        StopReason::EndTurn,
        StopReason::ToolUse,
        StopReason::ToolUse,
        StopReason::ToolUse,
        StopReason::MaxTokens,
    ];
    let others = [StopReason::Unknown("pause_turn".into()), StopReason::default()];
    let reasons: Vec<&StopReason> = COMMON.iter().chain(StopReason::KNOWN).chain(&others).collect();
    reasons[usize::from(bytes.below(u8::try_from(reasons.len()).unwrap()))].clone()
}

/// Adds a block, or several that interleave; gives how many numbers that takes.
fn push_block(
    bytes: &mut Bytes<'_>,
    block: u32,
    is_cut: bool,
    is_whole: &mut bool,
    chunks: &mut Vec<Chunk>,
) -> u32 {
    let pieces = 1 + bytes.below(4);
    match bytes.below(10) {
        0..=2 => {
            chunks.push(Chunk::block_start(block, BlockKind::Text));
            for _ in 0..pieces {
                let chunk = if bytes.below(4) == 0 {
                    Chunk::citation(block, citation(bytes))
                } else {
                    Chunk::text(block, bytes.text())
                };
                chunks.push(chunk);
            }
            chunks.push(Chunk::block_end(block));
        }
        3 | 4 => {
            chunks.push(Chunk::block_start(block, BlockKind::Reasoning));
            if bytes.below(5) > 0 {
                chunks.extend((0..pieces).map(|_| Chunk::reasoning(block, bytes.text())));
            } else {
                chunks.push(Chunk::reasoning_signature(block, "only"));
            }
            chunks.extend((0..bytes.below(3)).map(|_| Chunk::reasoning_signature(block, "c2ln")));
            chunks.push(Chunk::block_end(block));
        }
        5 => {
            chunks.push(Chunk::block_start(block, BlockKind::ReasoningRedacted));
            chunks.extend((0..pieces).map(|_| Chunk::reasoning_redacted(block, Blob(vec![bytes.byte(); 4]))));
            chunks.push(Chunk::block_end(block));
        }
        6 => push_nothing(bytes, block, chunks),
        7 => {
            // Several calls and a text, which interleave.
            let count = u32::from(2 + bytes.below(3));
            let mut parts: Vec<Vec<Chunk>> =
                (0..count).map(|at| call(bytes, block + at, is_cut, is_whole)).collect();
            parts.push(vec![
                Chunk::text(block + count, bytes.text()),
                Chunk::text(block + count, bytes.text()),
                Chunk::block_end(block + count),
            ]);
            parts.iter_mut().for_each(|part| part.reverse());
            while parts.iter().any(|part| !part.is_empty()) {
                let at = usize::from(bytes.byte()) % parts.len();
                let at = (0..parts.len())
                    .map(|shift| (at + shift) % parts.len())
                    .find(|at| !parts[*at].is_empty());
                chunks.extend(at.and_then(|at| parts[at].pop()));
            }
            return count + 1;
        }
        _ => chunks.extend(call(bytes, block, is_cut, is_whole)),
    }
    1
}

/// Blocks that no dialect has a place for.
fn push_nothing(bytes: &mut Bytes<'_>, block: u32, chunks: &mut Vec<Chunk>) {
    match bytes.below(4) {
        0 => chunks.extend([
            Chunk::tool_call_start(block, "s1", "web_search", Some("server_tool_use".into())),
            Chunk::tool_call_delta(block, "s1", "{}"),
            Chunk::tool_call_end(block, "s1", "web_search", ToolInput::Json(Json::from_text("{}").unwrap())),
        ]),
        1 => chunks.extend([
            Chunk::tool_result_start(block, "s1", None, None),
            Chunk::tool_result(block, "s1", Vec::new()),
            Chunk::block_end(block),
        ]),
        2 => chunks.extend([Chunk::image_start(block, Some(ImageFormat::Png)), Chunk::block_end(block)]),
        _ => chunks.push(Chunk::unknown_member(None, "new", Json::default())),
    }
}

fn call(bytes: &mut Bytes<'_>, block: u32, is_cut: bool, is_whole: &mut bool) -> Vec<Chunk> {
    let id = format!("call_{block}");
    let (name, is_custom) = ("get_weather", bytes.below(6) == 0);
    let kind = is_custom.then(|| "custom_tool_call".to_owned());
    let mut chunks = vec![Chunk::tool_call_start(block, &*id, name, kind)];
    let damage = bytes.below(12);
    let (pieces, input): (Vec<String>, ToolInput) = match bytes.below(4) {
        0 => (Vec::new(), ToolInput::Empty),
        _ if is_custom => {
            let pieces = vec![bytes.text(), bytes.text()];
            let all = pieces.concat();
            (pieces, ToolInput::text(all))
        }
        _ => {
            let (city, unit) = (bytes.text(), bytes.text());
            let json =
                serde_json::to_string_pretty(&serde_json::json!({"city": city, "unit": unit})).unwrap();
            let mut middle = usize::from(bytes.byte()) % json.len();
            while !json.is_char_boundary(middle) {
                middle -= 1;
            }
            let (first, second) = json.split_at(middle.max(1));
            if damage == 0 {
                let input = if bytes.below(2) == 0 {
                    ToolInput::truncated(first)
                } else {
                    ToolInput::malformed(first)
                };
                *is_whole &= is_cut;
                (vec![first.to_owned()], input)
            } else {
                (vec![first.to_owned(), second.to_owned()], ToolInput::from_arguments(json, true))
            }
        }
    };
    let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
    chunks.extend(pieces.map(|piece| Chunk::tool_call_delta(block, &*id, piece)));
    chunks.push(Chunk::tool_call_end(block, &*id, name, input));
    chunks
}

fn citation(bytes: &mut Bytes<'_>) -> Citation {
    let number = u32::from(bytes.byte());
    let range = DocumentLocation::new(number, 1..5);
    let location = match bytes.below(5) {
        0 => CitationLocation::Web(
            WebLocation::new(format!("https://example.com/{number}")).domain("example.com"),
        ),
        1 => CitationLocation::DocumentChar(range),
        2 => CitationLocation::DocumentPage(range),
        3 => CitationLocation::DocumentChunk(range),
        _ => CitationLocation::SearchResult(SearchResultLocation::new(number, 0..2)),
    };
    let content = vec![CitationSourceContent::Text(bytes.text()), CitationSourceContent::Text(bytes.text())];
    Citation::new().title(bytes.text()).source(bytes.text()).source_content(content).location(location)
}

fn done(bytes: &mut Bytes<'_>, stop_reason: StopReason, is_whole: &mut bool) -> Done {
    let mut done = Done::new(stop_reason);
    if bytes.below(4) > 0 {
        let mut usage = Usage::new(bytes.count(), bytes.count());
        if bytes.below(2) > 0 {
            let (written, one_hour) = (bytes.count(), bytes.count());
            let details = vec![
                CacheDetail::new(CacheTtl::FiveMinutes, written),
                CacheDetail::new(CacheTtl::OneHour, one_hour),
            ];
            usage = usage
                .cache_read_input_tokens(bytes.count())
                .cache_write_input_tokens(written + one_hour)
                .cache_details(details);
        }
        done.usage = Some(usage);
    }
    if done.stop_reason == StopReason::GuardrailIntervened {
        let trace = "{\"guardrail\":{\"actionReason\":\"blocked\",\"modelOutput\":[\"a\\nb\"]}}";
        let trace: Trace = Json::from_text(trace).unwrap().parse().unwrap();
        done.trace = Some(trace);
    }
    if done.stop_reason == StopReason::StopSequence {
        let fields = Json::from_text(r#"{"delta":{"stop_sequence":"END"}}"#).unwrap();
        done.additional_model_response_fields = Some(fields);
    }
    if bytes.below(16) == 1 {
        done.skipped_events = 1;
        *is_whole = false;
    }
    done
}
