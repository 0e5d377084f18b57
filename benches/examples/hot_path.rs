//! Runs one stage of the hot path over a corpus repeatedly, for a profiler, and prints the nanoseconds per message.
//!
//! Build with `cargo build --release -p bedrock-stream-benches --example hot_path`, then run `valgrind --tool=callgrind
//! target/release/examples/hot_path chunks 10`. The difference between a run with 20 repetitions and one with 10 is the
//! cost of ten passes over the corpus, without set-up.
//!
//! | stage | | the corpus, and with what appended |
//! |---|---|---|
//! | `floor`, `frames`, `events`, `chunks`, `lent`, `client`, `client-lent`, `request` | ConverseStream | a text; `-tools`: tool input |
//! | `invoke` | an InvokeModel answer in Messages to chunks; `lent-invoke`: to lent ones | a text; `-mixed`: reasoning, text and tool calls |
//! | `sse-messages`, `sse-chat`, `sse-responses`; `lent-` before each | server-sent events to chunks | the same |
//! | `write-chat`, `write-responses`, `write-messages`, `write-converse` | chunks to the bytes of each encoder; a message is a chunk | the same |

use std::hint::black_box;
use std::time::Instant;

use bedrock_stream_benches::{
    Client, Corpus, Split, checksum_only, chunks, chunks_of, decoded, decoded_lent, events, frames,
    lent_chunks, written,
};
use bedrock_stream_core::answer::Chunk;
use bedrock_stream_dialects::encode::{ChatEncoder, ConverseEncoder, MessagesEncoder, ResponsesEncoder};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bytes::Bytes;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, times] = &arguments[..] else {
        panic!("the arguments are the stage and the number of repetitions")
    };
    let times: usize = times.parse().expect("a number of times");
    let Stage { messages, len, work } = converse(name)
        .or_else(|| decoder(name))
        .or_else(|| encoder(name))
        .unwrap_or_else(|| panic!("no such stage: {name}"));
    let begin = Instant::now();
    for _ in 0..times {
        black_box(work());
    }
    let each = begin.elapsed().as_nanos() as f64 / (times * messages) as f64;
    println!("{name}: {each:.1} ns a message of {} bytes", len / messages);
}

struct Stage {
    /// How many messages, or chunks, one repetition reads or writes.
    messages: usize,
    /// Their length, in bytes.
    len: usize,
    work: Box<dyn Fn() -> usize>,
}

impl Stage {
    fn new(corpus: &Corpus, work: impl Fn() -> usize + 'static) -> Self {
        Self { messages: corpus.messages.len(), len: corpus.bytes.len(), work: Box::new(work) }
    }
}

fn converse(name: &str) -> Option<Stage> {
    let (stage, corpus) = match name.strip_suffix("-tools") {
        Some(stage) => (stage, Corpus::tools(2_000)),
        None => (name, Corpus::text(2_000)),
    };
    let reads = Split::Reads.pieces(&corpus);
    let client = || Client::in_process(reads.clone());
    let stage: Box<dyn Fn() -> usize> = match stage {
        "floor" => {
            let messages = corpus.messages.clone();
            Box::new(move || checksum_only(&messages) as usize)
        }
        "frames" => Box::new(move || frames(&reads)),
        "events" => Box::new(move || events(&reads)),
        "chunks" => Box::new(move || chunks(&reads)),
        "lent" => Box::new(move || lent_chunks(&reads)),
        "client" => {
            let client = client();
            Box::new(move || client.chunks())
        }
        "client-lent" => {
            let client = client();
            Box::new(move || client.lent_chunks())
        }
        "request" => {
            let short = Client::in_process(Split::Messages.pieces(&Corpus::short()));
            // As many short requests as the corpus has messages.
            let requests = corpus.messages.len();
            Box::new(move || (0..requests).map(|_| short.chunks()).sum())
        }
        _ => return None,
    };
    Some(Stage::new(&corpus, stage))
}

fn decoder(name: &str) -> Option<Stage> {
    let (stage, is_mixed) = split_mixed(name);
    let (stage, is_lent) = stage.strip_prefix("lent-").map_or((stage, false), |stage| (stage, true));
    let corpus = match (stage, is_mixed) {
        ("invoke", false) => Corpus::invoked_text(2_000),
        ("invoke", true) => Corpus::invoked_mixed(20),
        ("sse-messages", false) => Corpus::messages_text(2_000),
        ("sse-messages", true) => Corpus::messages_mixed(20),
        ("sse-chat", false) => Corpus::chat_text(2_000),
        ("sse-chat", true) => Corpus::chat_mixed(20),
        ("sse-responses", false) => Corpus::responses_text(2_000),
        ("sse-responses", true) => Corpus::responses_mixed(20),
        _ => return None,
    };
    let reads = Split::Reads.pieces(&corpus);
    let dialect = match stage {
        "sse-chat" => Dialect::Chat,
        "sse-responses" => Dialect::Responses,
        _ => Dialect::Messages,
    };
    let read: fn(Dialect, &[Bytes]) -> usize = match (stage, is_lent) {
        ("invoke", false) => |dialect, reads| decoded(InvokeDecoder::new(Some(dialect)), reads),
        ("invoke", true) => |dialect, reads| decoded_lent(InvokeDecoder::new(Some(dialect)), reads),
        (_, false) => |dialect, reads| decoded(SseDecoder::new(Some(dialect)), reads),
        (_, true) => |dialect, reads| decoded_lent(SseDecoder::new(Some(dialect)), reads),
    };
    Some(Stage::new(&corpus, move || read(dialect, &reads)))
}

fn encoder(name: &str) -> Option<Stage> {
    let (stage, is_mixed) = split_mixed(name);
    let corpus = if is_mixed { Corpus::messages_mixed(20) } else { Corpus::messages_text(2_000) };
    let chunks = chunks_of(&corpus);
    let write: fn(&[Chunk]) -> usize = match stage {
        "write-chat" => |chunks| written(ChatEncoder::new("chatcmpl-1", "claude", 1_782_321_928), chunks),
        "write-responses" => {
            |chunks| written(ResponsesEncoder::new("resp_1", "claude", 1_784_247_619), chunks)
        }
        "write-messages" => |chunks| written(MessagesEncoder::new("msg_1", "claude"), chunks),
        "write-converse" => |chunks| written(ConverseEncoder::new(), chunks),
        _ => return None,
    };
    let (messages, len) = (chunks.len(), write(&chunks));
    Some(Stage { messages, len, work: Box::new(move || write(&chunks)) })
}

fn split_mixed(name: &str) -> (&str, bool) {
    name.strip_suffix("-mixed").map_or((name, false), |stage| (stage, true))
}
