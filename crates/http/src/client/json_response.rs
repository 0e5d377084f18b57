use core::fmt;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::error::secret_mask::SecretMask;
use crate::stream::stream_stats::StreamStats;

/// The whole answer of an operation that does not stream: its JSON as it was received, and the response's headers.
///
/// The status was 200 and the media type JSON; the body is not read, so it has no verdict. A proxy may have sent its own error, or
/// an answer without an end. What proves a whole answer complete is the dialect's own word: the `finish_reason` of each choice in
/// Chat Completions, the `status` in Responses (which is also `failed` or `in_progress`), the `stop_reason` in Messages. An answer
/// without it should be treated as an error, as [`Client::converse`](crate::Client::converse) does with its own.
///
/// ```
/// # use bedrock_stream_http::{Auth, Config};
/// # use bedrock_stream_reqwest::Client;
/// # use bedrock_stream_testkit::{FakeBedrock, answer};
/// use serde::Deserialize;
/// use serde_json::json;
///
/// /// What a program reads of an answer.
/// #[derive(Deserialize)]
/// struct Generation {
///     generation: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.").usage(12, 3)).start().await?;
/// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
/// let body = json!({"prompt": "How many moons has Mars?"});
/// let response = client.invoke("meta.llama3-8b-instruct-v1:0", &body).await?;
/// assert_eq!(response.json::<Generation>()?.generation, "Two.");
/// assert!(response.request_id.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct JsonResponse {
    /// The body, byte for byte. It has not been parsed.
    pub body: Bytes,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// Statistics of the response.
    pub stats: StreamStats,
    /// Masks the credentials that the request was sent with, if the body repeats them.
    pub mask: SecretMask,
}

impl JsonResponse {
    /// Deserializes the body.
    ///
    /// # Errors
    ///
    /// The deserializer's error.
    pub fn json<V: DeserializeOwned>(&self) -> serde_json::Result<V> {
        serde_json::from_slice(&self.body)
    }

    /// A header's value, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `X-Amzn-Bedrock-Service-Tier`: which tier served the request.
    #[must_use]
    pub fn service_tier(&self) -> Option<&str> {
        self.header("x-amzn-bedrock-service-tier")
    }

    /// `X-Amzn-Bedrock-PerformanceConfig-Latency`: how the model was served.
    #[must_use]
    pub fn performance_latency(&self) -> Option<&str> {
        self.header("x-amzn-bedrock-performanceconfig-latency")
    }

    /// `X-Amzn-Bedrock-Input-Token-Count`, which `InvokeModel` sends for most models.
    #[must_use]
    pub fn input_tokens(&self) -> Option<u64> {
        self.header("x-amzn-bedrock-input-token-count")?.parse().ok()
    }

    /// `X-Amzn-Bedrock-Output-Token-Count`, which `InvokeModel` sends for most models.
    #[must_use]
    pub fn output_tokens(&self) -> Option<u64> {
        self.header("x-amzn-bedrock-output-token-count")?.parse().ok()
    }

    /// `X-Amzn-Bedrock-Invocation-Latency`, in milliseconds, which `InvokeModel` sends for most models.
    #[must_use]
    pub fn invocation_latency(&self) -> Option<u64> {
        self.header("x-amzn-bedrock-invocation-latency")?.parse().ok()
    }
}

/// Compares what was received.
impl PartialEq for JsonResponse {
    fn eq(&self, other: &Self) -> bool {
        let Self { body, headers, request_id, stats, mask: _ } = self;
        (body, headers, request_id, stats) == (&other.body, &other.headers, &other.request_id, &other.stats)
    }
}

impl fmt::Debug for JsonResponse {
    /// Shows neither the body nor the headers, which may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut response = f.debug_struct("JsonResponse");
        response.field("len", &self.body.len()).field("request_id", &self.request_id).finish_non_exhaustive()
    }
}
