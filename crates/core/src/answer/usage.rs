use alloc::vec::Vec;

use crate::content::CacheTtl;

object! {
    /// The tokens of one request, as Bedrock counts them (`TokenUsage`).
    pub struct Usage {
        /// Tokens of the request that were neither read from the cache nor written to it.
        "inputTokens" => input_tokens: Option<u64>,
        /// Tokens of the answer, reasoning included.
        "outputTokens" => output_tokens: Option<u64>,
        /// Input, output, cache reads and cache writes together.
        "totalTokens" => total_tokens: Option<u64>,
        /// Tokens read from the cache.
        "cacheReadInputTokens" => cache_read_input_tokens: Option<u64>,
        /// Tokens written to the cache.
        "cacheWriteInputTokens" => cache_write_input_tokens: Option<u64>,
        /// The cache writes, by time to live.
        "cacheDetails" => cache_details: Option<Vec<CacheDetail>>,
    }
}

object! {
    /// Tokens written to the cache with one time to live.
    pub struct CacheDetail {
        /// The time to live.
        "ttl" => ttl: Option<CacheTtl>,
        /// How many tokens.
        "inputTokens" => input_tokens: Option<u64>,
    }
}

impl Usage {
    /// Whether it holds any count at all.
    pub(crate) fn has_counts(&self) -> bool {
        let Self {
            input_tokens,
            output_tokens,
            total_tokens,
            cache_read_input_tokens,
            cache_write_input_tokens,
            cache_details,
            other: _,
        } = self;
        let counts =
            [input_tokens, output_tokens, total_tokens, cache_read_input_tokens, cache_write_input_tokens];
        let details = cache_details.iter().flatten();
        counts.into_iter().chain(details.map(|detail| &detail.input_tokens)).any(Option::is_some)
    }

    /// The counts normalized, whatever was omitted.
    ///
    /// The rule: `input` is everything the model was given, so `inputTokens` plus cache reads plus cache writes,
    /// because Bedrock leaves both out of `inputTokens`. A cache write without a time to live counts as five minutes,
    /// the default. A count that was not sent is 0, except `total`, which then is input plus output.
    #[must_use]
    pub fn normalized(&self) -> NormalizedUsage {
        let cache_read = self.cache_read_input_tokens.unwrap_or(0);
        let details = self.cache_details.as_deref().unwrap_or_default();
        let written = |one_hour: bool| {
            details
                .iter()
                .filter(|detail| (detail.ttl == Some(CacheTtl::OneHour)) == one_hour)
                .fold(0_u64, |sum, detail| sum.saturating_add(detail.input_tokens.unwrap_or(0)))
        };
        let cache_write_1h = written(true);
        let told = cache_write_1h.saturating_add(written(false));
        let cache_write = self.cache_write_input_tokens.unwrap_or(told);
        let input = self.input_tokens.unwrap_or(0).saturating_add(cache_read).saturating_add(cache_write);
        let output = self.output_tokens.unwrap_or(0);
        NormalizedUsage {
            input,
            output,
            total: self.total_tokens.unwrap_or(input.saturating_add(output)),
            cache_read,
            cache_write,
            cache_write_5m: cache_write.saturating_sub(cache_write_1h),
            cache_write_1h: cache_write_1h.min(cache_write),
        }
    }
}

/// A normalized [`Usage`]; see [`Usage::normalized`] for the rule. All counts are tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NormalizedUsage {
    /// Everything the model was given, cached or not.
    pub input: u64,
    /// Everything the model produced.
    pub output: u64,
    /// The total that Bedrock sent, else input plus output.
    pub total: u64,
    /// How much of the input was read from the cache.
    pub cache_read: u64,
    /// How much of the input was written to the cache.
    pub cache_write: u64,
    /// How much of that was written for five minutes.
    pub cache_write_5m: u64,
    /// How much of that was written for an hour.
    pub cache_write_1h: u64,
}
