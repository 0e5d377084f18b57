//! What the decoders conclude from answers, for programs that compare them with others: a JSON object a line on standard
//! input, one a line on standard output.
//!
//! In: `{"dialect":"chat","carrier":"sse" or "invoke","bytes":"<base64>"}`, or the carrier `converse`. Out: the answer's `chunks` as JSON, its
//! `text` and `reasoning`, its tool `calls`, the `stop_reason` and the vendor's own word for it, whether it is
//! `complete`, the kinds of the `errors` after which it went on, and the `failure` that ended it.

use std::io::{BufRead as _, Write as _};

use bedrock_stream_core::answer::{Chunk, Decode, Error};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::json::Blob;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| answer[name].as_str().ok_or(format!("`{name}` is missing"));
        let dialect = || text("dialect")?.parse::<Dialect>().map_err(|error| error.to_string());
        let bytes = Blob::from_base64(text("bytes")?).ok_or("`bytes` is not base64")?;
        let conclusion = match text("carrier")? {
            "converse" => conclusion(ChunkDecoder::new(), bytes.as_ref()),
            "sse" => conclusion(SseDecoder::new(Some(dialect()?)), bytes.as_ref()),
            "invoke" => conclusion(InvokeDecoder::new(Some(dialect()?)), bytes.as_ref()),
            other => return Err(format!("no such carrier: {other}").into()),
        };
        writeln!(out, "{conclusion}")?;
    }
    Ok(())
}

fn conclusion(mut decoder: impl Decode, mut bytes: &[u8]) -> Value {
    let (mut chunks, mut errors) = (Vec::new(), Vec::new());
    let mut failure = drain(&mut chunks, &mut errors, || decoder.next_from(&mut bytes));
    if failure.is_none() {
        failure = drain(&mut chunks, &mut errors, || decoder.finish());
    }
    let text: String = chunks.iter().filter_map(Chunk::as_text).collect();
    let mut reasoning = String::new();
    let mut calls = Vec::new();
    let mut done = None;
    for chunk in &chunks {
        match chunk {
            Chunk::Reasoning { text, .. } => reasoning.push_str(text),
            Chunk::ToolCallEnd { id, name, input, .. } => {
                calls.push(
                    json!({"id": id, "name": name, "arguments": input.as_str(), "usable": input.is_usable()}),
                );
            }
            Chunk::Done(end) => done = Some(end),
            _ => {}
        }
    }
    json!({
        "text": text,
        "reasoning": reasoning,
        "calls": calls,
        "stop_reason": done.map(|done| &done.stop_reason),
        "raw_stop_reason": done.and_then(|done| done.raw_stop_reason.as_ref()),
        "complete": done.is_some(),
        "errors": errors.iter().map(|error| error.kind().as_str()).collect::<Vec<_>>(),
        "failure": failure.map(|error| json!({"kind": error.kind().as_str(), "message": error.to_string()})),
        "chunks": chunks,
    })
}

/// Reads chunks until there are none. Returns the error that ended the answer.
fn drain(
    chunks: &mut Vec<Chunk>,
    errors: &mut Vec<Error>,
    mut next: impl FnMut() -> Result<Option<Chunk>, Error>,
) -> Option<Error> {
    loop {
        match next() {
            Ok(Some(chunk)) => chunks.push(chunk),
            Ok(None) => return None,
            Err(error) if error.is_final() => return Some(error),
            Err(error) => errors.push(error),
        }
    }
}
