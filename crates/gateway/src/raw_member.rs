use serde_json::value::RawValue;

/// The same JSON, with another value in the place of this member's, which must be a part of `text`.
pub(crate) fn with_value(text: &str, member: &RawValue, value: &str) -> String {
    let start = member.get().as_ptr().addr() - text.as_ptr().addr();
    let end = start + member.get().len();
    format!("{}{value}{}", &text[..start], &text[end..])
}
