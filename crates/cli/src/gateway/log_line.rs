use std::fmt::{self, Write as _};

use bedrock_stream_gateway::{Access, Verdict};
use http::{Method, StatusCode};

/// The line of a request in the log: docs/gateway.md explains its fields. `None` for a successful health check: load balancers
/// send one every few seconds, and nothing else would be seen between them.
pub(super) fn log_line(access: &Access) -> Option<impl fmt::Display + '_> {
    let is_health_check = access.path == "/healthz"
        && matches!(access.method, Method::GET | Method::HEAD)
        && access.status == Some(StatusCode::OK)
        && access.verdict == Verdict::Answered;
    (!is_health_check).then_some(LogLine(access))
}

struct LogLine<'a>(&'a Access);

impl fmt::Display for LogLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(access) = self;
        write!(f, "{} {}", access.method, Value(&access.path))?;
        match access.status {
            Some(status) => write!(f, " {}", status.as_u16())?,
            None => f.write_str(" -")?,
        }
        write!(f, " {} {:.3}s", access.verdict, access.duration.as_secs_f64())?;
        if let Some(key) = &access.key {
            write!(f, " key={}", Value(key))?;
        }
        if let Some(model) = &access.model {
            write!(f, " model={}", Value(model))?;
        }
        if let Some(usage) = &access.usage {
            write!(f, " in={} out={}", usage.input_tokens.unwrap_or(0), usage.output_tokens.unwrap_or(0))?;
        }
        write!(f, " id={}", Value(&access.request_id))?;
        if let Some(id) = &access.aws_request_id {
            write!(f, " aws_id={}", Value(id))?;
        }
        if !access.left_out_members.is_empty() {
            write!(f, " left_out={}", Value(&access.left_out_members.join(",")))?;
        }
        if !access.left_out_content.is_empty() {
            write!(f, " left_out_content={}", Value(&access.left_out_content.join(",")))?;
        }
        match &access.message {
            Some(message) => write!(f, " message={}", Value(message)),
            None => Ok(()),
        }
    }
}

/// A value that clients or models may have chosen. It is quoted where it could be taken for more than one value, and cut off
/// where it is long.
struct Value<'a>(&'a str);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, rest) = match self.0.char_indices().nth(MAX_VALUE_LEN) {
            Some((end, _)) => self.0.split_at(end),
            None => (self.0, ""),
        };
        if !value.is_empty() && value.chars().all(is_plain) {
            f.write_str(value)?;
        } else {
            write!(f, "{value:?}")?;
        }
        if rest.is_empty() { Ok(()) } else { f.write_char('…') }
    }
}

/// Whether a character neither ends a value nor looks different from what it is.
fn is_plain(character: char) -> bool {
    match character {
        ' ' | '=' | '"' => false,
        '\\' | '\'' => true,
        _ => character.escape_debug().eq([character]),
    }
}

/// In characters: longer than any model's ARN.
const MAX_VALUE_LEN: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn a_value_is_quoted_where_it_could_be_taken_for_several() {
        for (value, shown) in [
            ("anthropic.claude-v1:0", "anthropic.claude-v1:0"),
            ("größe", "größe"),
            ("it's\\u{1b}", "it's\\u{1b}"),
            ("", "\"\""),
            ("x in=9999 out=1", "\"x in=9999 out=1\""),
            ("a=b", "\"a=b\""),
            ("a\" id=1", "\"a\\\" id=1\""),
            ("a\\\" id=1", "\"a\\\\\\\" id=1\""),
            ("a\nb", "\"a\\nb\""),
            ("a\u{a0}b\u{2028}", "\"a\\u{a0}b\\u{2028}\""),
            ("a\u{202e}b\u{1b}", "\"a\\u{202e}b\\u{1b}\""),
        ] {
            assert_eq!(Value(value).to_string(), shown);
        }
    }

    #[test]
    fn a_long_value_is_cut_off() {
        let long = "ä".repeat(3_000);
        assert_eq!(Value(&long).to_string(), format!("{}…", "ä".repeat(2_048)));
        assert_eq!(Value(&long[..4_096]).to_string(), "ä".repeat(2_048));
    }
}
