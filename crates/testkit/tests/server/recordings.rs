use std::num::NonZeroUsize;
use std::path::Path;
use std::{env, fs};

use bedrock_stream_testkit::{FakeBedrock, RecordingsError, StartError};

use crate::support::{QUESTION, call, request};

/// The recorded response bodies that come with the project's data, where they are.
fn folder() -> Option<&'static Path> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/recordings"));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(env::var_os("CI").is_none(), "{} is missing", folder.display());
    println!("skipped: {} is missing", folder.display());
    None
}

#[tokio::test]
async fn a_folder_is_served_byte_for_byte() {
    let Some(folder) = folder() else { return };
    let bedrock = FakeBedrock::builder().recordings(folder).start().await.expect("the folder can be read");
    let mut served = 0;
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_some_and(|extension| extension == "bin") {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("the name is UTF-8");
            let path_and_query = format!("/model/{name}/converse-stream");
            let reply = call(&bedrock, request(&bedrock, &path_and_query, QUESTION)).await;
            assert_eq!(reply.status, 200, "{name}");
            assert!(reply.body == fs::read(&path).expect("the file can be read"), "{name} differs");
            served += 1;
        }
    }
    assert_eq!(served, 68);

    let model = "/model/global.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream";
    let reply = call(&bedrock, request(&bedrock, model, QUESTION)).await;
    assert_eq!(reply.status, 200, "by the model of its description");
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
}
