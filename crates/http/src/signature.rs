use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{self, SignableBody, SignableRequest, SigningSettings};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::HeaderValue;
use http::header::AUTHORIZATION;

use crate::credentials::Credentials;

/// Signs a request as it will be sent (AWS Signature Version 4, service `bedrock`): adds `x-amz-date`, `authorization`
/// and, for temporary credentials, `x-amz-security-token`, which is signed too.
///
/// The URI must be absolute. Whatever sends the request must send its path and its headers unchanged, and as `Host` the
/// URI's authority. The path on the wire is encoded once; the signature covers it encoded once more.
///
/// # Errors
///
/// [`SignatureError`] where the request or the credentials hold what no header or URI may.
///
/// Source: "AWS Signature Version 4 for API requests" (IAM user guide).
pub fn sign(
    request: &mut http::Request<Bytes>,
    credentials: &Credentials,
    region: &str,
    time: SystemTime,
) -> Result<(), SignatureError> {
    let is_header = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    let session_token = credentials.session_token();
    if !is_header(credentials.access_key_id()) || !session_token.is_none_or(is_header) {
        return Err(SignatureError::Credentials);
    }
    if !is_header(region) {
        return Err(SignatureError::Region { region: region.to_owned() });
    }
    if request.uri().host().is_none() {
        return Err(SignatureError::NoHost);
    }
    let identity = AwsCredentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        session_token.map(str::to_owned),
        None,
        "bedrock-stream",
    )
    .into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(time)
        // The defaults: the path is encoded twice, the session token signed, the body's checksum in no header.
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| SignatureError::Signer { cause: error.to_string() })?
        .into();
    let instructions = {
        let headers =
            request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(request.body()),
        )
        .map_err(signer)?;
        http_request::sign(signable, &params).map_err(signer)?.into_parts().0
    };
    instructions.apply_to_request_http1x(request);
    for name in [AUTHORIZATION.as_str(), SECURITY_TOKEN] {
        if let Some(value) = request.headers_mut().get_mut(name) {
            HeaderValue::set_sensitive(value, true);
        }
    }
    Ok(())
}

/// Why a request could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The access key id or the session token is empty or holds what no header may: a line break, say.
    #[error(
        "the access key id or the session token is empty, or holds a space, a line break or another character that no \
         header may"
    )]
    Credentials,
    /// The region is empty or holds what no header may.
    #[error("\"{}\" is not the name of an AWS region, such as us-east-1", region.escape_debug())]
    Region {
        /// The region.
        region: String,
    },
    /// The request's URI names no host.
    #[error("the request's URI has no host")]
    NoHost,
    /// The signing library refused the request.
    #[error("the request cannot be signed: {cause}")]
    Signer {
        /// What it said.
        cause: String,
    },
}

fn signer(error: http_request::SigningError) -> SignatureError {
    SignatureError::Signer { cause: crate::error::chain(&error) }
}

/// The name that Bedrock's signatures are made for, whichever of its endpoints they go to.
const SERVICE: &str = "bedrock";
pub(crate) const SECURITY_TOKEN: &str = "x-amz-security-token";
