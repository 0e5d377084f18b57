use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bedrock_stream_dialects::request::{LeftOutField, LeftOutFields};

/// The members of a request that Bedrock does not get, for the head of the answer and the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeftOut {
    /// Those that differ only in the numbers of their items stand there once, with `*` for the numbers: a client that sends its own objects
    /// back has the same member in each of many messages.
    pub(crate) names: Vec<String>,
    /// How many more there are, of which no name is kept.
    pub(crate) more: usize,
}

impl From<LeftOutFields> for LeftOut {
    fn from(left_out: LeftOutFields) -> Self {
        let LeftOutFields { fields, more, .. } = left_out;
        // Where the name of each pattern stands. The second of a pattern puts the pattern there.
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut names: Vec<String> = Vec::new();
        for LeftOutField { field, .. } in fields {
            match places.entry(without_numbers(&field)) {
                Entry::Occupied(place) => names[*place.get()].clone_from(place.key()),
                Entry::Vacant(place) => {
                    place.insert(names.len());
                    names.push(field);
                }
            }
        }
        Self { names, more }
    }
}

impl LeftOut {
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.more == 0
    }

    /// The names in one text of at most so many bytes of printable ASCII, as a header can have it, and how many more there are.
    pub(crate) fn header(&self, max_len: usize) -> String {
        let (mut list, mut more) = (String::new(), self.more);
        for (number, name) in self.names.iter().enumerate() {
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
                more += self.names.len() - number;
                break;
            }
        }
        if more > 0 {
            let separator = if list.is_empty() { "" } else { ", " };
            list.push_str(&format!("{separator}{more} more"));
        }
        list
    }
}

/// Whether the log has a name as it is. A client may choose any, and the log must not have what it says.
pub(crate) fn is_plain(name: &str) -> bool {
    let is_of_path = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]*".contains(&byte);
    name.len() <= 128 && name.bytes().all(is_of_path)
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

    use super::{LeftOut, is_plain};

    /// What of a request of Chat Completions with these messages before its last is left out.
    fn of_chat(messages: impl IntoIterator<Item = Value>) -> (Vec<String>, usize) {
        let last = json!({"role": "user", "content": "Hi"});
        let messages: Vec<Value> = messages.into_iter().chain([last]).collect();
        let body = json!({"model": "m", "messages": messages}).to_string();
        let LeftOut { names, more } =
            request::chat(body.as_bytes(), &Options::new()).unwrap().left_out.into();
        (names, more)
    }

    #[test]
    fn what_differs_only_in_numbers_is_named_once() {
        let named = |names: &[&str], more: usize| (names.iter().map(|&name| name.to_owned()).collect(), more);
        let message = |number: usize| json!({"role": "user", "content": "Hi", "mine": number});
        assert_eq!(of_chat([message(1)]), named(&["messages[0].mine"], 0));
        assert_eq!(of_chat((0..40).map(message)), named(&["messages[*].mine"], 0));
        assert_eq!(of_chat((0..140).map(message)), named(&["messages[*].mine"], 40));
        let other = json!({"role": "user", "content": "Hi", "yours": 1});
        assert_eq!(
            of_chat([message(1), other, message(2)]),
            named(&["messages[*].mine", "messages[1].yours"], 0)
        );
        let body = json!({"model": "m", "max_tokens": 9, "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hi", "mine": 1}, {"type": "text", "text": "Hi", "mine": 1}]},
        ]});
        let left_out = request::messages(body.to_string().as_bytes(), &Options::new()).unwrap().left_out;
        assert_eq!(LeftOut::from(left_out).names, ["messages.*.content.*.mine"]);
    }

    #[test]
    fn a_header_counts_what_does_not_fit() {
        let names = ["alpha", "größe", "gamma"].map(str::to_owned).to_vec();
        let left_out = |more| LeftOut { names: names.clone(), more };
        assert_eq!(left_out(0).header(99), r"alpha, gr\u{f6}\u{df}e, gamma");
        assert_eq!(left_out(40).header(99), r"alpha, gr\u{f6}\u{df}e, gamma, 40 more");
        assert_eq!(left_out(40).header(20), "alpha, 42 more");
        assert_eq!(left_out(0).header(4), "3 more");
        assert_eq!(LeftOut { names: Vec::new(), more: 7 }.header(4), "7 more");
    }

    #[test]
    fn only_a_plain_name_is_logged() {
        for name in ["messages[*].tool_calls[0].mine", "messages.0.content", "top-k"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["my secret text", "my secret and more", "größe", "a,b", &*"a".repeat(129)] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
