use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::connection::{Connection, body};

/// What a stream was taken for.
#[derive(Default)]
struct Counts {
    open: u64,
    at_once: u64,
    whole: u64,
    silently_short: u64,
    /// By their words.
    errors: BTreeMap<String, u64>,
}

/// Opens `streams` streams of the model `slow`, one right after the other, and reads all of them.
pub(crate) async fn measure(url: &str, streams: usize, text: &str) -> io::Result<Value> {
    let counts = Rc::new(RefCell::new(Counts::default()));
    let tasks = LocalSet::new();
    let begun = Instant::now();
    tasks
        .run_until(async {
            let mut open = Vec::with_capacity(streams);
            for _ in 0..streams {
                let (counts, text, url) = (Rc::clone(&counts), text.to_owned(), url.to_owned());
                // What is not accepted yet must not be more than the gateway's kernel queues.
                if open.len() % 100 == 99 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                open.push(tokio::task::spawn_local(async move {
                    let conclusion = read(&url, &text, &counts).await;
                    let mut counts = counts.borrow_mut();
                    match conclusion {
                        Ok(true) => counts.whole += 1,
                        Ok(false) => counts.silently_short += 1,
                        Err(error) => *counts.errors.entry(error.to_string()).or_default() += 1,
                    }
                }));
            }
            for stream in open {
                stream.await.map_err(io::Error::other)?;
            }
            io::Result::Ok(())
        })
        .await?;
    let counts = counts.borrow();
    Ok(json!({
        "streams": streams, "at_once": counts.at_once, "whole": counts.whole,
        "silently_short": counts.silently_short, "errors": counts.errors,
        "seconds": begun.elapsed().as_secs_f64(),
    }))
}

/// Whether an answer that has an end is whole.
async fn read(url: &str, text: &str, counts: &RefCell<Counts>) -> io::Result<bool> {
    let mut connection = Connection::open(url).await?;
    let mut is_open = false;
    let response = connection
        .chat("slow", |_| {
            if !is_open {
                is_open = true;
                let mut counts = counts.borrow_mut();
                counts.open += 1;
                counts.at_once = counts.at_once.max(counts.open);
            }
        })
        .await;
    if is_open {
        counts.borrow_mut().open -= 1;
    }
    let body = body(response?).ok_or(io::ErrorKind::InvalidData)?;
    let body = String::from_utf8(body).map_err(io::Error::other)?;
    let (mut said, mut has_end) = (String::new(), false);
    for data in body.lines().filter_map(|line| line.strip_prefix("data: ")) {
        if data == "[DONE]" {
            has_end = true;
            continue;
        }
        let event: Value = serde_json::from_str(data)?;
        if let Some(error) = event.get("error") {
            return Err(io::Error::other(error.to_string()));
        }
        said += event["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
    }
    if has_end {
        Ok(said == text)
    } else {
        Err(io::Error::other("the body ended without an end of the answer"))
    }
}
