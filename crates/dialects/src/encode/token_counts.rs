use alloc::vec::Vec;

use bedrock_stream_core::answer::{Done, Usage};
use bedrock_stream_core::content::CacheTtl;
use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

use super::json_writer::number;

/// An answer's usage, from which each dialect's counts are derived.
#[derive(Clone, Debug)]
pub(super) struct TokenCounts {
    /// Tokens of the request that were neither read from the cache nor written to it.
    input: u64,
    output: u64,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    /// Cache writes, by time to live: five minutes and an hour.
    written: Option<(u64, u64)>,
    /// Reasoning tokens, if the vendor reported them.
    reasoning: Option<u64>,
}

object! {
    /// The vendor's usage, if the answer came in one of OpenAI's dialects.
    struct VendorUsage {
        /// Chat Completions.
        "completion_tokens_details" => completion_tokens_details: Option<Json>,
        /// Responses.
        "output_tokens_details" => output_tokens_details: Option<Json>,
    }
}

object! {
    /// Details of the tokens of an answer.
    struct OutputDetails {
        /// Reasoning tokens.
        "reasoning_tokens" => reasoning_tokens: Option<u64>,
    }
}

impl TokenCounts {
    /// The counts of an answer. `None` if none were reported. `is_cache_in_input`: its input tokens include cached
    /// tokens.
    pub(super) fn of(done: &Done, is_cache_in_input: bool) -> Option<Self> {
        let usage: &Usage = done.usage.as_ref()?;
        let normalized = usage.normalized();
        let cached = normalized.cache_read.saturating_add(normalized.cache_write);
        let told = usage.input_tokens.unwrap_or(0);
        let input = if is_cache_in_input && told >= cached { told - cached } else { told };
        let has_write = usage.cache_write_input_tokens.is_some() || usage.cache_details.is_some();
        let has_details = usage.cache_details.as_ref().is_some_and(|details| {
            details.iter().any(|detail| {
                matches!(detail.ttl, Some(CacheTtl::FiveMinutes | CacheTtl::OneHour))
                    && detail.input_tokens.is_some()
            })
        });
        Some(Self {
            input,
            output: normalized.output,
            cache_read: usage.cache_read_input_tokens,
            cache_write: has_write.then_some(normalized.cache_write),
            written: has_details.then_some((normalized.cache_write_5m, normalized.cache_write_1h)),
            reasoning: reasoning_tokens(done),
        })
    }

    /// All input tokens, cached or not.
    const fn prompt(&self) -> u64 {
        let read = match self.cache_read {
            Some(count) => count,
            None => 0,
        };
        let written = match self.cache_write {
            Some(count) => count,
            None => 0,
        };
        self.input.saturating_add(read).saturating_add(written)
    }

    /// Appends `usage` of Chat Completions.
    pub(super) fn write_chat(&self, out: &mut Vec<u8>) {
        member(out, "{\"prompt_tokens\":", self.prompt());
        member(out, ",\"completion_tokens\":", self.output);
        member(out, ",\"total_tokens\":", self.prompt().saturating_add(self.output));
        if self.cache_read.is_some() || self.cache_write.is_some() {
            member(out, ",\"prompt_tokens_details\":{\"cached_tokens\":", self.cache_read.unwrap_or(0));
            if let Some(count) = self.cache_write {
                member(out, ",\"cache_write_tokens\":", count);
            }
            out.push(b'}');
        }
        if let Some(count) = self.reasoning {
            member(out, ",\"completion_tokens_details\":{\"reasoning_tokens\":", count);
            out.push(b'}');
        }
        out.push(b'}');
    }

    /// Appends `usage` of Responses, where every member is required.
    pub(super) fn write_responses(&self, out: &mut Vec<u8>) {
        member(out, "{\"input_tokens\":", self.prompt());
        member(out, ",\"input_tokens_details\":{\"cached_tokens\":", self.cache_read.unwrap_or(0));
        member(out, ",\"cache_write_tokens\":", self.cache_write.unwrap_or(0));
        member(out, "},\"output_tokens\":", self.output);
        member(out, ",\"output_tokens_details\":{\"reasoning_tokens\":", self.reasoning.unwrap_or(0));
        member(out, "},\"total_tokens\":", self.prompt().saturating_add(self.output));
        out.push(b'}');
    }

