use serde_json::Value;

use super::prompt::Prompt;
use super::schema_value;
use crate::excerpt::excerpt;

/// The generated reasoning.
pub(super) fn reasoning(prompt: &Prompt) -> String {
    let plan = match &prompt.tool {
        Some(tool) => {
            format!("There is a tool for it, {}, so I will call that with what they said.", tool.name)
        }
        None if !prompt.tool_results.is_empty() => "The tool has answered, so I can pass that on.".to_owned(),
        None => "No tool is needed: a short answer will do.".to_owned(),
    };
    let words = match prompt.text.split_whitespace().count() {
        1 => "one word".to_owned(),
        words => format!("{words} words"),
    };
    format!("The user wrote {words} to me. {plan}")
}

/// The generated text: an excerpt of the prompt, so that tests can tell answers apart, and enough text to stream. If the
/// request has an output schema, JSON of that schema, and no text before a tool call.
pub(super) fn answer(prompt: &Prompt) -> Option<String> {
    match (&prompt.output_schema, &prompt.tool) {
        (Some(_), Some(_)) => None,
        (Some(schema), None) => Some(from_schema(prompt, schema)),
        (None, _) => Some(plain(prompt)),
    }
}

fn from_schema(prompt: &Prompt, schema: &Value) -> String {
    schema_value::of(schema, &prompt.text_or_tool_results()).to_string()
}

fn plain(prompt: &Prompt) -> String {
    let opening = if prompt.tool_results.is_empty() {
        format!("You asked: \"{}\"", excerpt(&prompt.text, EXCERPT_CHARS))
    } else {
        format!("The tool answered: {}", excerpt(&prompt.tool_results.join(" "), EXCERPT_CHARS))
    };
    match &prompt.tool {
        Some(tool) => format!("{opening} Let me call {} and see what it says before I answer.", tool.name),
        None => format!(
            "{opening}\n\nThis answer comes from a fake Amazon Bedrock, so take nothing in it for a fact: no model was \
             asked. The way it reached you is real, though: your prompt came over HTTP, and each of these words went back \
             in a message of its own, padded and checksummed, one after the other, as a model would have sent them."
        ),
    }
}

/// A text in pieces of about a token: a word with the space before it, or a part of a long word. Joined, they are the text.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    pieces(text, |piece, next| next == ' ' && piece != " " || piece.chars().count() >= TOKEN_CHARS)
}

/// A JSON text in pieces of at least four bytes, at most about thirty of them, like the deltas of a tool's input.
pub(super) fn fragments(json: &str) -> impl Iterator<Item = &str> {
    let len = json.len().div_ceil(MAX_FRAGMENTS).max(MIN_FRAGMENT_LEN);
    pieces(json, move |piece, _| piece.len() >= len)
}

/// Splits a text where `ends` says that a piece ends before the next character.
fn pieces(text: &str, ends: impl Fn(&str, char) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest
            .char_indices()
            .skip(1)
            .find(|&(at, next)| ends(&rest[..at], next))
            .map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

const EXCERPT_CHARS: usize = 300;
const TOKEN_CHARS: usize = 10;
const MAX_FRAGMENTS: usize = 30;
const MIN_FRAGMENT_LEN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text() {
        for text in [
            "",
            " ",
            "a",
            "two words",
            "  blanks   within  ",
            "Donaudampfschifffahrt",
            "日本語のテキストです、はい",
            "🙂🙂 🙂",
        ] {
            assert_eq!(tokens(text).collect::<String>(), text);
            assert_eq!(fragments(text).collect::<String>(), text);
            assert!(tokens(text).all(|piece| !piece.is_empty() && piece.chars().count() <= TOKEN_CHARS));
        }
        assert_eq!(tokens("Hello to you").collect::<Vec<_>>(), ["Hello", " to", " you"]);
    }

    #[test]
    fn a_huge_input_has_few_fragments() {
        let json = "x".repeat(1 << 20);
        assert!(fragments(&json).count() <= MAX_FRAGMENTS);
    }
}
