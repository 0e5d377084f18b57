use core::ops::Range;
use std::borrow::Cow;
use std::collections::HashSet;

use crate::error::unescaped::Unescaped;

/// The text with `***` where it repeats one of the secrets, or a good part of one: by what is left after decoding, and by what
/// it is made of, whatever stands between its characters.
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

/// A secret, as it is looked for: as it is, and unescaped, should it look like something encoded.
struct Secret {
    /// All of its characters.
    wholes: [Vec<u8>; 2],
    /// Its letters and digits, which are what is left of it whatever stands between them.
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

    /// Adds where the text holds it.
    fn find(&self, text: &Unescaped, places: &mut Vec<Range<usize>>) {
        let (bytes, ranges) = text.bytes(is_seen);
        for whole in &self.wholes {
            find_parts(&bytes, &ranges, whole, whole.len(), places);
        }
        let (bytes, ranges) = text.bytes(is_essential);
        for essence in &self.essences {
            // Half of it gives it away, and of a long one less. A few letters are a word like any other.
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

/// Adds where parts of so many bytes are in a text.
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

const HIDDEN: &str = "***";
/// How many encodings inside each other are looked through.
const MAX_LAYERS: usize = 10;
/// The shortest part of a secret that gives it away, in letters and digits.
const MIN_PART: usize = 8;
/// A part that gives away a secret of any length.
const MAX_PART: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_after_decoding_counts() {
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
    fn a_part_gives_a_long_secret_away_and_a_word_does_not() {
        let secret: String = (0..60).map(|number| format!("k{number:02}")).collect();
        for part in [&secret[..16], &secret[40..60], &secret[180 - 16..]] {
            assert_eq!(mask(&format!("<{part}>"), &[&secret]), "<***>");
        }
        assert_eq!(mask("k01k02k03", &[&secret]), "k01k02k03");
        assert_eq!(mask("nothing is secret", &["AKIDEXAMPLE/nothing/else"]), "nothing is secret");
    }

    #[test]
    fn a_short_secret_is_hidden_as_it_is() {
        assert_eq!(mask("p/w? p/w!", &["p/w"]), "***? ***!");
        assert_eq!(mask(r"p\/w? pw", &["p/w"]), "***? pw");
        assert_eq!(mask("%2541", &["%41"]), "***");
        assert_eq!(mask("x", &[""]), "x");
        assert_eq!(mask("x", &[""; 0]), "x");
    }
}
