use std::fmt;
use std::time::Duration;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{StopReason, Usage};
use http::{Method, StatusCode};

use crate::left_out::is_plain;
use crate::log_value::LogValue;

/// How a request ended.
///
/// ```
/// use bedrock_stream_core::ErrorKind;
/// use bedrock_stream_gateway::Verdict;
///
/// // As in the access log and in the metrics.
/// assert_eq!(Verdict::Complete.to_string(), "complete");
/// assert_eq!(Verdict::Failed(ErrorKind::Refusal).to_string(), "refusal");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The answer is whole, and was written to its end.
    Complete,
    /// The answer is not complete, or there is none; the error was reported to the client.
    Failed(ErrorKind),
    /// The client went away before the end.
    Cancelled,
    /// The request was not for a model's answer.
    Answered,
}

/// What is known of a request when it has ended: a line of the access log.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use bedrock_stream_gateway::{Gateway, Verdict};
/// use bedrock_stream_hyper::{Auth, Client, Config};
/// use bedrock_stream_testkit::{FakeBedrock, Fault};
/// use bytes::Bytes;
/// use http_body_util::{BodyExt as _, Full};
/// use tower_service::Service as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// // An answer that ends before it is complete.
/// let bedrock = FakeBedrock::builder().fault(Fault::NoStop).start().await?;
/// let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
/// let log = Arc::new(Mutex::new(Vec::new()));
/// let lines = Arc::clone(&log);
/// let gateway = Gateway::builder(client).on_access(move |access| lines.lock().unwrap().push(access.clone()));
///
/// let body = r#"{"model":"us.amazon.nova-lite-v1:0","messages":[{"role":"user","content":"Hello"}]}"#;
/// let request = http::Request::post("/v1/chat/completions").body(Full::<Bytes>::from(body))?;
/// gateway.build().call(request).await?.into_body().collect().await?;
///
/// let log = log.lock().unwrap();
/// assert_eq!(log[0].path, "/v1/chat/completions");
/// assert_eq!(log[0].status.map(|status| status.as_u16()), Some(502));
/// assert!(matches!(log[0].verdict, Verdict::Failed(kind) if kind.as_str() == "incomplete"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Access {
    /// Its method.
    pub method: Method,
    /// Its path, without the query; the first 200 characters.
    pub path: String,
    /// The name of the key that the client used, if the key has one: [`ApiKeys::named`](crate::ApiKeys::named).
    pub key: Option<String>,
    /// The model, as Bedrock was asked for it.
    pub model: Option<String>,
    /// The status that was sent; `None` if the client went away before.
    pub status: Option<StatusCode>,
    /// How it ended.
    pub verdict: Verdict,
    /// What went wrong, as it was reported to the client, but without Bedrock's own words, which may quote the request: those are here only
    /// where Bedrock refuses access, does not know a model or is overloaded (403, 404, 429, 503, and a 400 about the model's id).
    pub message: Option<String>,
    /// The gateway's id of the request.
    pub request_id: String,
    /// AWS's id of the request.
    pub aws_request_id: Option<String>,
    /// How long it took.
    pub duration: Duration,
    /// The tokens that Bedrock counted.
    pub usage: Option<Usage>,
    /// Why the model stopped, in Converse's words, whatever the client's dialect calls it. One that this version does not know is the
    /// server's own text, for which `Display` shows `?`.
    pub stop_reason: Option<StopReason>,
    /// Members of the request that were left out; `*` stands for the numbers of items. Unknown ones have the names that the client chose:
    /// `Display` shows `?` for a name with other characters than ASCII letters, digits, `_` and `-`.
    pub left_out_members: Vec<String>,
    /// How many more were left out, of which no name is kept.
    pub left_out_more: usize,
    /// Kinds of content that the model wrote and the dialect cannot express.
    pub left_out_content: Vec<&'static str>,
}

impl Verdict {
    /// Its name: `complete`, `cancelled`, `answered`, or the kind of the error.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed(kind) => kind.as_str(),
            Self::Cancelled => "cancelled",
            Self::Answered => "answered",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A line of a log, without the time. No value can be taken for another field: one with a space, `=`, `"` or a character that cannot
/// be seen is in quotes, with `\` before `"` and `\`, and of one with more than 2,048 characters the rest is cut off, for which `…`
/// stands.
///
/// The paths that are asked for every few seconds, `/healthz` and `/metrics`, have lines as all others do.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", LogValue(self.method.as_str()), LogValue(&self.path))?;
        match self.status {
            Some(status) => write!(f, " {}", status.as_u16())?,
            None => f.write_str(" -")?,
        }
        write!(f, " {} {:.3}s", self.verdict, self.duration.as_secs_f64())?;
        if let Some(key) = &self.key {
            write!(f, " key={}", LogValue(key))?;
        }
        if let Some(model) = &self.model {
            write!(f, " model={}", LogValue(model))?;
        }
        if let Some(usage) = &self.usage {
            write!(f, " in={} out={}", usage.input_tokens.unwrap_or(0), usage.output_tokens.unwrap_or(0))?;
            for (field, count) in [
                ("cache_read", usage.cache_read_input_tokens),
                ("cache_write", usage.cache_write_input_tokens),
            ] {
                if let Some(count) = count.filter(|count| *count > 0) {
                    write!(f, " {field}={count}")?;
                }
            }
        }
        if let Some(reason) = &self.stop_reason {
            let shown = if StopReason::KNOWN.contains(reason) { reason.as_str() } else { "?" };
            write!(f, " stop={shown}")?;
        }
        write!(f, " id={}", LogValue(&self.request_id))?;
        if let Some(id) = &self.aws_request_id {
            write!(f, " aws_id={}", LogValue(id))?;
        }
        if !self.left_out_members.is_empty() {
            let shown = |name: &String| if is_plain(name) { name.clone() } else { "?".to_owned() };
            let mut members: Vec<String> = self.left_out_members.iter().map(shown).collect();
            if self.left_out_more > 0 {
                members.push(format!("{} more", self.left_out_more));
            }
            write!(f, " left_out={}", LogValue(&members.join(",")))?;
        }
        if !self.left_out_content.is_empty() {
            write!(f, " left_out_content={}", LogValue(&self.left_out_content.join(",")))?;
        }
        match &self.message {
            Some(message) => write!(f, " message={}", LogValue(message)),
            None => Ok(()),
        }
    }
}
