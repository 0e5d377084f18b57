use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;

/// Signs with `aws-sigv4`, as an application does that uses that crate without the SDK.
pub(crate) fn sign_by_aws_sigv4(request: &mut http::Request<Bytes>) {
    let identity = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI", None, None, "benches").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("bedrock")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .expect("nothing is missing")
        .into();
    let headers =
        request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let uri = request.uri().to_string();
    let body = SignableBody::Bytes(request.body());
    let signable =
        SignableRequest::new(request.method().as_str(), uri, headers, body).expect("a good request");
    let (instructions, _) = sign(signable, &params).expect("a good request").into_parts();
    instructions.apply_to_request_http1x(request);
}
