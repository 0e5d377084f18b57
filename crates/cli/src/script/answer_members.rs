//! The members of a reply that make up an answer.

use bedrock_stream_core::answer::{StopReason, Usage};
use bedrock_stream_core::content::Citation;
use bedrock_stream_core::converse::Metadata;
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_testkit::Answer;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::reply_error::{ReplyError, Wrong};
use super::reply_reader::{ReplyReader, parsed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a tool call: an object with a name")]
struct Tool<'a> {
    name: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default, borrow)]
    input: Option<&'a RawValue>,
}

/// The token counts, under Converse's names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "token counts: an object")]
struct Tokens {
    input_tokens: u64,
    output_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: u64,
    #[serde(default)]
    cache_write_input_tokens: u64,
    total_tokens: Option<u64>,
}

/// A citation as Converse has it, which is checked here and read by [`Citation`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "a citation: an object")]
#[expect(dead_code, reason = "only the names and types are checked")]
struct CitationShape {
    title: Option<String>,
    source: Option<String>,
    source_content: Option<Vec<SourceShape>>,
    location: Option<LocationShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with a text")]
#[expect(dead_code, reason = "only the names and types are checked")]
struct SourceShape {
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only the names and types are checked")]
enum LocationShape {
    Web(WebShape),
    DocumentChar(RangeShape),
    DocumentPage(RangeShape),
    DocumentChunk(RangeShape),
    SearchResultLocation(ResultShape),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[expect(dead_code, reason = "only the names and types are checked")]
struct WebShape {
    url: Option<String>,
    domain: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "an object")]
#[expect(dead_code, reason = "only the names and types are checked")]
struct RangeShape {
    document_index: Option<u32>,
    start: Option<u32>,
    end: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "an object")]
#[expect(dead_code, reason = "only the names and types are checked")]
struct ResultShape {
    search_result_index: Option<u32>,
    start: Option<u32>,
    end: Option<u32>,
}

impl<'a> ReplyReader<'a> {
    /// Adds a member to an answer.
    pub(super) fn add(&self, answer: Answer, name: &str, text: &'a str) -> Result<Answer, Wrong> {
        let at = |error: ReplyError| self.wrong(text, &format!(".{name}"), error);
        let string = || parsed::<String>(text).map_err(at);
        Ok(match name {
            "reasoning" => answer.reasoning(&string()?),
            "signature" => answer.signature(string()?),
            "redacted" => {
                let base64 = string()?;
                let bytes = Blob::from_base64(&base64).ok_or_else(|| at(ReplyError::NoBase64))?;
                answer.redacted(bytes.0)
            }
            "text" => answer.text(&string()?),
            "citations" => self.citations(answer, text)?,
            "tool" => self.tools(answer, text)?,
            "stop" => match StopReason::from(&*string()?) {
                StopReason::Unknown(name) => return Err(at(ReplyError::StopReason { name })),
                reason => answer.stop(reason),
            },
            _ => {
                let tokens = parsed::<Tokens>(text).map_err(at)?;
                answer.metadata(Metadata::new().usage(Usage::from(&tokens)))
            }
        })
    }

    fn citations(&self, mut answer: Answer, text: &'a str) -> Result<Answer, Wrong> {
        for (at, raw) in self.one_or_many(text, ".citations")? {
            let wrong = |error| self.wrong(raw, &at, error);
            parsed::<CitationShape>(raw).map_err(wrong)?;
            answer = answer.citation(parsed::<Citation>(raw).map_err(wrong)?);
        }
        Ok(answer)
    }

    fn tools(&self, mut answer: Answer, text: &'a str) -> Result<Answer, Wrong> {
        for (at, raw) in self.one_or_many(text, ".tool")? {
            let Tool { name, id, input } = parsed(raw).map_err(|error| self.wrong(raw, &at, error))?;
            let input = input.map_or("{}", RawValue::get);
            let at = format!("{at}.input");
            if !input.starts_with('{') {
                return Err(self.wrong(input, &at, ReplyError::NoObject));
            }
            let json = Json::from_text(input).map_err(|error| self.wrong(input, &at, error.into()))?;
            answer = match id {
                Some(id) => answer.tool_with_id(id, name, json),
                None => answer.tool(name, json),
            };
        }
        Ok(answer)
    }

    /// A value, or each item of a list, with the members that lead there.
    fn one_or_many(&self, text: &'a str, at: &str) -> Result<Vec<(String, &'a str)>, Wrong> {
        if !text.starts_with('[') {
            return Ok(vec![(at.to_owned(), text)]);
        }
        let items: Vec<&'a RawValue> = parsed(text).map_err(|error| self.wrong(text, at, error))?;
        if items.is_empty() {
            return Err(self.wrong(text, at, ReplyError::EmptyList));
        }
        Ok(items.into_iter().enumerate().map(|(index, raw)| (format!("{at}[{index}]"), raw.get())).collect())
    }
}

impl From<&Tokens> for Usage {
    fn from(tokens: &Tokens) -> Self {
        let Tokens { input_tokens, output_tokens, cache_read_input_tokens, cache_write_input_tokens, .. } =
            *tokens;
        let cached = cache_read_input_tokens.saturating_add(cache_write_input_tokens);
        let total = input_tokens.saturating_add(output_tokens).saturating_add(cached);
        Self::new(input_tokens, output_tokens)
            .cache_read_input_tokens(cache_read_input_tokens)
            .cache_write_input_tokens(cache_write_input_tokens)
            .total_tokens(tokens.total_tokens.unwrap_or(total))
    }
}
