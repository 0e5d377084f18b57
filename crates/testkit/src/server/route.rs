use bedrock_stream_dialects::Dialect;
use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::matcher::RequestDialect;

/// An operation that the fake supports.
///
/// ```
/// use bedrock_stream_testkit::{Conclusion, Fault, Operation};
///
/// // In Messages the usage comes with the proof, so there is no such event to leave out.
/// let without_usage: Fault = "drop:metadata".parse()?;
/// assert_eq!(
///     without_usage.conclusions_in(Operation::ConverseStream, "us.amazon.nova-lite-v1:0"),
///     [Conclusion::Complete]
/// );
/// assert!(without_usage.conclusions_in(Operation::Messages, "anthropic.claude-3-haiku-20240307-v1:0").is_empty());
/// # Ok::<(), bedrock_stream_testkit::UnknownFault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /model/{id}/converse`.
    Converse,
    /// `POST /model/{id}/converse-stream`.
    ConverseStream,
    /// `POST /model/{id}/invoke`.
    InvokeModel,
    /// `POST /model/{id}/invoke-with-response-stream`.
    InvokeModelWithResponseStream,
    /// `POST /model/{id}/count-tokens`.
    CountTokens,
    /// `POST /guardrail/{id}/version/{version}/apply`.
    ApplyGuardrail,
    /// `POST /guardrail-checks/invoke`.
    InvokeGuardrailChecks,
    /// `POST /openai/v1/chat/completions` and `/v1/chat/completions`.
    ChatCompletions,
    /// `POST /openai/v1/responses` and `/v1/responses`.
    Responses,
    /// `POST /anthropic/v1/messages`.
    Messages,
    /// `POST /anthropic/v1/messages/count_tokens`.
    CountMessageTokens,
}

/// The operation and model of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) operation: Operation,
    /// None if the label is not a valid model id, or if the body names no model. A guardrail's id for `ApplyGuardrail`.
    pub(crate) model_id: Option<String>,
}

