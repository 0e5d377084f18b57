//! Answers written as ConverseStream, and read again by the decoder of Converse.

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{
    Chunk, Done, Error, Exception, OrderViolation, Response, ResponseBuilder, SkippedEvent, StopReason,
    UnmodeledError, Usage,
};
use bedrock_stream_core::content::{ImageFormat, Role, ToolInput};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::frame;
use bedrock_stream_core::json::Json;
use bedrock_stream_dialects::encode::{ConverseEncoder, Encode as _, Failure};
use proptest::prelude::*;
use serde_json::Value;

use super::answers::answer;
use super::recorded::Answer;
use super::wire::custom_arguments;

fn encode(chunks: &[Chunk]) -> Vec<u8> {
    let (mut encoder, mut out) = (ConverseEncoder::new(), Vec::new());
    chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
    encoder.finish(&mut out);
    let (mut encoder, mut lent) = (ConverseEncoder::new(), Vec::new());
    chunks.iter().for_each(|chunk| encoder.encode_ref(&chunk.into(), &mut lent));
    encoder.finish(&mut lent);
    assert_eq!(lent, out, "the same from chunks that are lent");
    out
}

fn decode(bytes: &[u8]) -> Answer {
    let answer = Answer::read(ChunkDecoder::new(), bytes, usize::MAX);
    assert_eq!(answer.errors, [], "every event is in its place");
    answer
}

fn names(bytes: &[u8]) -> Vec<String> {
    let mut rest = bytes;
    let mut names = Vec::new();
    while let Some((message, after)) = frame::Message::parse(rest).unwrap() {
        let name = message.header(":event-type").or(message.header(":exception-type"));
        names.push(name.and_then(frame::Value::as_str).unwrap_or("?").to_owned());
        rest = after;
    }
    names
}

/// The answer that the chunks make.
fn response<'a>(chunks: impl IntoIterator<Item = &'a Chunk>) -> Response {
    let mut builder = ResponseBuilder::new();
    chunks.into_iter().for_each(|chunk| builder.push(chunk));
    builder.into_partial()
}

