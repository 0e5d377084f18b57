use alloc::string::String;

use bedrock_stream_core::content::{Citation, CitationLocation, WebLocation};
use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

use crate::decode::members::shape_of;

object! {
    /// A source that a text cites.
    ///
    /// Source: `annotations` of `ResponseOutputText` in OpenAI's API.
    struct Annotation {
        /// What kind of source it is.
        "type" => kind: Option<String>,
        /// A web page's address.
        "url" => url: Option<String>,
        /// A web page's title.
        "title" => title: Option<String>,
        /// A file's id.
        "file_id" => file_id: Option<String>,
        /// A file's name.
        "filename" => filename: Option<String>,
    }
}

/// Converts an annotation to a citation; `None` if its kind is unknown. Members that a citation does not have, such as
/// the range of characters in the text, are kept in `other`.
pub(super) fn citation(annotation: &Json) -> Option<Citation> {
    let annotation: Annotation = shape_of(annotation).ok()?;
    let mut citation = Citation::new();
    match annotation.kind.as_deref()? {
        "url_citation" => {
            citation.location = annotation.url.map(|url| CitationLocation::Web(WebLocation::new(url)));
            citation.title = annotation.title;
        }
        "file_citation" | "container_file_citation" => {
            citation.title = annotation.filename;
            citation.source = annotation.file_id;
        }
        _ => return None,
    }
    citation.other = annotation.other;
    Some(citation)
}

#[cfg(test)]
mod tests {
    use bedrock_stream_core::json::Json;

    use super::citation;

    #[test]
    fn an_annotation_becomes_a_citation_and_keeps_the_rest() {
        for (annotation, expected) in [
            (
                r#"{"type":"url_citation","url":"https://a.example","title":"A","start_index":1,"end_index":9}"#,
                r#"{"title":"A","location":{"web":{"url":"https://a.example"}},"start_index":1,"end_index":9}"#,
            ),
            (
                r#"{"type":"file_citation","file_id":"file-1","filename":"a.txt","index":3}"#,
                r#"{"title":"a.txt","source":"file-1","index":3}"#,
            ),
            (
                r#"{"type":"container_file_citation","container_id":"c","file_id":"file-1","filename":"a.txt","start_index":0,"end_index":4}"#,
                r#"{"title":"a.txt","source":"file-1","container_id":"c","start_index":0,"end_index":4}"#,
            ),
        ] {
            let citation = citation(&Json::from_text(annotation).unwrap()).unwrap();
            assert_eq!(serde_json::to_string(&citation).unwrap(), expected);
        }
        for unknown in [r#"{"type":"file_path","file_id":"file-1","index":0}"#, "{}", "5"] {
            assert_eq!(citation(&Json::from_text(unknown).unwrap()), None, "{unknown}");
        }
    }
}
