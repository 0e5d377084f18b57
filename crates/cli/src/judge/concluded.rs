use std::process::ExitStatus;

use bedrock_stream_testkit::Conclusion;

/// The conclusion of a command that has ended.
#[derive(Debug)]
pub(super) struct Concluded {
    pub(super) conclusion: Conclusion,
    /// The last line of its standard error.
    pub(super) said: String,
}

impl Concluded {
    /// Reads the exit status, and the last line of standard output that begins with `conclusion:`, if there is one.
    pub(super) fn new(status: ExitStatus, stdout: &str, stderr: &str) -> Self {
        let said = stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
        Self { conclusion: conclusion(status.code(), stdout), said: said.to_owned() }
    }
}

/// `status`: none if a signal ended the command.
fn conclusion(status: Option<i32>, stdout: &str) -> Conclusion {
    let word = stdout.lines().rev().find_map(|line| line.trim().strip_prefix("conclusion:"));
    let word = match word.map(|word| (word.trim(), word.trim().parse())) {
        Some((_, Ok(word))) => Some(word),
        Some((word, Err(_))) => {
            return Conclusion::other(format_args!("the word {word:?}, which there is not"));
        }
        None => None,
    };
    match (status, word) {
        (None, _) => Conclusion::other("a signal ended it"),
        (Some(0), None) => Conclusion::Complete,
        (Some(_), None) => Conclusion::Failed,
        // Anyone who looks only at the exit status would believe the opposite.
        (Some(0), Some(word)) if word != Conclusion::Complete => {
            Conclusion::other(format_args!("status 0, but {word}"))
        }
        (Some(status), Some(Conclusion::Complete)) if status != 0 => {
            Conclusion::other(format_args!("status {status}, but complete"))
        }
        (Some(_), Some(word)) => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_and_the_word_agree() {
        let exception = Conclusion::Exception { name: "throttlingException".to_owned() };
        for (status, stdout, expected) in [
            (0, "", Conclusion::Complete),
            (0, "Hello\nconclusion: complete\n", Conclusion::Complete),
            (1, "", Conclusion::Failed),
            (3, "Hello\n  conclusion:  incomplete \nbye", Conclusion::Incomplete),
            (1, "conclusion: incomplete\nconclusion: stalled", Conclusion::Stalled),
            (1, "conclusion: exception throttlingException", exception),
            (1, "conclusion: failed", Conclusion::Failed),
            (0, "conclusion: incomplete", Conclusion::other("status 0, but incomplete")),
            (2, "conclusion: complete", Conclusion::other("status 2, but complete")),
            (0, "conclusion: fine", Conclusion::other("the word \"fine\", which there is not")),
        ] {
            assert_eq!(conclusion(Some(status), stdout), expected, "{status} {stdout}");
        }
        assert_eq!(conclusion(None, "conclusion: stalled"), Conclusion::other("a signal ended it"));
    }
}
