use core::ops::Range;
use std::borrow::Cow;
use std::collections::HashSet;

use crate::error::unescaped::Unescaped;

/// Replaces secrets in a text by `***`, also where they are escaped, interspersed with other characters, or where only a
/// substantial part of one appears.
pub(crate) fn mask<'a>(text: &'a str, secrets: &[impl AsRef<str>]) -> Cow<'a, str> {
    let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new(secret.as_ref())).collect();
    if secrets.is_empty() || text.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut places = Vec::new();
    let mut layer = Unescaped::new(text);
    for _ in 0..MAX_LAYERS {
        secrets.iter().for_each(|secret| secret.find(&layer, &mut places));
        if !layer.unescape() {
            break;
        }
    }
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    places.sort_unstable_by_key(|place| place.start);
    let (mut masked, mut end) = (String::new(), 0);
    for place in places {
        if place.start > end || masked.is_empty() {
            masked.push_str(&text[end..place.start]);
            masked.push_str(HIDDEN);
        }
        end = end.max(place.end);
    }
    masked.push_str(&text[end..]);
    Cow::Owned(masked)
}

/// A secret to search for: as it is, and unescaped, in case it looks like an escape.
struct Secret {
    /// All of its characters.
    wholes: [Vec<u8>; 2],
    /// Its letters and digits, which remain whatever is put between them.
    essences: [Vec<u8>; 2],
}

impl Secret {
    fn new(secret: &str) -> Self {
        let mut unescaped = Unescaped::new(secret);
        let (whole, essence) = (unescaped.bytes(is_seen).0, unescaped.bytes(is_essential).0);
        while unescaped.unescape() {}
        Self {
            wholes: [whole, unescaped.bytes(is_seen).0],
            essences: [essence, unescaped.bytes(is_essential).0],
        }
    }

    /// Adds the ranges of the text that contain it.
    fn find(&self, text: &Unescaped, places: &mut Vec<Range<usize>>) {
        if self.wholes.iter().all(|whole| whole.len() < MIN_PART) {
            let (bytes, ranges) = text.bytes(|_| true);
            return self.wholes.iter().for_each(|whole| find_words(&bytes, &ranges, whole, places));
        }
        let (bytes, ranges) = text.bytes(is_seen);
        for whole in &self.wholes {
            find_parts(&bytes, &ranges, whole, whole.len(), places);
        }
        let (bytes, ranges) = text.bytes(is_essential);
        for essence in &self.essences {
            // Half of a secret gives it away, or less of a long one. A few letters could be any word.
            let len = (essence.len() / 2).clamp(MIN_PART, MAX_PART);
            find_parts(&bytes, &ranges, essence, len, places);
        }
    }
}

fn is_seen(c: char) -> bool {
    !c.is_whitespace()
}

const fn is_essential(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// Adds the ranges of a text that contain any `len` consecutive bytes of the secret.
fn find_parts(
    text: &[u8],
    ranges: &[Range<usize>],
    secret: &[u8],
    len: usize,
    places: &mut Vec<Range<usize>>,
) {
    if len == 0 || len > secret.len() {
        return;
    }
    let place = |at: usize| ranges[at].start..ranges[at + len - 1].end;
    let found = text.windows(len).enumerate();
    if len == secret.len() {
        places.extend(found.filter(|(_, part)| *part == secret).map(|(at, _)| place(at)));
    } else {
        let parts: HashSet<&[u8]> = secret.windows(len).collect();
        places.extend(found.filter(|(_, part)| parts.contains(part)).map(|(at, _)| place(at)));
    }
}

/// Adds the ranges of a text that contain the secret with no letter, digit or `_` beside it. So short a secret is one of a test, and
/// often a word: `key` must not make another word of `monkey`, or another code of `invalid_key`.
fn find_words(text: &[u8], ranges: &[Range<usize>], secret: &[u8], places: &mut Vec<Range<usize>>) {
    if secret.is_empty() {
        return;
    }
    let goes_on = |at: Option<usize>| {
        at.and_then(|at| text.get(at)).is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    for (at, part) in text.windows(secret.len()).enumerate() {
        let end = at + secret.len();
        if part == secret && !goes_on(at.checked_sub(1)) && !goes_on(Some(end)) {
            places.push(ranges[at].start..ranges[end - 1].end);
        }
    }
}

const HIDDEN: &str = "***";
/// How many nested layers of escapes are removed.
const MAX_LAYERS: usize = 10;
/// The shortest part of a secret that is masked, in letters and digits.
const MIN_PART: usize = 8;
/// The length of a part that is always masked, however long the secret is.
const MAX_PART: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_secrets_are_masked() {
        let secret = "kAbc/def+012==";
        for spelled in [
            r"kAbc\/def\u002b012==",
            "kAbc&#x2F;def&plus;012==",
            "kAbc%2Fdef%2b012%3D%3D",
            r#"{\"token\":\"kAbc\\\/def+012\"}"#,
            "kAb\nc/d\"ef\"+012",
            "%6B%41bc/def+012",
            r"\u006bAbc\u{2f}def\x2b012",
        ] {
            let text = format!("you sent {spelled} to us");
            let masked = mask(&text, &[secret]);
            assert!(masked.starts_with("you sent ") && masked.ends_with(" to us"), "{masked}");
            assert!(masked.contains("***") && !masked.contains("ef"), "{masked}");
        }
    }

    #[test]
    fn a_part_of_a_long_secret_is_masked_and_a_word_is_not() {
        let secret: String = (0..60).map(|number| format!("k{number:02}")).collect();
        for part in [&secret[..16], &secret[40..60], &secret[180 - 16..]] {
            assert_eq!(mask(&format!("<{part}>"), &[&secret]), "<***>");
        }
        assert_eq!(mask("k01k02k03", &[&secret]), "k01k02k03");
        assert_eq!(mask("nothing is secret", &["AKIDEXAMPLE/nothing/else"]), "nothing is secret");
    }

    #[test]
    fn a_short_secret_is_masked_only_as_a_word() {
        assert_eq!(mask("the monkey's key: \"key\"", &["key"]), "the monkey's ***: \"***\"");
        assert_eq!(mask("invalid_key", &["key"]), "invalid_key");
        assert_eq!(mask("key", &["key"]), "***");
        assert_eq!(mask(r"a\nkey", &["key"]), r"a\n***");
        assert_eq!(mask("p/w? p/w!", &["p/w"]), "***? ***!");
        assert_eq!(mask(r"p\/w? pw", &["p/w"]), "***? pw");
        assert_eq!(mask("%2541", &["%41"]), "***");
        assert_eq!(mask("x", &[""]), "x");
        assert_eq!(mask("x", &[""; 0]), "x");
    }
}
