use super::body::Body;

/// Where a body is sent, which decides the members around the request.
///
/// ```
/// use bedrock_stream_core::converse::Request;
/// use bedrock_stream_dialects::request_body::{Destination, messages_body};
///
/// let request = Request::new().user("Hello").max_tokens(100);
/// // Bedrock's `InvokeModel` has the model in its path, and the version of the API in the body.
/// let body = messages_body(&request, Destination::Invoke)?;
/// assert!(body.as_str().starts_with(r#"{"anthropic_version":"bedrock-2023-05-31","#));
/// let to = Destination::Operation { model: "anthropic.claude-haiku-4-5", stream: true };
/// let body = messages_body(&request, to)?;
/// assert!(body.as_str().starts_with(r#"{"model":"anthropic.claude-haiku-4-5","stream":true,"#));
/// # Ok::<(), bedrock_stream_dialects::request_body::RequestBodyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// The dialect's own operation, whose body names the model and says whether the answer streams.
    Operation {
        /// The model: an id, an inference profile or an ARN.
        model: &'a str,
        /// Whether the answer streams.
        stream: bool,
    },
    /// `InvokeModel` or `InvokeModelWithResponseStream`, whose path says both.
    Invoke,
}

impl Destination<'_> {
    /// Writes the model, and that the answer streams. Returns whether the body is that of an operation that streams.
    pub(super) fn write(self, body: &mut Body) -> bool {
        match self {
            Self::Operation { model, stream } => {
                body.set("model", model);
                if stream {
                    body.set("stream", serde_json::Value::from(true));
                }
                stream
            }
            Self::Invoke => false,
        }
    }
}
