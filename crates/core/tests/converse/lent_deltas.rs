//! What [`Chunker::lend_text_delta`] lends is what `apply_text_delta` and the general path say of the same delta.

use bedrock_stream_core::answer::{Chunk, ChunkRef};
use bedrock_stream_core::converse::{
    BlockStart, Chunker, ContentBlockStart, ContentBlockStop, Event, MessageStop, TextDelta, TextDeltaKind,
    ToolResultStart, ToolUseStart,
};
use bedrock_stream_core::frame::Limits;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Clone, Debug)]
enum Step {
    Delta(u32, TextDeltaKind, &'static str),
    Event(Event),
}

fn step() -> impl Strategy<Value = Step> {
    let kinds = [TextDeltaKind::Text, TextDeltaKind::Reasoning, TextDeltaKind::ToolInput];
    let texts = ["", "a", "{\"b\":\"é\"}", "0123456789abcdef0123456789abcdef"];
    let delta = (0..3_u32, select(kinds.to_vec()), select(texts.to_vec()));
    let start = prop_oneof![
        3 => Just(BlockStart::ToolUse(ToolUseStart::new("t", "n"))),
        1 => Just(BlockStart::ToolUse(ToolUseStart::default())),
        1 => Just(BlockStart::ToolResult(ToolResultStart::new("t"))),
    ];
    prop_oneof![
        12 => delta.prop_map(|(block, kind, text)| Step::Delta(block, kind, text)),
        4 => (0..3_u32, start).prop_map(|(block, start)| Step::Event(ContentBlockStart::new(block, start).into())),
        2 => (0..3_u32).prop_map(|block| Step::Event(ContentBlockStop::new(block).into())),
        1 => Just(Step::Event(MessageStop::new("end_turn".into()).into())),
    ]
}

/// All that it says, in order: the chunks and the errors.
fn drain(chunker: &mut Chunker, said: &mut Vec<String>) {
    said.extend(std::iter::from_fn(|| chunker.next_chunk()).map(|chunk| format!("{chunk:?}")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn a_lent_delta_is_the_owned_one(steps in vec(step(), 0..40), limit in select(vec![90_usize, 900, 1 << 20])) {
        let limits = Limits::default().with_max_state_len(limit);
        let (mut lending, mut owning, mut general) =
            (Chunker::with_limits(limits), Chunker::with_limits(limits), Chunker::with_limits(limits));
        let (mut lent, mut owned, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Delta(block, kind, text) => {
                    let delta = || TextDelta { block, kind, text: text.to_owned() };
                    let chunk = lending.lend_text_delta(block, kind, text).map(ChunkRef::into_chunk);
                    let chunk = match chunk {
                        Some(chunk) => Ok(Some(chunk)),
                        None => lending.apply_text_delta(delta()),
                    };
                    say(chunk, &mut lent);
                    say(owning.apply_text_delta(delta()), &mut owned);
                    say(general.apply(Event::ContentBlockDelta(delta().into())).map(|()| None), &mut plain);
                }
                Step::Event(event) => {
                    for (chunker, said) in
                        [(&mut lending, &mut lent), (&mut owning, &mut owned), (&mut general, &mut plain)]
                    {
                        say(chunker.apply(event.clone()).map(|()| None), said);
                    }
                }
            }
            drain(&mut lending, &mut lent);
            drain(&mut owning, &mut owned);
            drain(&mut general, &mut plain);
            prop_assert_eq!(&lent, &owned);
            prop_assert_eq!(&lent, &plain);
        }
        prop_assert_eq!(format!("{:?}", lending.finish()), format!("{:?}", owning.finish()));
    }
}

fn say(result: Result<Option<Chunk>, bedrock_stream_core::answer::Error>, said: &mut Vec<String>) {
    match result {
        Ok(chunk) => said.extend(chunk.map(|chunk| format!("{chunk:?}"))),
        Err(error) => said.push(format!("{error:?}")),
    }
}

#[test]
fn a_chunk_and_its_borrowed_form_are_each_other() {
    let chunks = [
        Chunk::text(1, "é"),
        Chunk::reasoning(2, "hm"),
        Chunk::tool_call_delta(3, "id", "{}"),
        Chunk::block_end(3),
    ];
    for chunk in chunks {
        let lent = ChunkRef::from(&chunk);
        assert_eq!(matches!(lent, ChunkRef::Owned(_)), matches!(chunk, Chunk::BlockEnd { .. }));
        assert_eq!(lent.into_chunk(), chunk);
    }
}
