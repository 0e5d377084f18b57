//! JSON laid out for people; its tokens are unchanged.

/// A JSON text without white space between its tokens.
pub(crate) fn compact(json: &str) -> String {
    tokens(json).map(|(c, _)| c).collect()
}

/// A JSON text with one line per member and element, in at most `max_lines`.
pub(crate) fn indented(json: &str, max_lines: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut depth = 0_usize;
    let mut just_opened = false;
    for (c, quoted) in tokens(json) {
        let closes = !quoted && matches!(c, '}' | ']');
        depth -= usize::from(closes && depth > 0);
        if just_opened != closes && (just_opened || closes) {
            lines.push(std::mem::replace(&mut line, "  ".repeat(depth.min(MAX_DEPTH))));
        }
        line.push(c);
        just_opened = !quoted && matches!(c, '{' | '[');
        depth += usize::from(just_opened);
        match c {
            ':' if !quoted => line.push(' '),
            ',' if !quoted => lines.push(std::mem::replace(&mut line, "  ".repeat(depth.min(MAX_DEPTH)))),
            _ => {}
        }
        if lines.len() >= max_lines {
            lines.truncate(max_lines.saturating_sub(1));
            lines.push("…".to_owned());
            return lines;
        }
    }
    lines.push(line);
    lines
}

/// The significant characters, each with a flag that says whether it is inside a string.
fn tokens(json: &str) -> impl Iterator<Item = (char, bool)> + '_ {
    let mut in_string = false;
    let mut escaped = false;
    json.chars().filter_map(move |c| {
        if !in_string {
            in_string = c == '"';
            return (!c.is_ascii_whitespace()).then_some((c, false));
        }
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        in_string = !ends;
        Some((c, true))
    })
}

/// The deepest indentation.
const MAX_DEPTH: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_unchanged() {
        let json = " { \"a b\" : [ 1.50 , \"x\\\"] }\" , {} ] , \"c\":null }\n";
        assert_eq!(compact(json), r#"{"a b":[1.50,"x\"] }",{}],"c":null}"#);
        let lines = indented(json, 100);
        assert_eq!(
            lines,
            ["{", r#"  "a b": ["#, "    1.50,", r#"    "x\"] }","#, "    {}", "  ],", r#"  "c": null"#, "}"]
        );
        assert_eq!(compact(&lines.concat()), compact(json));
        assert_eq!(indented(json, 3), ["{", r#"  "a b": ["#, "…"]);
        assert_eq!(indented("", 3), [""]);
        assert_eq!(indented("[]", 3), ["[]"]);
    }

    #[test]
    fn depth_uses_no_memory() {
        let deep = "[".repeat(100_000);
        assert_eq!(indented(&deep, 10).len(), 10);
        assert!(indented(&deep, usize::MAX).iter().all(|line| line.len() < 100));
    }
}
