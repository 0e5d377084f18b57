use bedrock_stream_core::answer::PartialJson;
use serde_json::value::RawValue;

use crate::control::Control;

/// For any text, split in any way, the view is JSON, the same as for the whole text, and equal to the text once that is
/// a whole value.
pub fn partial_json(data: &[u8]) {
    let (control, text) = Control::split(data);
    let text = String::from_utf8_lossy(text);
    let piece = usize::from(control.bits).max(1);

    let mut whole = PartialJson::new();
    whole.push(&text);
    let mut split = PartialJson::new();
    let mut rest = &*text;
    while !rest.is_empty() {
        let at = (piece..rest.len()).find(|&at| rest.is_char_boundary(at)).unwrap_or(rest.len());
        split.push(&rest[..at]);
        rest = &rest[at..];
        if let Some(shown) = split.as_str() {
            assert!(serde_json::from_str::<&RawValue>(shown).is_ok(), "{shown:?}");
        }
    }
    assert_eq!(split.as_str(), whole.as_str());
    let is_json = serde_json::from_str::<&RawValue>(&text).is_ok();
    if whole.is_complete() {
        assert!(is_json);
        assert_eq!(whole.as_str(), Some(text.trim_end_matches([' ', '\t', '\n', '\r'])));
    } else if is_json {
        // Only nesting that serde_json does not parse is not shown to its end.
        assert!(text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > 127);
    }
}
