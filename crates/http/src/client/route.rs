use crate::config::endpoint::{Endpoint, MANTLE, RUNTIME};

/// Where Chat Completions, Responses and Messages are sent: Bedrock serves each under several paths of two services,
/// but not every model under every path. A request to the wrong one is refused ("isn't supported on this route").
///
/// Source: Amazon Bedrock user guide, "Chat Completions API", "Responses API", "Messages API".
///
/// ```
/// use bedrock_stream_http::{Config, Operation, Route};
///
/// // For all requests ..
/// let config = Config::builder().region("us-east-1").bearer("my-bedrock-api-key").route(Route::Mantle).build()?;
/// assert_eq!(config.route().service(), "bedrock-mantle");
/// // .. or for one.
/// let operation = Operation::chat_stream().route(Route::Runtime);
/// assert_eq!(operation.path(), "/openai/v1/chat/completions");
/// # Ok::<(), bedrock_stream_http::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// `bedrock-runtime`: `/openai/v1/chat/completions`, `/openai/v1/responses` and `/anthropic/v1/messages`. Accepts
    /// the ids of inference profiles.
    #[default]
    Runtime,
    /// `bedrock-mantle`: `/v1/chat/completions`, `/v1/responses` and `/anthropic/v1/messages`.
    Mantle,
    /// `bedrock-mantle`, with OpenAI's operations at the paths that OpenAI's SDKs use, `/openai/v1/chat/completions`
    /// and `/openai/v1/responses`: for newer GPT models.
    MantleOpenAi,
}

impl Route {
    /// The endpoint prefix of the service.
    #[must_use]
    pub const fn service(self) -> &'static str {
        match self {
            Self::Runtime => RUNTIME,
            Self::Mantle | Self::MantleOpenAi => MANTLE,
        }
    }

    /// The service name with which requests are signed.
    #[must_use]
    pub const fn signing_name(self) -> &'static str {
        match self {
            Self::Runtime => "bedrock",
            Self::Mantle | Self::MantleOpenAi => MANTLE,
        }
    }

    /// The route of a URL that is one of AWS's own endpoints, recognized by its entire host.
    pub(crate) fn of_endpoint(endpoint: &Endpoint) -> Option<Self> {
        [Self::Mantle, Self::Runtime].into_iter().find(|route| endpoint.is_of_service(route.service()))
    }
}

/// An operation that has several routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    ChatCompletions,
    Responses,
    Messages,
}

impl Api {
    /// The path after the base URL of the vendor's SDKs.
    pub(crate) const fn resource(self) -> &'static str {
        match self {
            Self::ChatCompletions => "/chat/completions",
            Self::Responses => "/responses",
            Self::Messages => "/v1/messages",
        }
    }

    /// The path of that base URL.
    pub(crate) const fn base_path(self, route: Route) -> &'static str {
        match (self, route) {
            (Self::Messages, _) => "/anthropic",
            (_, Route::Mantle) => "/v1",
            (_, Route::Runtime | Route::MantleOpenAi) => "/openai/v1",
        }
    }

    pub(crate) fn path(self, route: Route) -> String {
        [self.base_path(route), self.resource()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_complete_host_determines_the_route() {
        for (url, route) in [
            ("https://bedrock-mantle.us-east-1.api.aws/openai/v1", Some(Route::Mantle)),
            ("https://bedrock-runtime.us-east-1.amazonaws.com", Some(Route::Runtime)),
            ("https://bedrock-runtime-fips.us-east-1.amazonaws.com", Some(Route::Runtime)),
            ("https://bedrock-runtime.us-east-1.api.aws", Some(Route::Runtime)),
            ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn/openai/v1", Some(Route::Runtime)),
            ("https://bedrock-mantle.us-east-1.api.aws.evil.example", None),
            ("https://bedrock-mantle.us-east-1.amazonaws.com", None),
            ("https://bedrock-mantle-fips.us-east-1.api.aws", None),
            ("https://bedrock-mantle.evil.example", None),
            ("https://bedrock-mantle.a.b.api.aws", None),
            ("https://bedrock-runtimes.us-east-1.amazonaws.com", None),
            ("https://bedrock-runtime.us-east-1.amazonaws.com.cn", None),
            ("http://127.0.0.1:8080", None),
        ] {
            assert_eq!(Route::of_endpoint(&Endpoint::from_url(url).unwrap()), route, "{url}");
        }
    }
}
