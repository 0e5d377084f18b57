use alloc::vec::Vec;
use core::iter::Sum;
use core::ops::{Add, AddAssign};

use crate::content::CacheTtl;

object! {
    /// The tokens of one request, as Bedrock counts them (`TokenUsage`).
    ///
    /// ```
    /// use bedrock_stream_core::answer::Usage;
    ///
    /// let usage: Usage = serde_json::from_str(r#"{"inputTokens":5,"outputTokens":20,"cacheReadInputTokens":100}"#)?;
    /// let normalized = usage.normalized();
    /// assert_eq!((normalized.input, normalized.cache_read, normalized.output), (105, 100, 20));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
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

impl CacheDetail {
    /// This many tokens with this time to live.
    #[must_use]
    pub fn new(ttl: CacheTtl, input_tokens: u64) -> Self {
        Self { ttl: Some(ttl), input_tokens: Some(input_tokens), ..Self::default() }
    }
}

setters! {
    Usage {
        /// Sets the total.
        total_tokens: u64,
        /// Sets the tokens read from the cache; the total stays.
        cache_read_input_tokens: u64,
        /// Sets the tokens written to the cache; the total stays.
        cache_write_input_tokens: u64,
        /// Sets the cache writes, by time to live.
        cache_details: Vec<CacheDetail>,
    }
}

impl Usage {
    /// These counts, and their sum as the total.
    #[must_use]
    pub fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self {
            input_tokens: Some(input_tokens),
            output_tokens: Some(output_tokens),
            total_tokens: Some(input_tokens.saturating_add(output_tokens)),
            ..Self::default()
        }
    }

    /// Whether it has any count at all.
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

    /// The normalized counts, even if some were omitted.
    ///
    /// The rule: `input` is everything the model was given, so `inputTokens` plus cache reads plus cache writes,
    /// because Bedrock leaves both out of `inputTokens`. A cache write without a time to live counts as five minutes,
    /// the default. A count that was not sent is 0, except for `total`, which is then input plus output.
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

/// The tokens of two requests together, such as those of an agent's turns. A count that one of them lacks counts as 0,
/// except for the total and the cache writes, which are then computed as in [`Usage::normalized`]. A count that both
/// lack is absent. Counts saturate at `u64::MAX`. Cache details are added up by time to live. For a member that this
/// version does not know, the later value is kept, since it may be anything.
///
/// ```
/// use bedrock_stream_core::answer::Usage;
///
/// let turns = [Usage::new(10, 2), Usage::new(15, 3)];
/// assert_eq!(turns.into_iter().sum::<Usage>(), Usage::new(25, 5));
/// ```
impl AddAssign for Usage {
    fn add_assign(&mut self, later: Self) {
        let (ours, theirs) = (self.normalized(), later.normalized());
        // Every member is named, so that a new one cannot be forgotten here.
        let Self {
            input_tokens,
            output_tokens,
            total_tokens,
            cache_read_input_tokens,
            cache_write_input_tokens,
            cache_details,
            other,
        } = later;
        let sum = |told: bool, ours: u64, theirs: u64| told.then(|| ours.saturating_add(theirs));
        let add = |ours: Option<u64>, theirs: Option<u64>| {
            sum(ours.is_some() || theirs.is_some(), ours.unwrap_or(0), theirs.unwrap_or(0))
        };
        self.total_tokens =
            sum(self.total_tokens.is_some() || total_tokens.is_some(), ours.total, theirs.total);
        self.cache_write_input_tokens = sum(
            self.cache_write_input_tokens.is_some() || cache_write_input_tokens.is_some(),
            ours.cache_write,
            theirs.cache_write,
        );
        self.input_tokens = add(self.input_tokens, input_tokens);
        self.output_tokens = add(self.output_tokens, output_tokens);
        self.cache_read_input_tokens = add(self.cache_read_input_tokens, cache_read_input_tokens);
        if let Some(later) = cache_details {
            let details = self.cache_details.get_or_insert_default();
            for detail in later {
                match details.iter_mut().find(|known| known.ttl == detail.ttl) {
                    Some(known) => {
                        known.input_tokens = add(known.input_tokens, detail.input_tokens);
                        known.other.update(detail.other);
                    }
                    None => details.push(detail),
                }
            }
        }
        self.other.update(other);
    }
}

/// See [`AddAssign`].
impl Add for Usage {
    type Output = Self;

    fn add(mut self, later: Self) -> Self {
        self += later;
        self
    }
}

/// See [`AddAssign`].
impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(usages: I) -> Self {
        usages.fold(Self::default(), Add::add)
    }
}

/// A [`Usage`] with normalized counts, in tokens; see [`Usage::normalized`] for the rule.
///
/// ```
/// use bedrock_stream_core::answer::Usage;
///
/// // Bedrock leaves the cache out of `inputTokens`.
/// let usage: Usage = serde_json::from_str(
///     r#"{"inputTokens":5,"outputTokens":20,"cacheReadInputTokens":100,"cacheWriteInputTokens":50}"#,
/// )?;
/// let normalized = usage.normalized();
/// assert_eq!((normalized.input, normalized.output, normalized.total), (155, 20, 175));
/// assert_eq!(normalized.cache_write_5m, 50);
/// # Ok::<(), serde_json::Error>(())
/// ```
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
