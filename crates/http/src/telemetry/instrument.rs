use metrics::Unit;

/// A histogram that the feature `metrics` records through the facade of the crate `metrics`: its name, its unit, and the
/// buckets that its source recommends, for the exporter.
///
/// ```
/// use bedrock_stream_http::Instrument;
///
/// let names = Instrument::ALL.map(|instrument| instrument.name);
/// assert!(names.contains(&"gen_ai.client.operation.duration"));
/// assert!(Instrument::ALL.iter().all(|instrument| instrument.buckets.is_sorted()));
/// ```
///
/// Source: OpenTelemetry semantic conventions 1.41, "Generative AI metrics", for those whose names begin with `gen_ai`; the
/// others are this library's.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Instrument {
    /// Its name.
    pub name: &'static str,
    /// Its unit, in UCUM: `s` for seconds, `{token}` for tokens.
    pub unit: &'static str,
    /// What it measures, as a sentence.
    pub description: &'static str,
    /// The upper bounds of its buckets, in its unit.
    pub buckets: &'static [f64],
}

impl Instrument {
    /// Tokens of the input and of the output, told apart by `gen_ai.token.type`. Recorded if the service reports them.
    pub const TOKEN_USAGE: Self = Self {
        name: "gen_ai.client.token.usage",
        unit: "{token}",
        description: "Tokens of the input, cached ones included, and of the output.",
        buckets: TOKENS,
    };
    /// From the start of the operation, all attempts included, to its end.
    pub const OPERATION_DURATION: Self = Self {
        name: "gen_ai.client.operation.duration",
        unit: "s",
        description: "From the start of the operation, all attempts included, to its end.",
        buckets: SECONDS,
    };
    /// From the start of the operation to the first chunk of a stream, which may only say that the model has started.
    pub const TIME_TO_FIRST_CHUNK: Self = Self {
        name: "gen_ai.client.operation.time_to_first_chunk",
        unit: "s",
        description: "From the start of the operation to the first chunk of the stream.",
        buckets: SECONDS,
    };
    /// Between two chunks with content; 0 for chunks that arrive together. Recorded as they arrive.
    pub const TIME_PER_OUTPUT_CHUNK: Self = Self {
        name: "gen_ai.client.operation.time_per_output_chunk",
        unit: "s",
        description: "Between two chunks of the stream that have content.",
        buckets: SECONDS,
    };
    /// From the start of the operation to the first chunk with content: the time to the first token.
    pub const TIME_TO_FIRST_CONTENT: Self = Self {
        name: "bedrock.client.time_to_first_content",
        unit: "s",
        description: "From the start of the operation to the first content of the stream: the time to the first token.",
        buckets: SECONDS,
    };
    /// The time from the first content to the last, divided by the tokens after the first.
    pub const TIME_PER_OUTPUT_TOKEN: Self = Self {
        name: "bedrock.client.time_per_output_token",
        unit: "s",
        description: "From the first content to the last, for each output token after the first.",
        buckets: TOKEN_SECONDS,
    };

    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::TOKEN_USAGE,
        Self::OPERATION_DURATION,
        Self::TIME_TO_FIRST_CHUNK,
        Self::TIME_PER_OUTPUT_CHUNK,
        Self::TIME_TO_FIRST_CONTENT,
        Self::TIME_PER_OUTPUT_TOKEN,
    ];

    /// Tells the recorder in use the unit and the description of each. Call it once, after the recorder was installed.
    ///
    /// ```
    /// // After `PrometheusBuilder::install_recorder`, for example:
    /// bedrock_stream_http::Instrument::describe_all();
    /// ```
    pub fn describe_all() {
        for Self { name, unit, description, .. } in Self::ALL {
            match unit {
                "s" => metrics::describe_histogram!(name, Unit::Seconds, description),
                _ => metrics::describe_histogram!(name, Unit::Count, description),
            }
        }
    }
}

const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
const SECONDS: &[f64] =
    &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// Those of `gen_ai.server.time_per_output_token` in the conventions.
const TOKEN_SECONDS: &[f64] = &[0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5];
