use arbitrary::{Result, Unstructured};
use bedrock_stream_core::answer::Error;
use bedrock_stream_dialects::{InvokeDecoder, PayloadDecoder, SseDecoder};

use crate::answer_reading::{AnswerReading, Form};
use crate::chunk_order::ChunkOrder;
use crate::dialect_choice::{DIALECTS, dialect};
use crate::invoke_decoder::chunk;
use crate::payloads::{ANY, payloads};
use crate::proof::can_prove;

/// Any payloads of any dialect, in any order, yield chunks in a valid order, and each carrier yields the same in any
/// split. No answer is complete without its dialect's proof. The scans of common payloads read what serde reads.
pub fn dialects(data: &[u8]) {
    let _ = read(&mut Unstructured::new(data));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let dialect = dialect(u.arbitrary()?);
    let lens = [u.int_in_range(0..=90)?, u.int_in_range(1..=20)?];
    let own = match dialect {
        Some(dialect) => dialect,
        None => *u.choose(DIALECTS)?,
    };
    let mut sequence = Vec::new();
    while sequence.len() < 24 && !u.is_empty() {
        let payload = match u.int_in_range(0..=15)? {
            0 => (*u.choose(ANY)?).to_owned(),
            1 => {
                let other = *u.choose(DIALECTS)?;
                (*u.choose(payloads(other))?).to_owned()
            }
            2 => u.arbitrary::<&str>()?.to_owned(),
            3 => {
                let payload = *u.choose(payloads(own))?;
                payload[..u.int_in_range(0..=payload.len())?].to_owned()
            }
            _ => (*u.choose(payloads(own))?).to_owned(),
        };
        sequence.push(payload);
    }

    let events: Vec<u8> = sequence.iter().flat_map(|payload| chunk(payload.as_bytes())).collect();
    let items = read_payloads(PayloadDecoder::new(dialect).invoked(), &sequence);
    for form in Form::ALL {
        let reading = AnswerReading::read(InvokeDecoder::new(dialect), &events, &lens, form);
        assert_eq!(reading.items, items, "as an event stream");
    }
    let items = read_payloads(PayloadDecoder::new(dialect), &sequence);
    // The scans leave a payload that begins with a space to serde.
    let unscanned: Vec<String> = sequence.iter().map(|payload| format!(" {payload}")).collect();
    let unscanned = read_payloads(PayloadDecoder::new(dialect), &unscanned);
    assert_eq!(content(&unscanned), content(&items), "without the scans");
    if sequence.iter().all(|payload| !payload.contains(['\r', '\n'])) {
        let stream: String = sequence.iter().map(|payload| format!("data: {payload}\n\n")).collect();
        for form in Form::ALL {
            let reading = AnswerReading::read(SseDecoder::new(dialect), stream.as_bytes(), &lens, form);
            assert_eq!(reading.items, items, "as server-sent events");
        }
    }
    Ok(())
}

/// The items of an answer with these payloads. Asserts that chunks are in a valid order, and that the answer is
/// complete only with a proof.
fn read_payloads(mut decoder: PayloadDecoder, sequence: &[String]) -> Vec<String> {
    let mut order = ChunkOrder::default();
    let mut items = Vec::new();
    let mut taken = 0;
    for payload in sequence {
        if decoder.is_done() || decoder.failure().is_some() {
            break;
        }
        taken += 1;
        decoder.apply(None, payload);
        take(&mut items, &mut order, || decoder.next_chunk());
    }
    take(&mut items, &mut order, || decoder.finish());
    assert_eq!(order.is_done(), decoder.is_done());
    assert_eq!(order.is_done(), decoder.failure().is_none(), "done, or failed: {items:?}");
    if let Some(dialect) = decoder.dialect().filter(|_| order.is_done()) {
        assert!(
            can_prove(dialect, &sequence[..taken]),
            "complete without a proof in {dialect}: {sequence:?}"
        );
    }
    items
}

/// The items that are content. Errors and unknown members may contain a payload's spaces, or count them.
fn content(items: &[String]) -> Vec<&String> {
    let kinds = ["Start", "Block", "Text", "Reasoning", "ToolCall", "Stop"];
    items.iter().filter(|item| kinds.iter().any(|kind| item.starts_with(kind))).collect()
}

/// Takes items until there are none, or up to the final error, which is taken once.
fn take(
    items: &mut Vec<String>,
    order: &mut ChunkOrder,
    mut next: impl FnMut() -> std::result::Result<Option<bedrock_stream_core::answer::Chunk>, Error>,
) {
    loop {
        match next() {
            Ok(None) => return,
            Ok(Some(chunk)) => {
                order.take(&chunk);
                items.push(format!("{chunk:?}"));
            }
            Err(error) => {
                let item = format!("{error:?}");
                let is_final = error.is_final();
                if !is_final || items.last() != Some(&item) {
                    items.push(item);
                }
                if is_final {
                    return;
                }
            }
        }
    }
}
