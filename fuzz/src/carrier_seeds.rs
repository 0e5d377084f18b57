use crate::control::Control;
use crate::dialect_choice::DIALECTS;
use crate::payloads::{ANY, payloads};

/// Server-sent events of every form, with several controls, and without a byte for the dialect.
pub(crate) fn framer_seeds() -> Vec<Vec<u8>> {
    let streams: [&[u8]; 12] = [
        b"event: ping\ndata: {\"type\":\"ping\"}\n\ndata: [DONE]\n\n",
        b"data: {\"a\":1}\r\nevent: x\r\n\r\n: comment\r\n\r\ndata: 2\r\n",
        b"data: 1\rdata: 2\r\rdata\r\r",
        b"\xef\xbb\xbfdata: 1\n\n\xef\xbb\xbfdata: 2\n\n",
        b"\xef\xbbdata: 1\n\n",
        b"id: 1\nretry: 10\nno colon\nevent: a\nevent\ndata:  x\n\n",
        b"data: \xe2\x82\xac \xff \xe2\x82\nevent: \xff\n\n",
        b"event: message_stop\ndata: {\"type\":\"message_stop\"}",
        b"data: {}\neven",
        b"data: {\"a\"",
        b"<html>\n</html>\n",
        b"\r\n\r\n\n\n\r\r",
    ];
    controlled(streams.iter().map(|stream| stream.to_vec()))
}

/// Answers in every dialect as server-sent events.
pub(crate) fn sse_seeds() -> Vec<Vec<u8>> {
    let events =
        |payloads: &[&str]| payloads.iter().map(|payload| format!("data: {payload}\n\n")).collect::<String>();
    controlled(answers().map(|(choice, payloads)| [&[choice], events(&payloads).as_bytes()].concat()))
}

/// The same, one payload per line.
pub(crate) fn invoke_seeds() -> Vec<Vec<u8>> {
    controlled(answers().map(|(choice, payloads)| [&[choice], payloads.join("\n").as_bytes()].concat()))
}

/// Sequences of payloads.
pub(crate) fn dialect_seeds() -> Vec<Vec<u8>> {
    let pattern =
        |step: u8| (0..80_u8).map(move |index| index.wrapping_mul(step).wrapping_add(step)).collect();
    (1..=24_u8).map(pattern).collect()
}

/// Each dialect's payloads in order, with payloads that may come between them, preceded by the byte that selects the
/// dialect.
fn answers() -> impl Iterator<Item = (u8, Vec<&'static str>)> {
    DIALECTS.iter().enumerate().flat_map(|(index, dialect)| {
        let all = payloads(*dialect);
        let mixed = all.iter().zip(ANY.iter().cycle()).flat_map(|(own, any)| [*any, *own]).collect();
        [all.to_vec(), mixed, all.iter().rev().copied().collect()].map(|payloads| (index as u8, payloads))
    })
}

fn controlled(streams: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    const LENS: [&[u8]; 2] = [&[1], &[7, 0, 31]];
    let join = |stream: Vec<u8>| LENS.map(|lens| Control::join(lens, 0, &stream));
    streams.flat_map(join).chain([Vec::new()]).collect()
}