    /// Appends `usage` of Messages.
    pub(super) fn write_messages(&self, out: &mut Vec<u8>) {
        member(out, "{\"input_tokens\":", self.input);
        if let Some(count) = self.cache_write {
            member(out, ",\"cache_creation_input_tokens\":", count);
        }
        if let Some(count) = self.cache_read {
            member(out, ",\"cache_read_input_tokens\":", count);
        }
        if let Some((five_minutes, one_hour)) = self.written {
            member(out, ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":", five_minutes);
            member(out, ",\"ephemeral_1h_input_tokens\":", one_hour);
            out.push(b'}');
        }
        member(out, ",\"output_tokens\":", self.output);
        out.push(b'}');
    }
}

fn member(out: &mut Vec<u8>, name: &str, count: u64) {
    out.extend_from_slice(name.as_bytes());
    number(out, count);
}

fn reasoning_tokens(done: &Done) -> Option<u64> {
    let usage: VendorUsage = done.vendor_usage.as_ref()?.parse().ok()?;
    let details = usage.completion_tokens_details.or(usage.output_tokens_details)?;
    let details: OutputDetails = details.parse().ok()?;
    details.reasoning_tokens
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use bedrock_stream_core::answer::{CacheDetail, Done, StopReason, Usage};
    use bedrock_stream_core::content::CacheTtl;

    use super::TokenCounts;

    fn written(usage: Usage, is_cache_in_input: bool) -> [String; 3] {
        let mut done = Done::new(StopReason::EndTurn);
        done.usage = Some(usage);
        let counts = TokenCounts::of(&done, is_cache_in_input).unwrap();
        let writers: [fn(&TokenCounts, &mut Vec<u8>); 3] =
            [TokenCounts::write_chat, TokenCounts::write_responses, TokenCounts::write_messages];
        writers.map(|write| {
            let mut out = Vec::new();
            write(&counts, &mut out);
            String::from_utf8(out).unwrap()
        })
    }

    /// Bug 19 of other gateways: cached tokens left out, or counted twice.
    #[test]
    fn cached_tokens_are_counted_once() {
        let usage = Usage::new(10, 7)
            .cache_read_input_tokens(100)
            .cache_write_input_tokens(20)
            .total_tokens(137)
            .cache_details(vec![CacheDetail::new(CacheTtl::OneHour, 20)]);
        let [chat, responses, messages] = written(usage, false);
        assert_eq!(
            chat,
            r#"{"prompt_tokens":130,"completion_tokens":7,"total_tokens":137,"prompt_tokens_details":{"cached_tokens":100,"cache_write_tokens":20}}"#
        );
        assert_eq!(
            responses,
            r#"{"input_tokens":130,"input_tokens_details":{"cached_tokens":100,"cache_write_tokens":20},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":137}"#
        );
        assert_eq!(
            messages,
            r#"{"input_tokens":10,"cache_creation_input_tokens":20,"cache_read_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":20},"output_tokens":7}"#
        );
    }

    /// The same bug, if OpenAI's models report input tokens that include the cache and a total that counts it twice.
    #[test]
    fn input_tokens_that_include_the_cache_are_told_apart() {
        let usage = Usage::new(4995, 19).cache_write_input_tokens(4993).total_tokens(10_007);
        let [chat, ..] = written(usage.clone(), true);
        assert!(
            chat.starts_with(r#"{"prompt_tokens":4995,"completion_tokens":19,"total_tokens":5014,"#),
            "{chat}"
        );
        let [.., messages] = written(usage, true);
        assert_eq!(messages, r#"{"input_tokens":2,"cache_creation_input_tokens":4993,"output_tokens":19}"#);
    }
}