impl Operation {
    /// What follows the model id in the path.
    const PATH_ENDS: [(Self, &'static str); 5] = [
        (Self::Converse, "/converse"),
        (Self::ConverseStream, "/converse-stream"),
        (Self::InvokeModel, "/invoke"),
        (Self::InvokeModelWithResponseStream, "/invoke-with-response-stream"),
        (Self::CountTokens, "/count-tokens"),
    ];
    /// Paths without a model id: the body names the model, if there is one.
    const PATHS: [(Self, &'static str); 7] = [
        (Self::ChatCompletions, "/openai/v1/chat/completions"),
        (Self::ChatCompletions, "/v1/chat/completions"),
        (Self::Responses, "/openai/v1/responses"),
        (Self::Responses, "/v1/responses"),
        (Self::Messages, "/anthropic/v1/messages"),
        (Self::CountMessageTokens, "/anthropic/v1/messages/count_tokens"),
        (Self::InvokeGuardrailChecks, "/guardrail-checks/invoke"),
    ];

    /// The dialect of an operation that answers with server-sent events, or with JSON of the same dialect.
    pub(crate) const fn dialect(self) -> Option<Dialect> {
        match self {
            Self::ChatCompletions => Some(Dialect::Chat),
            Self::Responses => Some(Dialect::Responses),
            Self::Messages | Self::CountMessageTokens => Some(Dialect::Messages),
            _ => None,
        }
    }

    /// What its requests look like; none for those of guardrails.
    pub(crate) const fn request_dialect(self) -> Option<RequestDialect> {
        Some(match self {
            Self::Converse | Self::ConverseStream | Self::CountTokens => RequestDialect::Converse,
            Self::InvokeModel | Self::InvokeModelWithResponseStream => RequestDialect::Invoke,
            Self::ChatCompletions => RequestDialect::Chat,
            Self::Responses => RequestDialect::Responses,
            Self::Messages | Self::CountMessageTokens => RequestDialect::Messages,
            Self::ApplyGuardrail | Self::InvokeGuardrailChecks => return None,
        })
    }

    /// Whether its request is answered with one JSON object that contains nothing from a model.
    pub(crate) const fn is_plain(self) -> bool {
        matches!(
            self,
            Self::CountTokens | Self::ApplyGuardrail | Self::InvokeGuardrailChecks | Self::CountMessageTokens
        )
    }
}

impl Route {
    pub(crate) fn of(parts: &Parts) -> Option<Self> {
        let path = parts.uri.path();
        if parts.method != Method::POST {
            return None;
        }
        if let Some(rest) = path.strip_prefix("/model/") {
            return Operation::PATH_ENDS.into_iter().find_map(|(operation, end)| {
                let label = rest.strip_suffix(end)?;
                Some(Self { operation, model_id: model_id(label) })
            });
        }
        if let Some(rest) = path.strip_prefix("/guardrail/") {
            let (label, _version) = rest.strip_suffix("/apply")?.split_once("/version/")?;
            return Some(Self { operation: Operation::ApplyGuardrail, model_id: model_id(label) });
        }
        let (operation, _) = Operation::PATHS.into_iter().find(|(_, known)| *known == path)?;
        Some(Self { operation, model_id: None })
    }

    /// Reads the model from the body, if the path has none.
    pub(crate) fn read_model(&mut self, body: &[u8]) {
        if self.operation.dialect().is_some() {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            self.model_id = body["model"].as_str().map(str::to_owned);
        }
    }
}

/// Reads the label as Bedrock does: one path segment, percent-encoded UTF-8, of 1 to 2,048 characters.
fn model_id(label: &str) -> Option<String> {
    let id = percent_decode_str(label).decode_utf8().ok()?;
    let fits = !label.contains('/') && (1..=MAX_MODEL_ID_LEN).contains(&id.chars().count());
    fits.then(|| id.into_owned())
}

const MAX_MODEL_ID_LEN: usize = 2048;

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn route(method: Method, path: &str) -> Option<Route> {
        let request = Request::builder().method(method).uri(path).body(()).expect("the path is valid");
        Route::of(&request.into_parts().0)
    }

    fn model(path: &str) -> Option<String> {
        route(Method::POST, path).unwrap_or_else(|| panic!("{path} is no operation")).model_id
    }

    #[test]
    fn the_label_is_one_encoded_segment() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-v1:0";
        let path = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-v1%3A0/converse-stream";
        assert_eq!(model(path).as_deref(), Some(arn));
        assert_eq!(model("/model/a.b-v1:0/converse-stream?x=1").as_deref(), Some("a.b-v1:0"));
        assert_eq!(model("/model/a/b/converse-stream"), None);
        assert_eq!(model("/model/%ff/converse-stream"), None);
        assert_eq!(model("/model//converse-stream"), None);
        assert_eq!(model(&format!("/model/{}/converse-stream", "a".repeat(2049))), None);
    }

    #[test]
    fn each_operation_has_its_path() {
        for (operation, end) in Operation::PATH_ENDS {
            let found = route(Method::POST, &format!("/model/m{end}"));
            assert_eq!(found, Some(Route { operation, model_id: Some("m".to_owned()) }));
        }
        for (operation, path) in Operation::PATHS {
            let mut found = route(Method::POST, path).expect("it is an operation");
            assert_eq!(found, Route { operation, model_id: None });
            found.read_model(br#"{"model":"m"}"#);
            assert_eq!(found.model_id.as_deref(), operation.dialect().map(|_| "m"));
            found.read_model(b"{");
            assert_eq!(found.model_id, None);
        }
        let found = route(Method::POST, "/guardrail/g%3A1/version/DRAFT/apply").expect("it is an operation");
        let expected = Route { operation: Operation::ApplyGuardrail, model_id: Some("g:1".to_owned()) };
        assert_eq!(found, expected);
    }

    #[test]
    fn other_methods_and_paths_are_no_operation() {
        assert_eq!(route(Method::GET, "/model/m/converse-stream"), None);
        for path in [
            "/",
            "/model/",
            "/model/converse-stream",
            "/model/m/async-invoke",
            "/prefix/model/m/converse-stream",
        ] {
            assert_eq!(route(Method::POST, path), None, "{path}");
        }
    }
}
