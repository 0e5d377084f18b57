use http::HeaderMap;

/// The service's id of a request, from the response headers: AWS's `x-amzn-RequestId`, else OpenAI's `x-request-id`, else Anthropic's
/// `request-id`.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = |name: &&str| headers.get(*name)?.to_str().ok().filter(|id| !id.is_empty());
    NAMES.iter().find_map(id)
}

const NAMES: [&str; 3] = ["x-amzn-requestid", "x-request-id", "request-id"];
