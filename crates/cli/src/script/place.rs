use std::fmt;

/// A line and a column of a script, both counted from 1. A column is a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// Where `part`, a slice of `text`, begins.
    pub(super) fn of(text: &str, part: &str) -> Self {
        let offset = part.as_ptr().addr().checked_sub(text.as_ptr().addr());
        let before = offset.and_then(|offset| text.get(..offset)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// Where `error` occurred, which came from reading `part`, a slice of `text`.
    pub(super) fn of_error(text: &str, part: &str, error: &serde_json::Error) -> Self {
        let lines_before = part.split_inclusive('\n').take(error.line().saturating_sub(1));
        // A column is the number of bytes read in the line, up to and including the wrong one.
        let offset = lines_before.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        let at = (0..=offset.min(part.len())).rev().find(|at| part.is_char_boundary(*at)).unwrap_or(0);
        Self::of(text, &part[at..])
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_located_in_its_text() {
        let text = "{\n  \"ä\": [1,\n 2]}";
        for (part, line, column) in [("{", 1, 1), ("[", 2, 8), ("1", 2, 9), ("2]", 3, 2)] {
            let at = text.find(part).expect("it is there");
            assert_eq!(Place::of(text, &text[at..=at]), Place { line, column }, "{part}");
        }
    }

    #[test]
    fn an_error_is_found_in_the_part_that_was_read() {
        let text = "{\n \"ä\": [\n  \"ö\", x]}";
        let part = &text[text.find('[').expect("it is there")..];
        let place = |part| {
            let error = serde_json::from_str::<Vec<String>>(part).expect_err("it is wrong");
            Place::of_error(text, part, &error).to_string()
        };
        assert_eq!(place(part), "3:8");
        assert_eq!(place(text), "1:1");
        assert_eq!(place(&text[..0]), "1:1");
    }
}
