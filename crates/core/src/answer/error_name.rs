/// Whether a text looks like the name or the code of an error, an exception or an event, and not like a sentence: 1 to 64 ASCII letters,
/// digits and `_-.:#*`. The service, or what stands in front of it, could send anything in such a place, so a log that must not have
/// what users write keeps only what looks like a name, as [`Error::summary`](super::Error::summary) does.
///
/// ```
/// use bedrock_stream_core::answer::is_error_name;
///
/// assert!(is_error_name("com.amazonaws.bedrock#ThrottlingException"));
/// assert!(!is_error_name("Jane Doe is blocked"));
/// ```
#[must_use]
pub fn is_error_name(text: &str) -> bool {
    let is_of_name =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'#' | b'*');
    (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(is_of_name)
}

const MAX_LEN: usize = 64;

#[cfg(test)]
mod tests {
    use super::is_error_name;

    #[test]
    fn a_name_has_a_length_and_no_spaces() {
        let longest = "a".repeat(64);
        for name in ["throttlingException", "rate_limit_error", "503", "a.b#C:d-e*", &*longest] {
            assert!(is_error_name(name), "{name}");
        }
        let too_long = "a".repeat(65);
        for other in ["", "a b", "a\n", "é", "`a`", "a{", &*too_long] {
            assert!(!is_error_name(other), "{other}");
        }
    }
}
