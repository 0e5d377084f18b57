use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::{CacheDetail, Usage};
use bedrock_stream_core::content::CacheTtl;
use bedrock_stream_core::json::{Json, Lenient};
use bedrock_stream_core::object;

use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::members::all_members_of;

object! {
    /// Tokens written to the cache, by time to live.
    struct CacheCreation {
        /// Five minutes.
        "ephemeral_5m_input_tokens" => five_minutes: Option<u64>,
        /// One hour.
        "ephemeral_1h_input_tokens" => one_hour: Option<u64>,
    }
}

/// Reads a `usage`. Each of its members replaces that of an earlier usage of the message; `null` replaces nothing. The
/// counts are totals, not increments. Anything other than a usage object is kept as an unknown member.
pub(super) fn read_usage(usage: Json, chunks: &mut ChunkWriter) {
    // A map rejects a repeated member.
    let is_usage = usage.parse::<Lenient<BTreeMap<String, Json>>>().is_ok();
    if !is_usage {
        chunks.unknown_member(None, "usage".into(), usage);
        return;
    }
    for member in all_members_of(usage.as_str()).unwrap_or_default() {
        let is_null = member.value == Json::default();
        if !is_null {
            read_count(&member.name, &member.value, &mut chunks.ending.usage);
        }
        if !is_null || !chunks.ending.merged_usage.contains(&member.name) {
            chunks.usage_member(member.name, member.value);
        }
    }
}

/// Sets the corresponding count of Converse. In both dialects, `inputTokens` excludes tokens read from the cache or
/// written to it.
fn read_count(name: &str, value: &Json, usage: &mut Usage) {
    let count = || value.parse::<Lenient<u64>>().ok().map(|Lenient(count)| count);
    match name {
        "input_tokens" => usage.input_tokens = count(),
        "output_tokens" => usage.output_tokens = count(),
        "cache_read_input_tokens" => usage.cache_read_input_tokens = count(),
        "cache_creation_input_tokens" => usage.cache_write_input_tokens = count(),
        "cache_creation" => {
            let written: CacheCreation = value.parse().unwrap_or_default();
            let details: Vec<CacheDetail> =
                [(CacheTtl::FiveMinutes, written.five_minutes), (CacheTtl::OneHour, written.one_hour)]
                    .into_iter()
                    .filter_map(|(ttl, count)| Some(CacheDetail::new(ttl, count.filter(|count| *count > 0)?)))
                    .collect();
            usage.cache_details = (!details.is_empty()).then_some(details);
        }
        _ => {}
    }
}