/// What is left of an answer, by the documents: a custom tool is a function with the argument `input`, and an end of turn
/// with calls is their stop reason.
fn expected(chunks: &[Chunk]) -> Response {
    let mut has_calls = false;
    let mut custom = Vec::new();
    let changed = chunks.iter().map(|chunk| match chunk {
        Chunk::ToolCallStart { block, id, name, kind, .. } => {
            custom.extend((kind.as_deref() == Some("custom_tool_call")).then_some(*block));
            let kind = kind.clone().filter(|kind| kind != "custom_tool_call");
            has_calls |= kind.is_none();
            Chunk::tool_call_start(*block, id.clone(), name.clone(), kind)
        }
        Chunk::ToolCallEnd { block, id, name, input: ToolInput::Text { text, .. }, .. } => {
            let json = Json::from_text(&custom_arguments(text)).unwrap();
            Chunk::tool_call_end(*block, id.clone(), name.clone(), ToolInput::Json(json))
        }
        Chunk::ToolCallEnd { block, id, name, input: ToolInput::Empty, .. } if custom.contains(block) => {
            let json = Json::from_text(r#"{"input":""}"#).unwrap();
            Chunk::tool_call_end(*block, id.clone(), name.clone(), ToolInput::Json(json))
        }
        Chunk::Done(done) => {
            let mut done = done.clone();
            done.stop_reason = match done.stop_reason {
                StopReason::EndTurn if has_calls => StopReason::ToolUse,
                reason if reason.as_str().is_empty() => StopReason::EndTurn,
                reason => reason,
            };
            Chunk::done(done)
        }
        chunk => chunk.clone(),
    });
    response(&changed.collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn an_answer_is_decoded_as_it_was(data in prop::collection::vec(any::<u8>(), 0..120)) {
        let made = answer(&data);
        let bytes = encode(&made.chunks);
        let decoded = decode(&bytes);
        let Some(Chunk::Done(done)) = made.chunks.last() else { unreachable!() };
        // Converse has words for these.
        let is_malformed = matches!(done.stop_reason, StopReason::MalformedModelOutput | StopReason::MalformedToolUse);
        if made.is_whole {
            prop_assert_eq!(response(&decoded.chunks), expected(&made.chunks));
            let has_cut_call =
                made.chunks.iter().any(|chunk| matches!(chunk, Chunk::ToolCallEnd { input, .. } if !input.is_usable()));
            match ConverseEncoder::new().whole(&made.chunks) {
                Ok(whole) => {
                    let expected = serde_json::to_value(expected(&made.chunks)).unwrap();
                    prop_assert_eq!(serde_json::from_str::<Value>(&whole).unwrap(), expected);
                }
                Err(failure) => prop_assert!(has_cut_call, "{:?}", failure),
            }
        } else if !is_malformed {
            prop_assert!(matches!(decoded.failure, Some(Error::Incomplete(_))), "{:?}", decoded.failure);
            prop_assert!(!names(&bytes).iter().any(|name| name == "messageStop" || name == "metadata"));
            prop_assert!(ConverseEncoder::new().whole(&made.chunks).is_err());
        }
    }

    #[test]
    fn an_answer_that_ends_anywhere_ends_before_its_stop(
        data in prop::collection::vec(any::<u8>(), 0..60),
        at in any::<prop::sample::Index>(),
    ) {
        let chunks = answer(&data).chunks;
        let cut = &chunks[..at.index(chunks.len())];
        let decoded = decode(&encode(cut));
        prop_assert!(matches!(decoded.failure, Some(Error::Incomplete(_))), "{:?}", decoded.failure);
        prop_assert!(ConverseEncoder::new().whole(cut).is_err());
    }

    /// The events one by one are those of the bytes, whatever the order of the chunks; and without `Done` there is no end.
    #[test]
    fn chunks_in_any_order_are_events(
        data in prop::collection::vec(any::<u8>(), 0..60),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let made = answer(&data).chunks;
        let chunks: Vec<_> = order.iter().map(|at| at.get(&made).clone()).collect();
        let mut encoder = ConverseEncoder::new();
        let events: Vec<_> = chunks.iter().flat_map(|chunk| encoder.events(chunk)).collect();
        for event in &events {
            prop_assert!(serde_json::from_str::<Value>(&event.data).unwrap().is_object());
        }
        let told: Vec<_> = events.into_iter().filter_map(|event| event.name).collect();
        let bytes = encode(&chunks);
        prop_assert_eq!(&told, &names(&bytes));
        let is_done = chunks.iter().any(|chunk| matches!(chunk, Chunk::Done(_)));
        prop_assert!(is_done || !told.iter().any(|name| name == "messageStop"));
        drop(ConverseEncoder::new().whole(&chunks));
    }
}

fn begun() -> [Chunk; 2] {
    [Chunk::start(Role::Assistant), Chunk::text(0, "Hello")]
}

#[test]
fn the_services_exception_is_written_and_any_other_error_is_not() {
    let exception = |name: &str, payload: &str| Error::Exception(Exception::new(name, payload).into());
    for (error, name, message) in [
        (exception("throttlingException", r#"{"message":"Slow down"}"#), "throttlingException", "Slow down"),
        (exception("newException", r#"{"message":"x"}"#), "newException", "x"),
        (
            exception("overloaded_error", r#"{"message":"Busy"}"#),
            "serviceUnavailableException",
            "overloaded_error: Busy",
        ),
        (exception("rate_limit_exceeded", "{}"), "throttlingException", "rate_limit_exceeded"),
        (exception("context_length_exceeded", "{}"), "validationException", "context_length_exceeded"),
        (exception("server_error", "{}"), "internalServerException", "server_error"),
        (exception("strange", "{}"), "modelStreamErrorException", "strange"),
        (
            Error::UnmodeledError(UnmodeledError::new("InternalError", "Oops")),
            "modelStreamErrorException",
            "InternalError: Oops",
        ),
    ] {
        let (mut encoder, mut out) = (ConverseEncoder::new(), Vec::new());
        begun().iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        encoder.fail(&Failure::from(&error), &mut out);
        encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
        let Some(Error::Exception(told)) = decode(&out).failure else { panic!("{error}") };
        assert_eq!((&*told.name, told.message.as_deref()), (name, Some(message)));
        assert!(encoder.is_ended() && encoder.failure().is_some());
    }
    for kind in [ErrorKind::Timeout, ErrorKind::Incomplete, ErrorKind::MessageChecksum, ErrorKind::Transport]
    {
        let (mut encoder, mut out) = (ConverseEncoder::new(), Vec::new());
        begun().iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        encoder.fail(&Failure::new(kind, "it broke"), &mut out);
        encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
        encoder.keep_alive(&mut out);
        assert_eq!(names(&out), ["messageStart", "contentBlockDelta"]);
        assert_eq!(encoder.failure().map(Failure::kind), Some(kind));
    }
}

#[test]
fn an_answer_from_which_events_were_skipped_does_not_stop() {
    let skipped = SkippedEvent::unexpected("messageStart", Json::default(), OrderViolation::Repeated);
    let (mut encoder, mut out) = (ConverseEncoder::new(), Vec::new());
    encoder.fail(&Failure::from(&Error::Skipped(skipped)), &mut out);
    assert!(!encoder.is_ended());
    begun().iter().for_each(|chunk| encoder.encode(chunk, &mut out));
    encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
    assert_eq!(names(&out), ["messageStart", "contentBlockDelta"]);
    assert_eq!(encoder.failure().map(Failure::kind), Some(ErrorKind::Unexpected));
}

/// A call that was cut off has no end, so that nobody takes it for whole; a custom tool's text stays an open string.
#[test]
fn a_call_that_was_cut_off_stays_so() {
    let custom = Some("custom_tool_call".to_owned());
    for (kind, deltas, input, is_ended) in [
        (None, "{\"a\":", ToolInput::truncated("{\"a\":"), false),
        (None, "{\"a\":", ToolInput::malformed("{\"a\":"), true),
        (custom.clone(), "*** Beg", ToolInput::truncated("*** Beg"), false),
        (custom, "*** Beg", ToolInput::malformed("*** Beg"), true),
    ] {
        let chunks = [
            Chunk::tool_call_start(0, "c", "t", kind),
            Chunk::tool_call_delta(0, "c", deltas),
            Chunk::tool_call_end(0, "c", "t", input),
            Chunk::done(Done::new(StopReason::MaxTokens)),
        ];
        let bytes = encode(&chunks);
        assert_eq!(names(&bytes).iter().any(|name| name == "contentBlockStop"), is_ended);
        let calls = decode(&bytes).calls();
        assert!(calls.len() == 1 && !calls[0].is_usable, "{calls:?}");
        assert!(ConverseEncoder::new().whole(&chunks).is_err());
    }
}

/// As Nova writes the calls of the client's tools; Converse keeps its word.
#[test]
fn a_call_of_the_type_tool_use_is_the_clients() {
    let chunks = [
        Chunk::tool_call_start(0, "c", "t", Some("tool_use".into())),
        Chunk::tool_call_end(0, "c", "t", ToolInput::Empty),
        Chunk::done(Done::new(StopReason::EndTurn)),
    ];
    let decoded = decode(&encode(&chunks));
    assert_eq!(decoded.calls()[0].kind.as_deref(), Some("tool_use"));
    assert_eq!(decoded.done().unwrap().stop_reason, StopReason::ToolUse);
    for dialect in super::wire::DIALECTS {
        let bytes = super::wire::encode(dialect, &chunks);
        let (decoded, failure) = super::wire::decode(dialect, &bytes);
        assert!(failure.is_none() && bytes.contains("\"name\":\"t\""), "{bytes}");
        assert!(decoded.iter().any(|chunk| matches!(chunk, Chunk::ToolCallEnd { .. })), "{bytes}");
    }
}

#[test]
fn what_the_service_did_is_written() {
    let mut done = Done::new(StopReason::EndTurn);
    done.usage = Some(Usage::new(3, 4));
    let chunks = [
        Chunk::start(Role::Assistant),
        Chunk::tool_call_start(0, "s", "nova_grounding", Some("server_tool_use".into())),
        Chunk::tool_call_end(0, "s", "nova_grounding", ToolInput::from_arguments("{\"q\":1}", true)),
        Chunk::tool_result_start(1, "s", Some("nova_grounding_result".into()), None),
        Chunk::tool_result(1, "s", Vec::new()),
        Chunk::block_end(1),
        Chunk::image_start(2, Some(ImageFormat::Png)),
        Chunk::block_end(2),
        Chunk::unknown_member(None, "new", Json::default()),
        Chunk::done(done),
    ];
    let (mut encoder, mut out) = (ConverseEncoder::new(), Vec::new());
    chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
    assert!(!encoder.left_out().has_content());
    assert_eq!(encoder.left_out().unknown, 1);
    let decoded = decode(&out);
    assert_eq!(response(&decoded.chunks), response(&chunks));
    // The service's call is none of the client's.
    assert_eq!(response(&decoded.chunks).stop_reason, Some(StopReason::EndTurn));
    assert_eq!(decoded.calls()[0].kind.as_deref(), Some("server_tool_use"));
    assert_eq!(names(&out).last().map(String::as_str), Some("metadata"));
}
