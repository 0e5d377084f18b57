object! {
    /// The time the answer took.
    pub struct Metrics {
        /// From the request to the end of the answer, in milliseconds.
        "latencyMs" => latency_ms: Option<i64>,
    }
}

object! {
    /// What latency is asked for (`PerformanceConfiguration`).
    pub struct PerformanceConfig {
        /// Which.
        "latency" => latency: Option<Latency>,
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
