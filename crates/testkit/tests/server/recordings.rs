use std::fs;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use bedrock_stream_testkit::{FakeBedrock, Fault, RecordingsError, Reply, StartError, answer};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::support::{QUESTION, call, open, request};

#[tokio::test]
async fn a_folder_is_served_byte_for_byte() {
    let Some(folder) = bedrock_stream_tests::shared("recordings") else { return };
    let bedrock = FakeBedrock::builder().recordings(&folder).start().await.expect("the folder can be read");
    let mut served = 0;
    for entry in fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_some_and(|extension| extension == "bin") {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("the name is UTF-8");
            let path_and_query = format!("/model/{name}/converse-stream");
            let reply = call(&bedrock, request(&bedrock, &path_and_query, QUESTION)).await;
            assert_eq!(reply.status, 200, "{name}");
            // What a model that is invoked sends is the body of another operation.
            if !name.starts_with("invoke-") {
                assert!(reply.body == fs::read(&path).expect("the file can be read"), "{name} differs");
            }
            served += 1;
        }
    }
    assert_eq!(served, 68);

    let model = "/model/global.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream";
    let reply = call(&bedrock, request(&bedrock, model, QUESTION)).await;
    assert_eq!(reply.status, 200, "by the model of its description");
}

/// The path of each dialect, and a body for it.
fn sse_request(
    bedrock: &FakeBedrock,
    dialect: &str,
    model: &str,
) -> http::Request<http_body_util::Full<bytes::Bytes>> {
    let (path, body) = match dialect {
        "anthropic-messages" => (
            "/anthropic/v1/messages",
            json!({"model": model, "max_tokens": 9, "stream": true, "anthropic_version": "bedrock-2023-05-31",
                   "messages": [{"role": "user", "content": "Hello"}]}),
        ),
        "openai-responses" => {
            ("/openai/v1/responses", json!({"model": model, "stream": true, "input": "Hello"}))
        }
        _ => (
            "/v1/chat/completions",
            json!({"model": model, "stream": true, "messages": [{"role": "user", "content": "Hello"}]}),
        ),
    };
    request(bedrock, path, body.to_string())
}

#[tokio::test]
async fn recorded_server_sent_events_are_served_by_the_path_of_their_dialect() {
    let Some(folder) = bedrock_stream_tests::shared("sse") else { return };
    let bedrock = FakeBedrock::builder().recordings(&folder).start().await.expect("the folder can be read");
    let mut served = 0;
    for entry in fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_none_or(|extension| extension != "sse") {
            continue;
        }
        let name = path.file_stem().and_then(|name| name.to_str()).expect("the name is UTF-8");
        let description = fs::read(path.with_extension("json")).expect("each is described");
        let description: Value = serde_json::from_slice(&description).expect("the description is JSON");
        let dialect = description["dialect"].as_str().expect("it names the dialect");
        let reply = call(&bedrock, sse_request(&bedrock, dialect, name)).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("content-type")),
            (200, "text/event-stream"),
            "{name}"
        );
        assert!(reply.body == fs::read(&path).expect("the file can be read"), "{name} differs");
        let model = description["model"].as_str().unwrap_or(name);
        let reply = call(&bedrock, sse_request(&bedrock, dialect, model)).await;
        assert_eq!(reply.status, 200, "{model} by its description");
        served += 1;
    }
    assert_eq!(served, 47);
}

#[tokio::test]
async fn recorded_bodies_of_invoke_are_served_by_their_model() {
    let Some(folder) = bedrock_stream_tests::shared("recordings") else { return };
    let bedrock = FakeBedrock::builder().recordings(&folder).start().await.expect("the folder can be read");
    let mut served = 0;
    for entry in fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("the name is UTF-8");
        if !name.starts_with("invoke-") || path.extension().is_none_or(|extension| extension != "bin") {
            continue;
        }
        let path_and_query = format!("/model/{name}/invoke-with-response-stream");
        let reply = call(&bedrock, request(&bedrock, &path_and_query, "{}")).await;
        assert_eq!(reply.header("content-type"), "application/vnd.amazon.eventstream", "{name}");
        assert_eq!(reply.header("x-amzn-bedrock-content-type"), "application/json", "{name}");
        assert!(reply.body == fs::read(&path).expect("the file can be read"), "{name} differs");
        served += 1;
    }
    assert_eq!(served, 22);
}

