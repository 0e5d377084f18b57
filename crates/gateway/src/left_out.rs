use std::collections::BTreeMap;

use bedrock_stream_dialects::request::LeftOutFields;

/// The members of a request that Bedrock does not get, for the head of the answer and the log. Those that differ only in the numbers of
/// their items stand there once, with `*` for the numbers: a client that sends its own objects back has the same member in each of many
/// messages.
pub(crate) fn names(left_out: LeftOutFields) -> Vec<String> {
    let LeftOutFields { fields, more, .. } = left_out;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for field in &fields {
        *counts.entry(without_numbers(&field.field)).or_default() += 1;
    }
    let mut names: Vec<String> = Vec::new();
    for field in fields {
        let pattern = without_numbers(&field.field);
        match counts.get_mut(&pattern) {
            Some(1) => names.push(field.field),
            // Its first: the others were named with it.
            Some(count @ 2..) => {
                *count = 0;
                names.push(pattern);
            }
            _ => {}
        }
    }
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names
}

/// The names in one text of at most so many bytes of printable ASCII, as a header can have it; what does not fit is counted.
pub(crate) fn header(names: &[String], max_len: usize) -> String {
    let mut list = String::new();
    for (number, name) in names.iter().enumerate() {
        let before = list.len();
        if number > 0 {
            list.push_str(", ");
        }
        // Control characters in a client's names are escaped already.
        for character in name.chars() {
            match character {
                ' '..='~' => list.push(character),
                _ => list.extend(character.escape_default()),
            }
        }
        if list.len() > max_len {
            list.truncate(before);
            let separator = if number > 0 { ", " } else { "" };
            list.push_str(&format!("{separator}{} more", names.len() - number));
            break;
        }
    }
    list
}

/// Whether the log has a name as it is. A client may choose any, and the log must not have what it says.
pub(crate) fn is_plain(name: &str) -> bool {
    let is_of_path = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]* ".contains(&byte);
    // A space stands only in `3 more`.
    let has_space = name.contains(' ') && !name.ends_with(" more");
    name.len() <= 128 && !has_space && name.bytes().all(is_of_path)
}

/// `messages[3].name` and `messages.3.name` as `messages[*].name` and `messages.*.name`.
fn without_numbers(field: &str) -> String {
    let mut pattern = String::new();
    for (at, step) in field.split('.').enumerate() {
        if at > 0 {
            pattern.push('.');
        }
        match step.split_once('[') {
            _ if is_number(step) => pattern.push('*'),
            Some((name, index)) if index.strip_suffix(']').is_some_and(is_number) => {
                pattern.push_str(name);
                pattern.push_str("[*]");
            }
            _ => pattern.push_str(step),
        }
    }
    pattern
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use bedrock_stream_dialects::request::{self, Options};
    use serde_json::{Value, json};

    use super::{header, is_plain, names};

    /// The names for a request of Chat Completions with these messages before its last.
    fn of_chat(messages: impl IntoIterator<Item = Value>) -> Vec<String> {
        let last = json!({"role": "user", "content": "Hi"});
        let messages: Vec<Value> = messages.into_iter().chain([last]).collect();
        let body = json!({"model": "m", "messages": messages}).to_string();
        names(request::chat(body.as_bytes(), &Options::new()).unwrap().left_out)
    }

    #[test]
    fn what_differs_only_in_numbers_is_named_once() {
        let message = |number: usize| json!({"role": "user", "content": "Hi", "mine": number});
        assert_eq!(of_chat([message(1)]), ["messages[0].mine"]);
        assert_eq!(of_chat((0..40).map(message)), ["messages[*].mine"]);
        assert_eq!(of_chat((0..140).map(message)), ["messages[*].mine", "40 more"]);
        let other = json!({"role": "user", "content": "Hi", "yours": 1});
        assert_eq!(of_chat([message(1), other, message(2)]), ["messages[*].mine", "messages[1].yours"]);
        let body = json!({"model": "m", "max_tokens": 9, "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hi", "mine": 1}, {"type": "text", "text": "Hi", "mine": 1}]},
        ]});
        let left_out = request::messages(body.to_string().as_bytes(), &Options::new()).unwrap().left_out;
        assert_eq!(names(left_out), ["messages.*.content.*.mine"]);
    }

    #[test]
    fn a_header_counts_what_does_not_fit() {
        let names = ["alpha", "größe", "gamma"].map(str::to_owned);
        assert_eq!(header(&names, 99), r"alpha, gr\u{f6}\u{df}e, gamma");
        assert_eq!(header(&names, 20), "alpha, 2 more");
        assert_eq!(header(&names, 4), "3 more");
        assert_eq!(header(&[], 4), "");
    }

    #[test]
    fn only_a_plain_name_is_logged() {
        for name in ["messages[*].tool_calls[0].mine", "messages.0.content", "top-k", "12 more"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["my secret text", "größe", "a,b", &*"a".repeat(129)] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
