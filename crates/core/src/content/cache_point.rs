object! {
    /// Everything before it may be cached (`CachePointBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{CachePointBlock, CacheTtl};
    /// use bedrock_stream_core::converse::Request;
    ///
    /// let request = Request::new()
    ///     .system("A long manual.")
    ///     .system(CachePointBlock::new().ttl(CacheTtl::OneHour))
    ///     .user("How do I reset it?");
    /// assert!(request.to_json()?.contains(r#"{"cachePoint":{"type":"default","ttl":"1h"}}"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct CachePointBlock {
        /// What kind of cache point it is.
        "type" => kind: CachePointType,
        /// The time to live; five minutes by default.
        "ttl" => ttl: Option<CacheTtl>,
    }
}

impl CachePointBlock {
    /// A default cache point.
    #[must_use]
    pub fn new() -> Self {
        Self { kind: CachePointType::Default, ..Self::default() }
    }

    /// Sets the time to live.
    #[must_use]
    pub fn ttl(mut self, ttl: CacheTtl) -> Self {
        self.ttl = Some(ttl);
        self
    }
}

string_enum! {
    /// What kind of cache point it is.
    pub enum CachePointType {
        /// The only kind.
        "default" => Default,
    }
}

string_enum! {
    /// The time to live of a cache entry.
    pub enum CacheTtl {
        /// Five minutes.
        "5m" => FiveMinutes,
        /// One hour.
        "1h" => OneHour,
    }
}
