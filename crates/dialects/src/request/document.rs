//! Documents: their formats, and their names, which Bedrock is strict about.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

use bedrock_stream_core::content::DocumentFormat;

/// The names of a request's documents.
#[derive(Debug, Default)]
pub(super) struct DocumentNames {
    used: BTreeSet<String>,
}

impl DocumentNames {
    /// A name that Bedrock takes, and that no other document has, made of a title or a file's name.
    ///
    /// Source: `DocumentBlock` of the Amazon Bedrock Runtime API.
    pub(super) fn assign(&mut self, title: Option<&str>) -> String {
        let title = title.map(legal_name).unwrap_or_default();
        let name = if title.is_empty() { DEFAULT_NAME.into() } else { title };
        let mut free = name.clone();
        let mut number = 2_u32;
        while !self.used.insert(free.clone()) {
            free = format!("{name} ({number})");
            number += 1;
        }
        free
    }
}

/// The name without its extension, of letters, digits, single spaces, hyphens, parentheses and brackets; empty if none of it is a
/// letter or a digit.
fn legal_name(title: &str) -> String {
    let stem = match title.trim().rsplit_once('.') {
        Some((stem, extension)) if of_extension(extension).is_some() => stem,
        _ => title,
    };
    let mut name = String::new();
    for character in stem.chars() {
        let character = match character {
            c if c.is_ascii_alphanumeric() || matches!(c, '-' | '(' | ')' | '[' | ']') => c,
            c if c.is_whitespace() => ' ',
            _ => '-',
        };
        let repeats = matches!(character, ' ' | '-') && name.ends_with(character);
        if !repeats && name.len() < MAX_NAME_LEN {
            name.push(character);
        }
    }
    let name = name.trim_matches([' ', '-']);
    if name.contains(|c: char| c.is_ascii_alphanumeric()) { name.into() } else { String::new() }
}

/// The format of a media type, such as `application/pdf`; any text is plain text.
pub(super) fn of_media_type(media_type: &str) -> Option<DocumentFormat> {
    let media_type = media_type.split(';').next().unwrap_or(media_type).trim();
    let known = MEDIA_TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(media_type));
    let is_text = || media_type.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"));
    known
        .map(|(_, extension)| DocumentFormat::from(*extension))
        .or_else(|| is_text().then_some(DocumentFormat::Txt))
}

/// The format of a file with this extension.
pub(super) fn of_extension(extension: &str) -> Option<DocumentFormat> {
    let known = MEDIA_TYPES.iter().find(|(_, known)| known.eq_ignore_ascii_case(extension));
    known.map(|(_, extension)| DocumentFormat::from(*extension))
}

/// The format of a file of this name.
pub(super) fn of_file_name(name: &str) -> Option<DocumentFormat> {
    name.rsplit_once('.').and_then(|(_, extension)| of_extension(extension))
}

/// What Bedrock takes, by media type and by its own word, which is the extension.
const MEDIA_TYPES: [(&str, &str); 9] = [
    ("application/pdf", "pdf"),
    ("text/csv", "csv"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("text/html", "html"),
    ("text/plain", "txt"),
    ("text/markdown", "md"),
];

const DEFAULT_NAME: &str = "document";
/// Bedrock's limit, less the length of a number.
const MAX_NAME_LEN: usize = 180;

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::{DocumentNames, of_file_name, of_media_type};
    use bedrock_stream_core::content::DocumentFormat;

    /// Bug 28 of others: document names.
    #[test]
    fn names_are_legal_and_unique() {
        let mut names = DocumentNames::default();
        let long: String = core::iter::repeat_n('x', 400).collect();
        for (title, expected) in [
            (Some("report.pdf"), "report"),
            (Some("report.pdf"), "report (2)"),
            (Some("Q3  report_v1.2 (final).docx"), "Q3 report-v1-2 (final)"),
            (Some("报告.pdf"), "document"),
            (None, "document (2)"),
            (Some(" \n "), "document (3)"),
            (Some("../etc/passwd"), "etc-passwd"),
            (Some(&long), &long[..180]),
        ] {
            assert_eq!(names.assign(title), expected, "{title:?}");
        }
    }

    #[test]
    fn formats_are_told_by_media_type_or_name() {
        assert_eq!(of_media_type("Application/PDF; charset=x"), Some(DocumentFormat::Pdf));
        assert_eq!(of_media_type("text/x-rust"), Some(DocumentFormat::Txt));
        assert_eq!(of_media_type("application/zip"), None);
        assert_eq!(of_media_type("té"), None);
        assert_eq!(of_file_name("a.b.XLSX"), Some(DocumentFormat::Xlsx));
        assert_eq!(of_file_name("a"), None);
    }
}
