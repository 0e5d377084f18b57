use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::content::{
    Citation, CitationLocation, CitationSourceContent, DocumentLocation, SearchResultLocation, WebLocation,
};

use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object};
use crate::request::left_out::LeftOutReason;

/// Reads the sources of the model's text. Those that Bedrock cannot express are left out; the text stays.
pub(super) fn read_all(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<Vec<Citation>, Problem> {
    let mut citations = Vec::new();
    for citation in field.list()? {
        citations.extend(read(draft, &citation)?);
    }
    Ok(citations)
}

fn read(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<Option<Citation>, Problem> {
    let mut object = field.object()?;
    let kind = object.require_string("type")?;
    let (location, title) = match &*kind {
        "char_location" => {
            let location = document(&mut object, "start_char_index", "end_char_index")?;
            (CitationLocation::DocumentChar(location), object.string("document_title")?)
        }
        "page_location" => {
            let location = document(&mut object, "start_page_number", "end_page_number")?;
            (CitationLocation::DocumentPage(location), object.string("document_title")?)
        }
        "content_block_location" => {
            let location = document(&mut object, "start_block_index", "end_block_index")?;
            (CitationLocation::DocumentChunk(location), object.string("document_title")?)
        }
        "web_search_result_location" => {
            let url: String = object.require_string("url")?;
            if object.take("encrypted_index").is_some_and(|index| index.json.get() != "\"\"") {
                let path = field.path.member("encrypted_index");
                draft.left_out.push(&path, LeftOutReason::Unsupported);
            }
            (CitationLocation::Web(WebLocation::new(url)), object.string("title")?)
        }
        "search_result_location" => {
            let index = integer(&mut object, "search_result_index")?;
            let (start, end) =
                (integer(&mut object, "start_block_index")?, integer(&mut object, "end_block_index")?);
            let location = SearchResultLocation::new(index, start..end);
            (CitationLocation::SearchResult(location), object.string("title")?)
        }
        _ => {
            draft.left_out.push(&field.path, LeftOutReason::Unsupported);
            return Ok(None);
        }
    };
    let mut citation = Citation::new().location(location);
    citation.title = title;
    citation.source = object.string("source")?;
    let text = object.string("cited_text")?.filter(|text| !text.is_empty());
    citation.source_content = text.map(|text| [CitationSourceContent::Text(text)].into());
    object.leave_out(&["file_id"], LeftOutReason::NoEffect, &mut draft.left_out);
    object.finish(&mut draft.left_out);
    Ok(Some(citation))
}

fn document(
    object: &mut Object<'_>,
    start: &'static str,
    end: &'static str,
) -> Result<DocumentLocation, Problem> {
    let index = integer(object, "document_index")?;
    Ok(DocumentLocation::new(index, integer(object, start)?..integer(object, end)?))
}

fn integer(object: &mut Object<'_>, name: &'static str) -> Result<u32, Problem> {
    object.require(name)?.integer()
}
