use http::HeaderMap;

/// The id under which AWS knows a request, from its response's headers (`x-amzn-RequestId`). The streams and the errors of
/// this crate have it already.
#[must_use]
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amzn-requestid").and_then(|value| value.to_str().ok()).filter(|id| !id.is_empty())
}
