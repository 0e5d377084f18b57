//! Token counts.

use bedrock_stream_core::answer::{Chunk, Done, StopReason, Usage};
use bedrock_stream_core::content::Role;
use bedrock_stream_core::converse::{ContentBlockDelta, Event, MessageStart, MessageStop};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::{ChatEncoder, Encode as _};
use serde_json::{Value, json};

use super::{converted, done, events};
use crate::wire::{DIALECTS, encoder, looks_complete};

/// Portkey#1210, ruby_llm#832: cached tokens were left out or counted twice. See also `token_counts`.
#[test]
fn bug_19_portkey_1210_cached_tokens_are_counted_once_and_usage_comes_last() {
    let mut whole = Done::new(StopReason::EndTurn);
    whole.usage = Some(Usage::new(10, 7).cache_read_input_tokens(100).total_tokens(999));
    let with_usage = [Chunk::text(0, "a"), Chunk::block_end(0), Chunk::done(whole)];
    let chat = events(Dialect::Chat, &with_usage);
    let (last, before) = chat.split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!((&last["usage"]["prompt_tokens"], &last["usage"]["total_tokens"]), (&json!(110), &json!(117)));
    assert!(before.iter().all(|event| event.get("usage") == Some(&Value::Null)));

    let without = [Chunk::text(0, "a"), Chunk::block_end(0), done(StopReason::EndTurn)];
    assert!(
        events(Dialect::Chat, &without)
            .iter()
            .all(|event| event["usage"] == Value::Null && event["choices"] != json!([]))
    );
    let mut encoder = ChatEncoder::new("c", "m", 0);
    let not_asked: Vec<_> = with_usage.iter().flat_map(|chunk| encoder.events(chunk)).collect();
    assert!(not_asked.iter().all(|event| !event.data.contains("usage")));
}

/// bifrost#7076: the reader stopped at the finish, and the usage behind it was lost.
#[test]
fn bug_20_bifrost_7076_nothing_that_ends_is_written_before_done() {
    let chunks = [Chunk::text(0, "a"), Chunk::block_end(0), Chunk::stop(StopReason::EndTurn)];
    for dialect in DIALECTS {
        let (mut encoder, mut out) = (encoder(dialect), Vec::new());
        chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        assert!(!looks_complete(std::str::from_utf8(&out).unwrap()));
    }
    // Metadata without messageStop is no end either.
    let events: [Event; 2] =
        [MessageStart::new(Role::Assistant).into(), ContentBlockDelta::new(0, "a".to_owned()).into()];
    let mut whole: Vec<Event> = events.into();
    whole.push(MessageStop::new(StopReason::EndTurn).into());
    assert!(looks_complete(&converted(Dialect::Chat, &whole)));
}
