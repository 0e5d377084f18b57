use core::time::Duration;

/// Statistics of a stream so far. Times are measured by the [`Timer`](crate::Timer), and absent without one; the clients
/// have one.
///
/// ```
/// # use bedrock_stream_http::{Auth, Config, converse::Request};
/// # use bedrock_stream_reqwest::Client;
/// # use bedrock_stream_testkit::{FakeBedrock, answer};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.").usage(12, 3)).start().await?;
/// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
/// let mut chunks = client.converse_stream("model", &Request::new().user("How many moons has Mars?")).await?;
/// while let Some(chunk) = chunks.next().await {
///     chunk?;
/// }
/// let stats = chunks.stats();
/// assert_eq!(stats.output_tokens, Some(3));
/// assert!(stats.time_to_first_byte <= stats.time_to_first_content);
/// assert!(stats.bytes > 0 && stats.messages > 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamStats {
    /// Body bytes read.
    pub bytes: u64,
    /// Messages decoded.
    pub messages: u64,
    /// Chunks returned; 0 for a [`MessageStream`](crate::MessageStream).
    pub chunks: u64,
    /// From the start of the request, all attempts included, to the body's first byte.
    pub time_to_first_byte: Option<Duration>,
    /// From the start of the request, all attempts included, to the first chunk, which is `Start`: the model has started, and
    /// content may be long in coming.
    pub time_to_first_chunk: Option<Duration>,
    /// From the start of the request, all attempts included, to the first content: text, reasoning or a tool call. This is
    /// the time to first token.
    pub time_to_first_content: Option<Duration>,
    /// From the start of the request, all attempts included, to the latest content.
    pub time_to_last_content: Option<Duration>,
    /// The longest time between two reads that returned bytes. A caller that polls slowly makes it longer.
    pub longest_gap: Option<Duration>,
    /// Output tokens, reasoning included, once the service has reported them.
    pub output_tokens: Option<u64>,
}

impl StreamStats {
    /// Output tokens divided by the seconds from the first content to the last. `None` while the token count is unknown,
    /// without a [`Timer`](crate::Timer), and if all content arrived at once.
    #[must_use]
    pub fn output_tokens_per_second(&self) -> Option<f64> {
        let time = self.time_to_last_content?.checked_sub(self.time_to_first_content?)?;
        (!time.is_zero()).then_some(self.output_tokens? as f64 / time.as_secs_f64())
    }
}
