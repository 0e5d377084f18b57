use std::path::Path;
use std::{env, io};

use crate::output::Output;

/// Suggests what to try after the demo; `recording` is the file that it saved its answer to, if any.
pub(crate) fn next_step(recording: Option<&Path>, out: &mut Output) -> io::Result<()> {
    let program =
        env::args_os().next().map_or_else(|| NAME.to_owned(), |name| quoted(&name.to_string_lossy()));
    match recording {
        None => {
            out.note("")?;
            out.note("Next, record an answer and inspect it:")?;
            out.note(&format!("  {program} converse --demo --record answer.bin \"Why is the sky blue?\""))?;
            out.note(&format!("  {program} inspect answer.bin"))
        }
        Some(recording) => {
            let recording = quoted(&recording.to_string_lossy());
            out.note("")?;
            out.note("Next, inspect the answer, message by message:")?;
            out.note(&format!("  {program} inspect {recording}"))?;
            out.note("or, with a Bedrock API key in AWS_BEARER_TOKEN_BEDROCK, ask a model:")?;
            out.note(&format!(
                "  {program} converse --region us-east-1 --model us.amazon.nova-lite-v1:0 \"Why is the sky blue?\""
            ))
        }
    }
}

/// A word quoted for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

const NAME: &str = "bedrock-stream";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_word_is_one_word_for_a_shell() {
        assert_eq!(quoted("target/debug/bedrock-stream"), "target/debug/bedrock-stream");
        assert_eq!(quoted("my answer.bin"), "'my answer.bin'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
