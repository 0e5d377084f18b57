use http::{Method, Uri};
use percent_encoding::percent_decode_str;

use crate::api::Api;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Answer(Api),
    CountTokens,
    Models,
    /// One of them, by name.
    Model(String),
    ConverseStream(String),
    InvokeStream(String),
    Health,
    Metrics,
    /// A path that exists for these methods.
    WrongMethod(&'static str),
    Unknown,
}

impl Route {
    pub(crate) fn of(method: &Method, uri: &Uri) -> Self {
        let path = uri.path();
        let (route, allowed) = match path {
            "/v1/chat/completions" => (Self::Answer(Api::Chat), Method::POST),
            "/v1/responses" => (Self::Answer(Api::Responses), Method::POST),
            "/v1/messages" => (Self::Answer(Api::Messages), Method::POST),
            "/v1/messages/count_tokens" => (Self::CountTokens, Method::POST),
            "/v1/models" => (Self::Models, Method::GET),
            "/healthz" => (Self::Health, Method::GET),
            "/metrics" => (Self::Metrics, Method::GET),
            _ => match Self::with_label(path) {
                Some(route) => route,
                None => return Self::Unknown,
            },
        };
        match *method == allowed || (*method == Method::HEAD && allowed == Method::GET) {
            true => route,
            false if allowed == Method::POST => Self::WrongMethod("POST"),
            false => Self::WrongMethod("GET, HEAD"),
        }
    }

    /// The dialect in which an error is reported.
    pub(crate) fn api(path: &str) -> Api {
        match path {
            _ if path.starts_with("/v1/messages") => Api::Messages,
            _ if path.starts_with("/v1/responses") => Api::Responses,
            _ => Api::Chat,
        }
    }

    /// Its name in logs and metrics.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Answer(api) => api.name(),
            Self::CountTokens => "count_tokens",
            Self::Models | Self::Model(_) => "models",
            Self::ConverseStream(_) => "converse_stream",
            Self::InvokeStream(_) => "invoke_stream",
            Self::Health => "healthz",
            Self::Metrics => "metrics",
            Self::WrongMethod(_) | Self::Unknown => "unknown",
        }
    }

    /// Whether it is for a model's answer.
    pub(crate) const fn is_answer(&self) -> bool {
        matches!(self, Self::Answer(_) | Self::ConverseStream(_) | Self::InvokeStream(_))
    }

    /// Whether a path is one that AWS's SDKs ask for, who read errors in AWS's shape.
    pub(crate) fn is_bedrock(path: &str) -> bool {
        path.starts_with("/model/")
    }

    fn with_label(path: &str) -> Option<(Self, Method)> {
        if let Some(name) = path.strip_prefix("/v1/models/") {
            return Some((Self::Model(decoded(name)?), Method::GET));
        }
        let rest = path.strip_prefix("/model/")?;
        let (label, operation) = rest.rsplit_once('/')?;
        let model = decoded(label).filter(|_| !label.contains('/'))?;
        let route = match operation {
            "converse-stream" => Self::ConverseStream(model),
            "invoke-with-response-stream" => Self::InvokeStream(model),
            _ => return None,
        };
        Some((route, Method::POST))
    }
}

fn decoded(label: &str) -> Option<String> {
    let text = percent_decode_str(label).decode_utf8().ok()?;
    (!text.is_empty()).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use http::{Method, Uri};

    use super::Route;
    use crate::api::Api;

    fn route(method: Method, path: &'static str) -> Route {
        Route::of(&method, &Uri::from_static(path))
    }

    #[test]
    fn paths_have_their_routes() {
        assert_eq!(route(Method::POST, "/v1/messages?beta=true"), Route::Answer(Api::Messages));
        assert_eq!(route(Method::GET, "/v1/messages"), Route::WrongMethod("POST"));
        assert_eq!(route(Method::HEAD, "/healthz"), Route::Health);
        assert_eq!(route(Method::POST, "/v1/embeddings"), Route::Unknown);
        assert_eq!(route(Method::GET, "/v1/models/claude%20x"), Route::Model("claude x".to_owned()));
        let arn = "arn:aws:bedrock:us-east-1:1:inference-profile/x";
        assert_eq!(
            route(
                Method::POST,
                "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse-stream"
            ),
            Route::ConverseStream(arn.to_owned())
        );
        for path in [
            "/model//converse-stream",
            "/model/a/b/converse-stream",
            "/model/a/converse",
            "/model/%ff/converse-stream",
        ] {
            assert_eq!(route(Method::POST, path), Route::Unknown, "{path}");
        }
    }
}
