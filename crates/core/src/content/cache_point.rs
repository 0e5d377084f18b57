object! {
    /// Everything before it may be cached (`CachePointBlock`).
    pub struct CachePointBlock {
        /// What kind of cache point it is.
        "type" => kind: CachePointType,
        /// How long the entry lives; five minutes by default.
        "ttl" => ttl: Option<CacheTtl>,
    }
}

impl CachePointBlock {
    /// A default cache point.
    #[must_use]
    pub fn new() -> Self {
        Self { kind: CachePointType::Default, ..Self::default() }
    }

    /// Sets how long the entry lives.
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
    /// How long a cache entry lives.
    pub enum CacheTtl {
        /// Five minutes.
        "5m" => FiveMinutes,
        /// One hour.
        "1h" => OneHour,
    }
}
