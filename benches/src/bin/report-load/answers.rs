use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use memchr::memmem;
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::connection::Connection;
use crate::upstream::{AT_ONCE, DELTAS};

/// As many answers as `streams` connections get in `time`, each asking for the next answer when it has read one.
pub(crate) async fn measure(url: &str, streams: usize, time: Duration) -> io::Result<Value> {
    let (answers, broken) = (Rc::new(Cell::new(0u64)), Rc::new(Cell::new(0u64)));
    let tasks = LocalSet::new();
    let begun = Instant::now();
    for _ in 0..streams {
        let mut connection = Connection::open(url).await?;
        let (answers, broken) = (Rc::clone(&answers), Rc::clone(&broken));
        let url = url.to_owned();
        tasks.spawn_local(async move {
            while begun.elapsed() < time {
                let whole = connection.chat(AT_ONCE, |_| {}).await.is_ok_and(is_whole);
                let count = if whole { &answers } else { &broken };
                count.set(count.get() + 1);
                if !whole {
                    match Connection::open(&url).await {
                        Ok(another) => connection = another,
                        Err(_) => return,
                    }
                }
            }
        });
    }
    tasks.await;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(json!({ "answers": answers.get(), "broken": broken.get(), "seconds": seconds }))
}

fn is_whole(response: &[u8]) -> bool {
    memmem::find(response, b"data: [DONE]").is_some()
        && memmem::find_iter(response, br#""content":""#).count() >= DELTAS
}
