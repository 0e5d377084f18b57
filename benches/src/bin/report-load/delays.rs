use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use memchr::memmem;
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::connection::Connection;
use crate::upstream::{DELTAS, STAMPED, nanoseconds};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Gateway,
    Direct,
}

impl Way {
    /// What precedes a delta's text.
    fn before_text(self) -> &'static [u8] {
        match self {
            Self::Gateway => br#""content":""#,
            Self::Direct => br#""text":""#,
        }
    }
}

/// How long deltas were on their way, in microseconds, while `streams` answers were read at a time.
pub(crate) async fn measure(url: &str, way: Way, streams: usize, time: Duration) -> io::Result<Value> {
    let delays = Rc::new(RefCell::new(Vec::new()));
    let tasks = LocalSet::new();
    let begun = Instant::now();
    let mut reading = Vec::with_capacity(streams);
    for _ in 0..streams {
        let mut connection = Connection::open(url).await?;
        let delays = Rc::clone(&delays);
        reading.push(tasks.spawn_local(async move {
            // The first answer warms everything up, and does not count.
            let mut answers = 0;
            while answers < 2 || begun.elapsed() < time {
                let mut of_answer = Vec::with_capacity(DELTAS);
                answer(&mut connection, way, &mut of_answer).await?;
                if of_answer.len() != DELTAS {
                    return Err(io::Error::other(format!("{} deltas, not {DELTAS}", of_answer.len())));
                }
                if answers > 0 {
                    delays.borrow_mut().append(&mut of_answer);
                }
                answers += 1;
            }
            io::Result::Ok(())
        }));
    }
    tasks.await;
    for stream in reading {
        stream.await.map_err(io::Error::other)??;
    }
    let mut delays = delays.take();
    delays.sort_unstable();
    let at = |share: usize| {
        let at = (delays.len() * share / 100).min(delays.len().saturating_sub(1));
        delays.get(at).map(|nanoseconds| *nanoseconds as f64 / 1000.0)
    };
    Ok(json!({ "deltas": delays.len(), "median": at(50), "p99": at(99) }))
}

async fn answer(connection: &mut Connection, way: Way, delays: &mut Vec<u128>) -> io::Result<()> {
    let mut at = 0;
    let seen = |response: &[u8]| {
        let now = nanoseconds();
        while let Some(found) = memmem::find(&response[at..], way.before_text()) {
            let text = &response[at + found + way.before_text().len()..];
            let Some(len) = text.iter().position(|byte| *byte == b'"') else { return };
            let stamp = std::str::from_utf8(&text[..len]).ok().and_then(|text| text.parse::<u128>().ok());
            // The role comes with an empty text, and the upstream's end has none.
            delays.extend(stamp.map(|stamp| now.saturating_sub(stamp)));
            at = response.len() - text.len() + len;
        }
    };
    match way {
        Way::Gateway => connection.chat(STAMPED, seen).await,
        Way::Direct => connection.ask("/model/stamped/converse-stream", "{}", seen).await,
    }
    .map(drop)
}
