use core::ops::Range;

/// A text with JSON, HTML, URL and Rust escapes, which may be nested. Each layer can be removed, and every remaining
/// character knows its range in the original text.
pub(crate) struct Unescaped(Vec<Char>);

#[derive(Clone, Copy)]
struct Char {
    c: char,
    from: usize,
    to: usize,
}

impl Unescaped {
    pub(crate) fn new(text: &str) -> Self {
        let char = |(from, c): (usize, char)| Char { c, from, to: from + c.len_utf8() };
        Self(text.char_indices().map(char).collect())
    }

    /// Removes one layer of escapes. Returns whether there was one.
    pub(crate) fn unescape(&mut self) -> bool {
        let chars = &self.0;
        if !chars.iter().any(|char| matches!(char.c, '%' | '\\' | '&')) {
            return false;
        }
        let mut unescaped = Vec::with_capacity(chars.len());
        let mut at = 0;
        while let Some(first) = chars.get(at) {
            let rest = &chars[at + 1..];
            let (c, len) = spelled(first.c, rest).unwrap_or((first.c, 0));
            let last = rest.get(len.wrapping_sub(1)).unwrap_or(first);
            unescaped.push(Char { c, from: first.from, to: last.to });
            at += 1 + len;
        }
        let is_shorter = unescaped.len() < chars.len();
        self.0 = unescaped;
        is_shorter
    }

    /// The characters that count, as bytes, and the range of each in the text. Characters beyond Latin-1 become 0xFF.
    pub(crate) fn bytes(&self, counts: impl Fn(char) -> bool) -> (Vec<u8>, Vec<Range<usize>>) {
        let counted = self.0.iter().filter(|char| counts(char.c));
        counted.map(|char| (u8::try_from(char.c).unwrap_or(u8::MAX), char.from..char.to)).unzip()
    }
}

/// The character that an escape starting with `first` stands for, and how many characters of `rest` belong to it.
fn spelled(first: char, rest: &[Char]) -> Option<(char, usize)> {
    match first {
        '%' => Some((char::from(u8::try_from(hex(rest, 2)?).ok()?), 2)),
        '\\' => after_backslash(rest),
        '&' => reference(rest),
        _ => None,
    }
}

/// JSON and Rust escapes.
fn after_backslash(rest: &[Char]) -> Option<(char, usize)> {
    let char_of = |code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    match rest.first()?.c {
        'u' if rest.get(1)?.c == '{' => {
            let len = rest[2..].iter().take(7).position(|char| char.c == '}')?;
            Some((char_of(hex(&rest[2..], len)?), len + 3))
        }
        'u' => Some((char_of(hex(&rest[1..], 4)?), 5)),
        'x' => Some((char_of(hex(&rest[1..], 2)?), 3)),
        'n' => Some(('\n', 1)),
        'r' => Some(('\r', 1)),
        't' => Some(('\t', 1)),
        'b' => Some(('\u{8}', 1)),
        'f' => Some(('\u{c}', 1)),
        c if c.is_ascii_punctuation() => Some((c, 1)),
        _ => None,
    }
}

/// HTML character references.
fn reference(rest: &[Char]) -> Option<(char, usize)> {
    let end = rest.iter().take(12).position(|char| !char.c.is_ascii_alphanumeric() && char.c != '#')?;
    let name: String = rest[..end].iter().map(|char| char.c).collect();
    let len = end + usize::from(rest[end].c == ';');
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
        None if len == end => return None,
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, len))
}

fn hex(chars: &[Char], len: usize) -> Option<u32> {
    let digits = chars.get(..len).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u32, |number, digit| Some((number << 4) | digit.c.to_digit(16)?))
}

/// The named references of the ASCII characters.
///
/// Source: the HTML standard, section "Named character references".
const NAMED: [(&str, char); 38] = [
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("excl", '!'),
    ("quot", '"'),
    ("QUOT", '"'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("amp", '&'),
    ("AMP", '&'),
    ("apos", '\''),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("midast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("lt", '<'),
    ("LT", '<'),
    ("equals", '='),
    ("gt", '>'),
    ("GT", '>'),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("grave", '`'),
    ("lcub", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("rcub", '}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> String {
        let mut unescaped = Unescaped::new(text);
        while unescaped.unescape() {}
        unescaped.0.iter().map(|char| char.c).collect()
    }

    #[test]
    fn every_kind_of_escape_is_known() {
        for spelled in
            ["/", "\\/", "\\u002f", "\\u002F", "\\x2f", "\\u{2f}", "%2F", "%2f", "&#x2F;", "&#47;", "&sol;"]
        {
            assert_eq!(unescaped(&format!("a{spelled}b")), "a/b", "{spelled}");
        }
        assert_eq!(unescaped("a&#47 b"), "a/ b");
        // JSON in JSON, URLs in HTML in JSON.
        assert_eq!(unescaped(r"a\\\u002fb \\\\\/ %25252F \u0026amp;#x2F; &amp;#37;2f"), "a/b / / / /");
    }

    #[test]
    fn anything_but_an_escape_is_kept() {
        for text in [
            "%",
            "100 %",
            "%2",
            "%zz",
            "\\",
            "\\q",
            "\\u12",
            "\\u{}",
            "\\u{zz}",
            "&",
            "a & b",
            "&amp",
            "&#;",
            "&#xzz;",
            "&nothing;",
        ] {
            assert_eq!(unescaped(text), text);
        }
    }

    #[test]
    fn a_character_knows_its_range() {
        let mut text = Unescaped::new("é%252F.");
        assert!(text.unescape() && text.unescape() && !text.unescape());
        let (bytes, places) = text.bytes(|_| true);
        assert_eq!((&bytes[..], places), (&[0xe9, b'/', b'.'][..], vec![0..2, 2..7, 7..8]));
    }
}