#[tokio::test]
async fn of_one_name_each_operation_gets_its_own_kind() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a.bin"), "bytes").expect("the folder can be written");
    fs::write(folder.path().join("a.sse"), "data: [DONE]\n\n").expect("the folder can be written");
    let bedrock = FakeBedrock::builder().recordings(folder.path()).start().await.expect("it can be read");
    let reply = call(&bedrock, request(&bedrock, "/model/a/converse-stream", QUESTION)).await;
    assert_eq!(reply.body, "bytes");
    let reply = call(&bedrock, sse_request(&bedrock, "openai-chat-completions", "a")).await;
    assert_eq!(reply.body, "data: [DONE]\n\n");
}

#[tokio::test]
async fn the_model_of_a_description_is_served_by_every_operation() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).expect("the folder can be written");
    };
    let event_stream = answer().text("From a.").to_bytes().expect("it can be encoded");
    write("a.bin", &event_stream);
    write("a.json", br#"{"model":"described"}"#);
    let of_chat = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"From b.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    write("b.sse", of_chat);
    write("b.json", br#"{"model":"described"}"#);
    write("c.sse", b"data: {\"type\":\"other\"}\n\n");
    write("c.json", br#"{"model":"described","dialect":"messages"}"#);
    let bedrock = FakeBedrock::builder().recordings(folder.path()).start().await.expect("it can be read");
    let converse = call(&bedrock, request(&bedrock, "/model/described/converse-stream", QUESTION)).await;
    assert!(converse.body == event_stream, "by its format");
    let chat = call(&bedrock, sse_request(&bedrock, "openai-chat-completions", "described")).await;
    assert_eq!(chat.body, of_chat[..], "by its format");
    let messages = call(&bedrock, sse_request(&bedrock, "anthropic-messages", "described")).await;
    assert_eq!(messages.body, &b"data: {\"type\":\"other\"}\n\n"[..], "by its description");
    let responses = call(&bedrock, sse_request(&bedrock, "openai-responses", "described")).await;
    assert!(String::from_utf8_lossy(&responses.body).contains("From a."), "the first, in its own dialect");
}

#[tokio::test]
async fn a_single_recording_keeps_its_bytes_in_any_split() {
    let bodies: [&[u8]; 4] = [b"", b"\0\0\0\x10", b"<html>no event stream</html>", &[7; 100_000]];
    for split in [1, 7, 16 * 1024] {
        for body in bodies {
            let bedrock = FakeBedrock::builder()
                .recording("model:1", body)
                .split(NonZeroUsize::new(split).expect("not zero"))
                .start()
                .await
                .expect("a port is free");
            let reply = call(&bedrock, request(&bedrock, "/model/model%3A1/converse-stream", QUESTION)).await;
            assert_eq!(
                (reply.status.as_u16(), reply.header("content-type")),
                (200, "application/vnd.amazon.eventstream")
            );
            assert!(reply.body == body, "{split}");
        }
    }
}

#[tokio::test]
async fn beside_recordings_other_models_are_unknown() {
    let bedrock = FakeBedrock::builder().recording("known", "x").start().await.expect("a port is free");
    let reply = call(&bedrock, request(&bedrock, "/model/unknown/converse-stream", QUESTION)).await;
    assert_eq!(
        reply.refusal(),
        (400, "ValidationException".into(), "The provided model identifier is invalid.".into())
    );
}

/// A body, and where its second and its third message start.
fn body() -> (Vec<u8>, usize, usize) {
    let messages = answer().text("one two three").messages().expect("an answer can be encoded");
    let second = messages[0].len();
    (messages.concat(), second, second + messages[1].len())
}

/// When each piece of the answer to model `a` arrived.
async fn arrivals(bedrock: &FakeBedrock) -> Vec<(Vec<u8>, Duration)> {
    let start = Instant::now();
    let mut response = open(bedrock, request(bedrock, "/model/a/converse-stream", QUESTION)).await;
    let mut arrivals = Vec::new();
    while let Some(frame) = response.frame().await {
        let bytes = frame.expect("the body is whole").into_data().expect("there are no trailers");
        arrivals.push((bytes.to_vec(), start.elapsed()));
    }
    arrivals
}

#[tokio::test]
async fn a_recording_comes_as_it_came_if_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (body, second, third) = body();
    fs::write(folder.path().join("a.bin"), &body).expect("the folder can be written");
    // The second message was whole with the second read, a byte before the third began.
    let times = format!(
        "{{\"offset\":0,\"ms\":40}}\n{{\"offset\":{},\"ms\":400}}\n{{\"offset\":{third},\"ms\":800}}\n",
        third - 1
    );
    fs::write(folder.path().join("a.bin.times"), times).expect("the folder can be written");
    for (speed, split) in [(1.0, None), (2.0, None), (2.0, NonZeroUsize::new(9))] {
        let mut bedrock = FakeBedrock::builder().recordings(folder.path()).as_recorded(speed);
        if let Some(split) = split {
            bedrock = bedrock.split(split);
        }
        let bedrock = bedrock.start().await.expect("the folder can be read");
        let arrivals = arrivals(&bedrock).await;
        let mut offset = 0;
        for (bytes, at) in &arrivals {
            let due = if offset >= third {
                800
            } else if offset >= second {
                400
            } else {
                40
            };
            let due = Duration::from_millis(due).div_f64(speed);
            assert!(*at >= due, "byte {offset} came after {at:?}, {due:?} is right, {speed} {split:?}");
            offset += bytes.len();
        }
        assert!(arrivals.iter().flat_map(|(bytes, _)| bytes).eq(&body), "{speed} {split:?}");
        let last = arrivals.last().expect("there is a body").1;
        assert!(last < Duration::from_millis(800).div_f64(speed) + Duration::from_millis(300), "{last:?}");
    }
    // Without `as_recorded`, or without times, everything is sent at once.
    for bedrock in [
        FakeBedrock::builder().recordings(folder.path()),
        FakeBedrock::builder().recording("a", body.clone()).as_recorded(1.0),
    ] {
        let bedrock = bedrock.start().await.expect("the folder can be read");
        let last = arrivals(&bedrock).await.pop().expect("there is a body").1;
        assert!(last < Duration::from_millis(350), "{last:?}");
    }
}

#[tokio::test]
async fn faults_find_a_paced_recording_too() {
    let (body, _, third) = body();
    let times = r#"{"offset":0,"ms":50}"#.parse().expect("it is a read");
    let reply = Reply::recording_with_times(body.clone(), &times).fault(Fault::NoStop);
    let bedrock =
        FakeBedrock::builder().reply("a", reply).as_recorded(1.0).start().await.expect("a port is free");
    let arrivals = arrivals(&bedrock).await;
    assert!(arrivals.iter().all(|(_, at)| *at >= Duration::from_millis(50)));
    let sent: usize = arrivals.iter().map(|(bytes, _)| bytes.len()).sum();
    assert!(sent > third && sent < body.len(), "{sent}");
}

#[tokio::test]
#[should_panic(expected = "cannot be replayed 0 times as fast")]
async fn a_recording_has_to_come() {
    let _ = FakeBedrock::builder().as_recorded(0.0);
}

#[tokio::test]
async fn folders_that_cannot_be_used() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let start = || FakeBedrock::builder().recordings(folder.path()).start();
    let missing = FakeBedrock::builder().recordings(folder.path().join("missing")).start().await;
    let error = missing.expect_err("the folder is missing");
    assert!(matches!(error, StartError::Recordings(RecordingsError::Read { .. })), "{error:?}");
    assert!(error.to_string().contains("missing"), "{error}");

    let error = start().await.expect_err("the folder is empty");
    assert!(matches!(error, StartError::Recordings(RecordingsError::Empty { .. })), "{error:?}");

    fs::write(folder.path().join("a.bin"), "x").expect("the folder can be written");
    start().await.expect("a recording needs no description");

    fs::write(folder.path().join("a.json"), "{").expect("the folder can be written");
    let error = start().await.expect_err("the description is not JSON");
    assert!(matches!(error, StartError::Recordings(RecordingsError::NotJson { .. })), "{error:?}");

    fs::write(folder.path().join("a.bin.times"), "{\"offset\":0,\"ms\":1}\nx\n")
        .expect("the folder can be written");
    let error = start().await.expect_err("the times are none");
    assert!(matches!(error, StartError::Recordings(RecordingsError::Times { .. })), "{error:?}");
    assert!(error.to_string().ends_with("line 2 is not {\"offset\":BYTES,\"ms\":MILLISECONDS}"), "{error}");
}
