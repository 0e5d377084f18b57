use std::borrow::Cow;

/// The beginning of a text that a client made up: up to 200 characters, and a mark if that is not all.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

const MAX_CHARS: usize = 200;
