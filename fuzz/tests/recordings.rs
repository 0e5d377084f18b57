//! Real answers of Bedrock, checked against the rules too.

use std::fs;
use std::path::Path;

use bedrock_stream_fuzz::compared_items_of;

#[test]
fn recorded_answers_follow_the_rules() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/recordings");
    if !dir.is_dir() {
        println!("not run, for lack of {}", dir.display());
        return;
    }
    let mut complete = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("converse-") && name.ends_with(".bin") {
            let stream = fs::read(&path).unwrap();
            for lens in [&[][..], &[1], &[700, 3]] {
                complete += compared_items_of(&stream, lens).get("done").copied().unwrap_or_default();
            }
        }
    }
    assert!(complete >= 60, "{complete} answers were complete");
}
