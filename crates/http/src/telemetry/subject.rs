use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::client::operation::Operation;
use crate::client::route::Api;
use crate::config::config::Config;
use crate::config::endpoint::RUNTIME;
use crate::telemetry::request_facts::{RequestFacts, Shape};

/// What an operation is, in the words of the conventions.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "tracing"), allow(dead_code, reason = "only a span has all of it"))]
pub(super) struct Subject {
    /// `gen_ai.operation.name`.
    pub(super) operation: Cow<'static, str>,
    pub(super) model: Option<Arc<str>>,
    pub(super) server: Option<(Arc<str>, u16)>,
    pub(super) dialect: Option<&'static str>,
    pub(super) guardrail: Option<String>,
    pub(super) streams: bool,
    /// What the body says, if it was read.
    pub(super) request: RequestFacts,
}

impl Subject {
    /// The body is read only if it must be: if its parameters are wanted, or if only it names the model or its shape.
    pub(super) fn new(operation: &Operation, config: &Config, body: &Bytes, wants_parameters: bool) -> Self {
        let kind = Kind::of(operation);
        let reads = wants_parameters || matches!(kind, Kind::Invoke | Kind::Api(_));
        let mut request = if reads { RequestFacts::of(body) } else { RequestFacts::default() };
        let model = operation.model_id().map(Arc::from).or_else(|| request.model.take().map(Arc::from));
        let target = config.target(operation).ok();
        Self {
            operation: kind.name(operation, model.as_deref(), request.shape),
            server: target.map(|target| (Arc::from(target.endpoint.host()), target.endpoint.port())),
            dialect: kind.dialect(),
            guardrail: guardrail(operation).or_else(|| request.guardrail.take()),
            streams: operation.media_type().streams(),
            model,
            request,
        }
    }
}

/// The operations that the conventions tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Converse,
    Invoke,
    CountTokens,
    ApplyGuardrail,
    GuardrailChecks,
    Api(Api),
    InvokeAgent,
    Other,
}

impl Kind {
    fn of(operation: &Operation) -> Self {
        if let Some((api, _)) = operation.api() {
            return Self::Api(api);
        }
        let path = operation.path();
        if operation.model_id().is_some() {
            return match path.rsplit('/').next() {
                Some("converse" | "converse-stream") => Self::Converse,
                Some("count-tokens") => Self::CountTokens,
                _ => Self::Invoke,
            };
        }
        match operation.service() {
            RUNTIME if path.starts_with("/guardrail/") => Self::ApplyGuardrail,
            RUNTIME if path.starts_with("/guardrail-checks/") => Self::GuardrailChecks,
            "bedrock-agent-runtime" if path.starts_with("/agents/") => Self::InvokeAgent,
            _ => Self::Other,
        }
    }

    /// A well-known value of `gen_ai.operation.name` if one applies, else the operation's own name. It never holds an id.
    fn name(self, operation: &Operation, model: Option<&str>, shape: Shape) -> Cow<'static, str> {
        match self {
            Self::Converse | Self::Api(_) => "chat".into(),
            Self::Invoke if model.is_some_and(|model| model.contains("embed")) => "embeddings".into(),
            Self::Invoke => match shape {
                Shape::Chat => "chat".into(),
                Shape::Prompt => "text_completion".into(),
                Shape::Other => "invoke_model".into(),
            },
            Self::CountTokens => "count_tokens".into(),
            Self::ApplyGuardrail => "apply_guardrail".into(),
            Self::GuardrailChecks => "invoke_guardrail_checks".into(),
            Self::InvokeAgent => "invoke_agent".into(),
            Self::Other => operation.service().to_owned().into(),
        }
    }

    const fn dialect(self) -> Option<&'static str> {
        match self {
            Self::Converse => Some("converse"),
            Self::Api(Api::ChatCompletions) => Some("chat"),
            Self::Api(Api::Responses) => Some("responses"),
            Self::Api(Api::Messages) => Some("messages"),
            _ => None,
        }
    }
}

/// The guardrail that the path or a header names.
fn guardrail(operation: &Operation) -> Option<String> {
    if let Some(header) = operation.headers().get("x-amzn-bedrock-guardrailidentifier") {
        return header.to_str().ok().map(str::to_owned);
    }
    let (id, _) = operation.path().strip_prefix("/guardrail/")?.split_once('/')?;
    String::from_utf8(percent_decode_str(id).collect()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::media_type::MediaType;

    #[test]
    fn each_operation_has_its_name() {
        let config = Config::builder().region("us-east-1").bearer("key").build().unwrap();
        let invoke = |model: &str| Operation::invoke_stream(model).unwrap();
        let agent = Operation::new("bedrock-agent-runtime", MediaType::EventStream, ["agents", "A", "text"]);
        for (operation, body, name, model, dialect) in [
            (Operation::converse("m").unwrap(), "", "chat", Some("m"), Some("converse")),
            (Operation::converse_stream("m").unwrap(), "", "chat", Some("m"), Some("converse")),
            (invoke("m"), r#"{"messages":[]}"#, "chat", Some("m"), None),
            (invoke("m"), r#"{"prompt":"a"}"#, "text_completion", Some("m"), None),
            (invoke("m"), r#"{"taskType":"TEXT_IMAGE"}"#, "invoke_model", Some("m"), None),
            (
                invoke("amazon.titan-embed-text-v2:0"),
                r#"{"inputText":"a"}"#,
                "embeddings",
                Some("amazon.titan-embed-text-v2:0"),
                None,
            ),
            (Operation::chat(), r#"{"model":"g"}"#, "chat", Some("g"), Some("chat")),
            (Operation::responses_stream(), r#"{"model":"g"}"#, "chat", Some("g"), Some("responses")),
            (Operation::messages(), "{}", "chat", None, Some("messages")),
            (Operation::count_tokens("m").unwrap(), "", "count_tokens", Some("m"), None),
            (Operation::apply_guardrail("g", "1").unwrap(), "", "apply_guardrail", None, None),
            (Operation::invoke_guardrail_checks(), "", "invoke_guardrail_checks", None, None),
            (agent.unwrap(), "", "invoke_agent", None, None),
            (Operation::new("kinesis", MediaType::EventStream, ["a"]).unwrap(), "", "kinesis", None, None),
        ] {
            let subject = Subject::new(&operation, &config, &Bytes::from_static(body.as_bytes()), false);
            assert_eq!((&*subject.operation, subject.model.as_deref()), (name, model), "{operation:?}");
            assert_eq!(subject.dialect, dialect, "{operation:?}");
        }
    }

    #[test]
    fn server_and_guardrail_are_named() {
        let config = Config::builder().endpoint_url("http://localhost:8080/a").bearer("key").build().unwrap();
        let guardrail = Operation::apply_guardrail("arn:a/b", "1").unwrap();
        let subject = Subject::new(&guardrail, &config, &Bytes::new(), true);
        assert_eq!(subject.server, Some(("localhost".into(), 8080)));
        assert_eq!(subject.guardrail.as_deref(), Some("arn:a/b"));
        let body = Bytes::from_static(br#"{"guardrailConfig":{"guardrailIdentifier":"g"},"messages":[]}"#);
        let converse = Operation::converse("m").unwrap();
        assert_eq!(Subject::new(&converse, &config, &body, true).guardrail.as_deref(), Some("g"));
        let config = Config::builder().region("us-east-1").bearer("key").build().unwrap();
        let subject = Subject::new(&converse, &config, &Bytes::new(), false);
        assert_eq!(subject.server, Some(("bedrock-runtime.us-east-1.amazonaws.com".into(), 443)));
    }
}
