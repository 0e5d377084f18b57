use http::HeaderMap;

/// AWS's id of a request, from the response headers (`x-amzn-RequestId`).
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amzn-requestid").and_then(|value| value.to_str().ok()).filter(|id| !id.is_empty())
}
