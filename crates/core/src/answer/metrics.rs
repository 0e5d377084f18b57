object! {
    /// The time the answer took.
    pub struct Metrics {
        /// From the request to the end of the answer, in milliseconds.
        "latencyMs" => latency_ms: Option<i64>,
    }
}

impl Metrics {
    /// This many milliseconds.
    #[must_use]
    pub fn new(latency_ms: i64) -> Self {
        Self { latency_ms: Some(latency_ms), ..Self::default() }
    }
}

object! {
    /// What latency is asked for (`PerformanceConfiguration`).
    pub struct PerformanceConfig {
        /// Which.
        "latency" => latency: Option<Latency>,
    }
}

impl PerformanceConfig {
    /// This latency.
    #[must_use]
    pub fn new(latency: Latency) -> Self {
        Self { latency: Some(latency), ..Self::default() }
    }
}

string_enum! {
    /// What latency is paid for.
    pub enum Latency {
        /// The ordinary one.
        "standard" => Standard,
        /// The lower one, where the model has it.
        "optimized" => Optimized,
    }
}
