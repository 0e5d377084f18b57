object! {
    /// The time the answer took.
    pub struct Metrics {
        /// From the request to the end of the answer, in milliseconds.
        "latencyMs" => latency_ms: Option<i64>,
    }
}

object! {
    /// The requested latency (`PerformanceConfiguration`).
    pub struct PerformanceConfig {
        /// The requested latency.
        "latency" => latency: Option<Latency>,
    }
}

string_enum! {
    /// A level of latency.
    pub enum Latency {
        /// Standard latency.
        "standard" => Standard,
        /// Lower latency, where the model supports it.
        "optimized" => Optimized,
    }
}
