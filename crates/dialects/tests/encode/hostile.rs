//! Chunks in orders that no decoder gives, as a caller might that loses or repeats some: what comes out follows the SDKs' rules, and is
//! an answer only if nothing of it can be lost.

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{BlockKind, Chunk, Done, StopReason};
use bedrock_stream_core::content::{Role, ToolInput};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_dialects::encode::{ConverseEncoder, Encode, Failure};

use super::recorded::Answer;
use super::sdk_rules;
use super::wire::{DIALECTS, decode, encoder, looks_complete, whole};

/// What comes in: a chunk, or an error in its place.
enum Step {
    Chunk(Chunk),
    Fail(&'static str),
    Skip,
    KeepAlive,
    Finish,
}

use Step::{Fail, Finish, KeepAlive, Skip};

fn start() -> Step {
    Step::Chunk(Chunk::start(Role::Assistant))
}

fn text(block: u32, text: &str) -> Step {
    Step::Chunk(Chunk::text(block, text))
}

fn end(block: u32) -> Step {
    Step::Chunk(Chunk::block_end(block))
}

fn reasoning(block: u32) -> Step {
    Step::Chunk(Chunk::reasoning(block, "hm"))
}

fn signature(block: u32) -> Step {
    Step::Chunk(Chunk::reasoning_signature(block, "c2ln"))
}

fn redacted(block: u32) -> Step {
    Step::Chunk(Chunk::reasoning_redacted(block, Blob(vec![1, 2, 3])))
}

fn call(block: u32) -> Step {
    Step::Chunk(Chunk::tool_call_start(block, format!("c{block}"), "t", None))
}

fn custom(block: u32) -> Step {
    Step::Chunk(Chunk::tool_call_start(block, format!("c{block}"), "t", Some("custom_tool_call".into())))
}

fn service(block: u32) -> Step {
    Step::Chunk(Chunk::tool_call_start(block, format!("s{block}"), "search", Some("server_tool_use".into())))
}

fn piece(block: u32, text: &str) -> Step {
    Step::Chunk(Chunk::tool_call_delta(block, format!("c{block}"), text))
}

fn call_end(block: u32, input: &str) -> Step {
    let input = ToolInput::from_arguments(input, true);
    Step::Chunk(Chunk::tool_call_end(block, format!("c{block}"), "t", input))
}

fn stop() -> Step {
    Step::Chunk(Chunk::stop(StopReason::EndTurn))
}

fn done() -> Step {
    Step::Chunk(Chunk::done(Done::new(StopReason::EndTurn)))
}

fn unknown() -> Step {
    Step::Chunk(Chunk::unknown_member(Some(0), "new", Json::default()))
}

/// Each with whether it may look whole. Where a call's end or its pieces are out of place, something was lost.
fn sequences() -> Vec<(&'static str, Vec<Step>, bool)> {
    vec![
        ("nothing", vec![], false),
        ("the end alone", vec![done()], true),
        ("the stop alone", vec![stop()], false),
        ("the end twice", vec![start(), text(0, "a"), end(0), done(), done()], true),
        (
            "content after the end",
            vec![start(), text(0, "a"), end(0), done(), text(1, "b"), end(1), done()],
            true,
        ),
        ("a start after the end", vec![text(0, "a"), end(0), done(), start()], true),
        ("two starts", vec![start(), start(), text(0, "a"), end(0), done()], true),
        ("a start in the middle", vec![start(), text(0, "a"), start(), text(0, "b"), end(0), done()], true),
        ("no start", vec![text(0, "a"), end(0), done()], true),
        ("a stop twice", vec![start(), text(0, "a"), end(0), stop(), stop(), done()], true),
        ("content after the stop", vec![start(), stop(), text(0, "a"), end(0), done()], true),
        ("no block end", vec![start(), text(0, "a"), done()], true),
        ("a block end twice", vec![start(), text(0, "a"), end(0), end(0), done()], true),
        ("a block end first", vec![start(), end(0), text(0, "a"), done()], true),
        ("an end of another block", vec![start(), text(0, "a"), end(7), end(0), done()], true),
        ("a block again", vec![start(), text(0, "a"), end(0), text(0, "b"), end(0), done()], true),
        (
            "two texts that interleave",
            vec![text(0, "a"), text(1, "b"), text(0, "c"), end(1), end(0), done()],
            true,
        ),
        (
            "a block of three kinds",
            vec![text(0, "a"), reasoning(0), text(0, "b"), redacted(0), end(0), done()],
            true,
        ),
        ("a signature before its text", vec![signature(0), reasoning(0), end(0), done()], true),
        ("two signatures", vec![reasoning(0), signature(0), signature(0), end(0), done()], true),
        (
            "redacted in two blocks at once",
            vec![redacted(0), redacted(1), redacted(0), end(0), end(1), done()],
            true,
        ),
        ("redacted and no end", vec![redacted(0), done()], true),
        (
            "numbers from the largest",
            vec![text(u32::MAX, "a"), end(u32::MAX), call(0), call_end(0, "{}"), done()],
            true,
        ),
        ("an empty text", vec![start(), text(0, ""), end(0), done()], true),
        (
            "a block start and no content",
            vec![Step::Chunk(Chunk::block_start(0, BlockKind::Text)), end(0), done()],
            true,
        ),
        ("an unknown member first", vec![unknown(), start(), text(0, "a"), end(0), done()], true),
        (
            "keep-alives everywhere",
            vec![KeepAlive, start(), KeepAlive, text(0, "a"), KeepAlive, done(), KeepAlive],
            true,
        ),
        ("a call's pieces without a start", vec![start(), piece(0, "{}"), call_end(0, "{}"), done()], true),
        ("a call without an end", vec![call(0), piece(0, "{}"), done()], false),
        (
            "a call that begins twice",
            vec![call(0), piece(0, "{"), call(0), piece(0, "{}"), call_end(0, "{}"), done()],
            false,
        ),
        (
            "a call that becomes text",
            vec![call(0), piece(0, "{"), text(0, "a"), piece(0, "}"), call_end(0, "{}"), done()],
            false,
        ),
        ("a call that ends as a block", vec![call(0), piece(0, "{}"), end(0), done()], false),
        (
            "a call that ends twice",
            vec![call(0), piece(0, "{}"), call_end(0, "{}"), call_end(0, "{}"), done()],
            true,
        ),
        ("a piece after a call's end", vec![call(0), call_end(0, "{}"), piece(0, "{}"), done()], true),
        (
            "two calls that interleave",
            vec![
                call(0),
                call(1),
                piece(1, "{"),
                piece(0, "{}"),
                piece(1, "}"),
                call_end(0, "{}"),
                call_end(1, "{}"),
                done(),
            ],
            true,
        ),
        (
            "a custom call that begins twice",
            vec![custom(0), custom(0), piece(0, "\"\\"), call_end(0, "\"\\"), done()],
            false,
        ),
        (
            "a call of the service's that becomes the client's",
            vec![service(0), call(0), piece(0, "{}"), call_end(0, "{}"), done()],
            true,
        ),
        (
            "a call of the client's that becomes the service's",
            vec![call(0), service(0), piece(0, "{}"), call_end(0, "{}"), done()],
            false,
        ),
        ("a call whose input is no JSON", vec![call(0), piece(0, "{"), call_end(0, "{"), done()], false),
        (
            "a call whose pieces are not its input",
            vec![call(0), piece(0, "{\"a\":1}"), call_end(0, "{\"b\":2}"), done()],
            true,
        ),
        ("an error first", vec![Fail("first"), start(), text(0, "a"), done()], false),
        ("an error after the start", vec![start(), Fail("here"), text(0, "a"), done()], false),
        ("an error in a block", vec![start(), text(0, "a"), Fail("here"), end(0), done()], false),
        (
            "an error in a call",
            vec![start(), call(0), piece(0, "{"), Fail("here"), call_end(0, "{}"), done()],
            false,
        ),
        (
            "an error while blocks wait",
            vec![text(0, "a"), call(1), piece(1, "{"), Fail("here"), done()],
            false,
        ),
        ("an error between stop and end", vec![text(0, "a"), end(0), stop(), Fail("here"), done()], false),
        ("an error after the end", vec![text(0, "a"), end(0), done(), Fail("late")], true),
        ("two errors", vec![text(0, "a"), Fail("first"), Fail("second")], false),
        ("a skipped event", vec![text(0, "a"), Skip, end(0), done()], false),
        ("a skipped event first", vec![Skip, text(0, "a"), end(0), done()], false),
        ("a skipped event and an error", vec![text(0, "a"), Skip, Fail("here"), done()], false),
        ("finished twice", vec![text(0, "a"), Finish, Finish, done()], false),
        ("finished after the end", vec![text(0, "a"), end(0), done(), Finish], true),
        (
            "line ends and NUL in every text",
            vec![
                text(0, "\n\n\r\ndata: [DONE]\r\r\u{0}\u{2028}"),
                end(0),
                call(1),
                piece(1, "{\"\n\":1}"),
                call_end(1, "{\"\n\":1}"),
                done(),
            ],
            false,
        ),
    ]
}

fn run(encoder: &mut dyn Encode, steps: &[Step]) -> Vec<u8> {
    let mut out = Vec::new();
    for step in steps {
        match step {
            Step::Chunk(chunk) => encoder.encode(chunk, &mut out),
            Fail(message) => encoder.fail(&Failure::new(ErrorKind::Transport, *message), &mut out),
            Skip => {
                let skipped = bedrock_stream_core::answer::SkippedEvent::unexpected(
                    "messageStart",
                    Json::default(),
                    bedrock_stream_core::answer::OrderViolation::Repeated,
                );
                encoder.fail(&Failure::from(&skipped.into()), &mut out);
            }
            KeepAlive => encoder.keep_alive(&mut out),
            Finish => encoder.finish(&mut out),
        }
    }
    encoder.finish(&mut out);
    out
}

#[test]
fn odd_orders_follow_the_sdks_rules_and_look_whole_only_if_nothing_is_lost() {
    let sequences = sequences();
    assert!(sequences.len() > 50);
    for (name, steps, may_be_whole) in &sequences {
        for dialect in DIALECTS {
            let mut encoder = encoder(dialect);
            let bytes = String::from_utf8(run(&mut *encoder, steps)).unwrap();
            sdk_rules::check(dialect, &bytes)
                .unwrap_or_else(|broken| panic!("{name}, {dialect}: {broken}\n{bytes}"));
            assert!(encoder.is_ended());
            assert_eq!(encoder.failure().is_none(), *may_be_whole, "{name}, {dialect}: {bytes}");
            let is_whole = bytes.contains("\"finish_reason\":\"")
                || bytes.contains("message_stop")
                || bytes.contains("event: response.completed");
            assert_eq!(is_whole, *may_be_whole, "{name}, {dialect}: {bytes}");
            let (_, failure) = decode(dialect, &bytes);
            assert_eq!(failure.is_none(), *may_be_whole, "{name}, {dialect}: {failure:?}\n{bytes}");
        }
        let mut encoder = ConverseEncoder::new();
        let bytes = run(&mut encoder, steps);
        assert_eq!(encoder.failure().is_none(), *may_be_whole, "{name}, converse");
        let answer = Answer::read(ChunkDecoder::new(), &bytes, usize::MAX);
        assert_eq!(answer.failure.is_none(), *may_be_whole, "{name}, converse: {:?}", answer.failure);
        // As one object, of those without errors in between.
        let chunks: Option<Vec<Chunk>> = steps
            .iter()
            .map(|step| if let Step::Chunk(chunk) = step { Some(chunk.clone()) } else { None })
            .collect();
        if let Some(chunks) = chunks {
            for dialect in DIALECTS {
                assert_eq!(whole(dialect, &chunks).is_ok(), *may_be_whole, "{name}, {dialect}");
            }
            assert_eq!(ConverseEncoder::new().whole(&chunks).is_ok(), *may_be_whole, "{name}, converse");
        }
    }
    assert!(!looks_complete(""));
}
