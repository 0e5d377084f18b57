use http::{HeaderMap, HeaderName};

/// The service's id of a request, from the response headers: AWS's `x-amzn-RequestId`, else OpenAI's `x-request-id`, else Anthropic's
/// `request-id`.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = |name: &HeaderName| headers.get(name)?.to_str().ok().filter(|id| !id.is_empty());
    NAMES.iter().find_map(id)
}

static NAMES: [HeaderName; 3] = [
    HeaderName::from_static("x-amzn-requestid"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
];
