use super::body::Body;

/// Where a body is sent, which decides the members around the request.
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
