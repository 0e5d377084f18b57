use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;

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

    /// Where a model's list begins.
    pub(super) fn of_list(text: &str, model_id: &str) -> Self {
        let lists: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
        Self::of(text, lists.get(model_id).map_or(text, |list| list.get()))
    }

    /// The place that is this many lines and columns further, as `serde_json` counts them, within the part that begins
    /// here.
    pub(super) const fn within(self, line: usize, column: usize) -> Self {
        match line {
            0 => self,
            1 => Self { line: self.line, column: self.column + column.saturating_sub(1) },
            line => Self { line: self.line + line - 1, column },
        }
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
        assert_eq!(Place::of_list(text, "ä").to_string(), "2:8");
        assert_eq!(Place { line: 2, column: 8 }.within(1, 3).to_string(), "2:10");
        assert_eq!(Place { line: 2, column: 8 }.within(2, 3).to_string(), "3:3");
        assert_eq!(Place { line: 2, column: 8 }.within(0, 0).to_string(), "2:8");
    }
}
