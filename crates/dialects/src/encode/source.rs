//! A source that the model cites, in each dialect.

use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::content::{Citation, CitationLocation, CitationSourceContent, DocumentLocation};
use bedrock_stream_core::json::Fields;

use super::json_writer::{number, optional_string, raw, string};

/// Whether a source is a web page, the only kind in OpenAI's dialects.
pub(super) fn is_web_page(citation: &Citation) -> bool {
    matches!(&citation.location, Some(CitationLocation::Web(location)) if location.url.is_some())
}

/// Appends the members of OpenAI's `url_citation` besides its `type`, without braces. Returns `false`, and appends
/// nothing, if the source is not a web page. `range`: the cited text, in characters.
pub(super) fn write_url_citation(citation: &Citation, range: (u64, u64), out: &mut Vec<u8>) -> bool {
    let Some(CitationLocation::Web(location)) = &citation.location else { return false };
    let Some(url) = &location.url else { return false };
    out.extend_from_slice(b"\"url\":");
    string(out, url);
    out.extend_from_slice(b",\"title\":");
    string(out, citation.title.as_deref().unwrap_or_default());
    out.extend_from_slice(b",\"start_index\":");
    number(out, range.0);
    out.extend_from_slice(b",\"end_index\":");
    number(out, range.1);
    true
}

/// Appends a citation of Messages. Returns `false`, and appends nothing, if Messages has no such kind.
///
/// Source: `TextCitation` in the types of Anthropic's SDK.
pub(super) fn write_citation(citation: &Citation, out: &mut Vec<u8>) -> bool {
    let document = |out: &mut Vec<u8>, kind: &str, start: &str, end: &str, location: &DocumentLocation| {
        begin(out, kind, citation);
        out.extend_from_slice(b",\"document_index\":");
        number(out, location.document_index.unwrap_or(0));
        out.extend_from_slice(b",\"document_title\":");
        optional_string(out, citation.title.as_deref());
        range(out, start, location.start, end, location.end);
    };
    match &citation.location {
        Some(CitationLocation::Web(location)) => {
            begin(out, "web_search_result_location", citation);
            out.extend_from_slice(b",\"url\":");
            string(out, location.url.as_deref().unwrap_or_default());
            out.extend_from_slice(b",\"title\":");
            optional_string(out, citation.title.as_deref());
            if citation.other.value("encrypted_index").is_none() {
                out.extend_from_slice(b",\"encrypted_index\":\"\"");
            }
        }
        Some(CitationLocation::DocumentChar(location)) => {
            document(out, "char_location", "start_char_index", "end_char_index", location);
        }
        Some(CitationLocation::DocumentPage(location)) => {
            document(out, "page_location", "start_page_number", "end_page_number", location);
        }
        Some(CitationLocation::DocumentChunk(location)) => {
            document(out, "content_block_location", "start_block_index", "end_block_index", location);
        }
        Some(CitationLocation::SearchResult(location)) => {
            begin(out, "search_result_location", citation);
            out.extend_from_slice(b",\"search_result_index\":");
            number(out, location.search_result_index.unwrap_or(0));
            out.extend_from_slice(b",\"source\":");
            string(out, citation.source.as_deref().unwrap_or_default());
            out.extend_from_slice(b",\"title\":");
            optional_string(out, citation.title.as_deref());
            range(out, "start_block_index", location.start, "end_block_index", location.end);
        }
        _ => return false,
    }
    write_other(&citation.other, out);
    out.push(b'}');
    true
}

fn begin(out: &mut Vec<u8>, kind: &str, citation: &Citation) {
    let text: String = citation
        .source_content
        .iter()
        .flatten()
        .filter_map(|content| match content {
            CitationSourceContent::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    out.extend_from_slice(b"{\"type\":");
    string(out, kind);
    out.extend_from_slice(b",\"cited_text\":");
    string(out, &text);
}

fn range(out: &mut Vec<u8>, start: &str, from: Option<u32>, end: &str, to: Option<u32>) {
    for (name, count) in [(start, from), (end, to)] {
        out.push(b',');
        string(out, name);
        out.push(b':');
        number(out, count.unwrap_or(0));
    }
}

/// Appends members that the decoder of Messages did not know.
fn write_other(members: &Fields, out: &mut Vec<u8>) {
    for (name, value) in members {
        out.push(b',');
        string(out, name);
        out.push(b':');
        raw(out, value);
    }
}
