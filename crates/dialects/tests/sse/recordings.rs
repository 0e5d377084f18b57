use bedrock_stream_tests::shared;

use super::oracle::read;
use super::split::split_equals_whole;

/// Asserts of every recorded stream that it gives what the oracle gives, cut in many ways and with any line end.
#[test]
fn every_recording_gives_what_the_oracle_gives() {
    let Some(folder) = shared("sse") else { return };
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "sse"));
    assert!(names.len() >= 47, "{}", names.len());
    for path in names {
        let stream = std::fs::read_to_string(&path).unwrap();
        let whole = read(stream.as_bytes(), usize::MAX, usize::MAX);
        assert!(whole.events.len() > 1, "{}", path.display());
        for stream in [stream.clone(), stream.replace('\n', "\r"), stream.replace('\n', "\r\n")] {
            for lens in [&[0][..], &[1], &[997], &[16_384], &[7, 0, 61]] {
                split_equals_whole(stream.as_bytes(), lens, u32::MAX);
            }
        }
    }
}
