/// Tracks JSON text piece by piece, to determine when its outermost object or list is closed, after which nothing can
/// follow. It checks nothing else.
#[derive(Debug, Default)]
pub(super) struct JsonExtent {
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
    /// Whether the outermost object or list is closed.
    is_closed: bool,
}

impl JsonExtent {
    /// Reads the next piece of the text.
    pub(super) fn read(&mut self, piece: &str) {
        for byte in piece.bytes() {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = self.is_in_string,
                b'"' => self.is_in_string = !self.is_in_string,
                _ if self.is_in_string => {}
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.is_closed |= self.depth == 0;
                }
                _ => {}
            }
        }
    }

    /// Whether the text is a complete object or list.
    pub(super) const fn is_whole(&self) -> bool {
        self.is_closed && self.depth == 0 && !self.is_in_string
    }
}

#[cfg(test)]
mod tests {
    use super::JsonExtent;

    #[test]
    fn only_a_closed_object_or_list_is_whole() {
        for (text, expected) in [
            ("", false),
            ("{", false),
            ("{}", true),
            (r#" {"a":[1,{"b":"}"}]}"#, true),
            (r#"{"a":"}"#, false),
            (r#"{"a":"\"}"#, false),
            (r#"{"a":"\\"}"#, true),
            ("[[]", false),
            ("17", false),
            ("{}{", false),
        ] {
            let mut at_once = JsonExtent::default();
            at_once.read(text);
            let mut in_pieces = JsonExtent::default();
            for (start, character) in text.char_indices() {
                in_pieces.read(&text[start..start + character.len_utf8()]);
            }
            assert_eq!((at_once.is_whole(), in_pieces.is_whole()), (expected, expected), "{text}");
        }
    }
}
