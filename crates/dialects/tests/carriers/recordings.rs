use std::path::Path;

use bedrock_stream_tests::shared;

use super::reading::Carrier;

/// Every recorded stream of that folder whose name begins so.
fn recordings(folder: &Path, start: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.starts_with(start) && path.extension().is_some_and(|it| it == extension) {
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// Asserts that a recording is complete or not, and gives the same however it is cut and whatever comes after its end.
fn assert_reads(carrier: Carrier, name: &str, stream: &[u8], is_complete: bool) {
    let whole = carrier.read(None, stream);
    assert_eq!(whole.done().is_some(), is_complete, "{name}: {:?}", whole.failure());
    for (lens, lend) in [(&[1][..], true), (&[1], false), (&[997], true), (&[16_384], false)] {
        assert!(carrier.read_in(None, stream, lens, lend) == whole, "{name} differs in pieces of {lens:?}");
    }
    // One of them lacks its last empty line, so what came next would be a part of its last event.
    let end = if carrier == Carrier::Sse { &b"\n\n"[..] } else { b"" };
    for junk in [&b"\xff\0\xfe junk"[..], b"data: {\n", &[b'x'; 100]] {
        let reading = carrier.read(None, &[stream, end, junk].concat());
        assert_eq!(reading.done().is_some(), is_complete, "{name} with trailing junk");
        assert_eq!(reading.text(), whole.text(), "{name} with trailing junk");
    }
}

#[test]
fn every_recorded_invocation() {
    let Some(folder) = shared("recordings") else { return };
    let recordings = recordings(&folder, "invoke-", "bin");
    assert_eq!(recordings.len(), 22);
    for (name, stream) in recordings {
        let is_complete = !(name.contains("-exception-") || name.contains("-truncated-"));
        assert_reads(Carrier::Invoke, &name, &stream, is_complete);
    }
}

#[test]
fn every_recorded_stream_of_events() {
    let Some(folder) = shared("sse") else { return };
    let recordings = recordings(&folder, "", "sse");
    assert_eq!(recordings.len(), 47);
    for (name, stream) in recordings {
        let expected = std::fs::read(folder.join("expected").join(format!("{name}.json"))).unwrap();
        let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
        assert_reads(Carrier::Sse, &name, &stream, expected["complete"] == true);
    }
}
