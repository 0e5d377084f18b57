use alloc::string::String;
use alloc::vec;

use bedrock_stream_core::content::{
    Citation, CitationLocation, CitationSourceContent, DocumentLocation, SearchResultLocation, WebLocation,
};
use bedrock_stream_core::json::{Fields, Json};
use serde_json::Error;

use crate::decode::members::{members_of, take, take_text};

/// Converts a citation to Converse's. `None` if its location is of an unknown kind or cannot be read, so that it is
/// kept as it is.
///
/// Source: `TextCitation` in the types of Anthropic's SDK.
pub(super) fn citation(citation: &Json) -> Option<Citation> {
    let mut members = members_of(citation.as_str()).ok()?;
    let kind = take_text(&mut members, "type").ok()?;
    read(&kind, members).ok().flatten()
}

fn read(kind: &str, mut members: Fields) -> Result<Option<Citation>, Error> {
    let mut citation = Citation::new();
    let titled = match kind {
        "char_location" | "page_location" | "content_block_location" => "document_title",
        "web_search_result_location" | "search_result_location" => "title",
        _ => return Ok(None),
    };
    citation.title = take(&mut members, titled)?;
    citation.source_content =
        take::<String>(&mut members, "cited_text")?.map(|text| vec![CitationSourceContent::Text(text)]);
    citation.location = Some(match kind {
        "char_location" => {
            CitationLocation::DocumentChar(document(&mut members, "start_char_index", "end_char_index")?)
        }
        "page_location" => {
            CitationLocation::DocumentPage(document(&mut members, "start_page_number", "end_page_number")?)
        }
        "content_block_location" => {
            CitationLocation::DocumentChunk(document(&mut members, "start_block_index", "end_block_index")?)
        }
        "web_search_result_location" => {
            let mut location = WebLocation::default();
            location.url = take(&mut members, "url")?;
            CitationLocation::Web(location)
        }
        _ => {
            citation.source = take(&mut members, "source")?;
            let mut location = SearchResultLocation::default();
            location.search_result_index = take(&mut members, "search_result_index")?;
            location.start = take(&mut members, "start_block_index")?;
            location.end = take(&mut members, "end_block_index")?;
            CitationLocation::SearchResult(location)
        }
    });
    citation.other = members;
    Ok(Some(citation))
}

/// A range of a document. `start` and `end` are the names of the members with its bounds.
fn document(members: &mut Fields, start: &str, end: &str) -> Result<DocumentLocation, Error> {
    let mut location = DocumentLocation::default();
    location.document_index = take(members, "document_index")?;
    location.start = take(members, start)?;
    location.end = take(members, end)?;
    Ok(location)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use bedrock_stream_core::json::Json;

    use super::citation;

    #[test]
    fn every_kind_of_location_becomes_converses() {
        for (given, expected) in [
            (
                r#"{"type":"char_location","cited_text":"It rains.","document_index":0,"document_title":"Weather","start_char_index":3,"end_char_index":12,"file_id":null}"#,
                r#"{"title":"Weather","sourceContent":[{"text":"It rains."}],"location":{"documentChar":{"documentIndex":0,"start":3,"end":12}}}"#,
            ),
            (
                r#"{"type":"page_location","cited_text":"a","document_index":1,"document_title":null,"start_page_number":2,"end_page_number":3,"file_id":"f"}"#,
                r#"{"sourceContent":[{"text":"a"}],"location":{"documentPage":{"documentIndex":1,"start":2,"end":3}},"file_id":"f"}"#,
            ),
            (
                r#"{"type":"content_block_location","cited_text":"a","document_index":1,"document_title":"T","start_block_index":0,"end_block_index":1}"#,
                r#"{"title":"T","sourceContent":[{"text":"a"}],"location":{"documentChunk":{"documentIndex":1,"start":0,"end":1}}}"#,
            ),
            (
                r#"{"type":"web_search_result_location","cited_text":"a","url":"https://example.com/w","title":"T","encrypted_index":"Eo8B"}"#,
                r#"{"title":"T","sourceContent":[{"text":"a"}],"location":{"web":{"url":"https://example.com/w"}},"encrypted_index":"Eo8B"}"#,
            ),
            (
                r#"{"type":"search_result_location","cited_text":"a","search_result_index":2,"source":"s","title":"T","start_block_index":0,"end_block_index":1}"#,
                r#"{"title":"T","source":"s","sourceContent":[{"text":"a"}],"location":{"searchResultLocation":{"searchResultIndex":2,"start":0,"end":1}}}"#,
            ),
        ] {
            let citation = citation(&Json::from_text(given).expect("it is JSON")).expect(given);
            assert_eq!(serde_json::to_string(&citation).expect("it is JSON"), expected.to_string());
        }
    }

    #[test]
    fn what_cannot_be_mapped_stays_as_it_is() {
        for given in [
            r#"{"type":"new_location","cited_text":"a"}"#,
            r#"{"type":"char_location","start_char_index":"three"}"#,
            r#"{"cited_text":"a"}"#,
            "[]",
        ] {
            assert_eq!(citation(&Json::from_text(given).expect("it is JSON")), None, "{given}");
        }
    }
}
