use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::Version;
use http::header::HOST;
use http::request::Parts;

use super::canonical_request::{self, AUTHORITY};
use super::{Auth, Credentials, constant_time_eq, date, is_model};
use crate::refusal::Refusal;

/// The parameters of a SigV4 `Authorization` header.
///
/// Source: AWS, "Create a signed AWS API request".
#[derive(Debug)]
pub(super) struct Signature<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    terminator: &'a str,
    signed_headers: BTreeSet<&'a str>,
    signature: &'a str,
}

impl<'a> Signature<'a> {
    /// Reads what follows the name of the algorithm.
    pub(super) fn parse(parameters: &'a str) -> Result<Self, Refusal> {
        let parameters: BTreeMap<&str, &str> =
            parameters.split(',').filter_map(|parameter| parameter.trim().split_once('=')).collect();
        let parameter = |name| {
            parameters.get(name).copied().filter(|value| !value.is_empty()).ok_or_else(|| {
                Refusal::incomplete_signature(format!("Authorization header requires '{name}' parameter."))
            })
        };
        let credential = parameter("Credential")?;
        // Split from the right: the access key id is the only part whose characters AWS does not define.
        let mut scope = credential.rsplitn(5, '/');
        let mut next = || {
            scope.next().filter(|part| !part.is_empty()).ok_or_else(|| {
                Refusal::incomplete_signature(
                    "Credential must have exactly 5 slash-delimited elements, e.g. \
                     keyid/date/region/service/term.",
                )
            })
        };
        let (terminator, service, region, date, access_key_id) =
            (next()?, next()?, next()?, next()?, next()?);
        let signed_headers = parameter("SignedHeaders")?.split(';').collect();
        Ok(Self {
            access_key_id,
            date,
            region,
            service,
            terminator,
            signed_headers,
            signature: parameter("Signature")?,
        })
    }

    /// Signs the request as it arrived, with the caller's expected credentials, and compares the signatures.
    pub(super) fn verify(
        &self,
        request: &Parts,
        body: &[u8],
        auth: &Auth,
        now: SystemTime,
    ) -> Result<(), Refusal> {
        let headers = self.headers(request)?;
        let (time, date) = self.time(&headers, now)?;
        self.check_scope(auth.region.as_deref(), is_model(request))?;
        let credentials = auth
            .credentials
            .iter()
            .find(|credentials| credentials.access_key_id == self.access_key_id)
            .ok_or_else(Refusal::unrecognized_client)?;
        check_session_token(request, credentials)?;
        let hash = canonical_request::hash(request, &headers, body);
        let scope = format!("{}/{}/{}/{}", self.date, self.region, self.service, self.terminator);
        let text = format!("{ALGORITHM}\n{date}\n{scope}\n{hash}");
        let key = generate_signing_key(&credentials.secret_access_key, time, self.region, self.service);
        if constant_time_eq(&calculate_signature(key, text.as_bytes()), self.signature) {
            Ok(())
        } else {
            Err(Refusal::invalid_signature(MISMATCH))
        }
    }

    /// The signed headers as they arrived, by name. In HTTP/2 the host is `:authority`, and clients sign it under
    /// either name.
    fn headers<'r>(&self, request: &'r Parts) -> Result<Vec<(&'a str, &'r str)>, Refusal> {
        let authority = request.uri.authority().filter(|_| request.version == Version::HTTP_2);
        let mut headers = Vec::new();
        for &name in &self.signed_headers {
            let values = request.headers.get_all(name);
            let found = headers.len();
            for value in values {
                let value = std::str::from_utf8(value.as_bytes()).map_err(|_| {
                    Refusal::invalid_signature(format!("The signed header '{name}' is not UTF-8."))
                })?;
                headers.push((name, value));
            }
            if headers.len() == found {
                let authority = authority.filter(|_| name == HOST.as_str() || name == AUTHORITY);
                let authority = authority.ok_or_else(|| Refusal::invalid_signature(MISMATCH))?;
                headers.push((name, authority.as_str()));
            }
        }
        if !self.signed_headers.contains(HOST.as_str()) && !self.signed_headers.contains(AUTHORITY) {
            return Err(Refusal::invalid_signature(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        Ok(headers)
    }

    /// When the request was signed, and the text that says so: `x-amz-date`, at most five minutes from now.
    fn time<'r>(
        &self,
        headers: &[(&str, &'r str)],
        now: SystemTime,
    ) -> Result<(SystemTime, &'r str), Refusal> {
        let &(_, text) = headers.iter().find(|(name, _)| *name == "x-amz-date").ok_or_else(|| {
            Refusal::incomplete_signature(
                "Authorization header requires existence of a signed 'X-Amz-Date' header.",
            )
        })?;
        let time = date::parse(text).ok_or_else(|| {
            Refusal::incomplete_signature("Date must be in ISO-8601 'basic format', e.g. 20150830T123600Z.")
        })?;
        if !text.starts_with(self.date) || self.date.len() != DATE_LEN {
            return Err(Refusal::invalid_signature(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != \
                 '{}', from '{text}'.",
                self.date,
                &text[..DATE_LEN]
            )));
        }
        let (earliest, latest) = (now - MAX_SKEW, now + MAX_SKEW);
        let at = date::format;
        if time < earliest {
            return Err(Refusal::invalid_signature(format!(
                "Signature expired: {text} is now earlier than {} ({} - 5 min.)",
                at(earliest),
                at(now)
            )));
        }
        if time > latest {
            return Err(Refusal::invalid_signature(format!(
                "Signature not yet current: {text} is still later than {} ({} + 5 min.)",
                at(latest),
                at(now)
            )));
        }
        Ok((time, text))
    }

    fn check_scope(&self, region: Option<&str>, is_model: bool) -> Result<(), Refusal> {
        let problem = if self.terminator != "aws4_request" {
            "Credential should be scoped with a valid terminator: 'aws4_request'.".to_owned()
        } else if self.service != SERVICE && (is_model || self.service != MANTLE_SERVICE) {
            format!("Credential should be scoped to correct service: '{SERVICE}'.")
        } else if let Some(region) = region.filter(|region| *region != self.region) {
            format!(
                "Credential should be scoped to a valid region, not '{}': this is '{region}'.",
                self.region
            )
        } else {
            return Ok(());
        };
        Err(Refusal::invalid_signature(problem))
    }
}

/// Temporary credentials need their token, and long-term ones must not have one.
fn check_session_token(request: &Parts, credentials: &Credentials) -> Result<(), Refusal> {
    let token = request.headers.get("x-amz-security-token").map(|value| value.to_str().unwrap_or_default());
    let known = match (&credentials.session_token, token) {
        (None, None) => true,
        (Some(expected), Some(token)) => constant_time_eq(expected, token),
        _ => false,
    };
    if known { Ok(()) } else { Err(Refusal::unrecognized_client()) }
}

/// What the `Authorization` header starts with.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "bedrock";
/// The signing name of `bedrock-mantle`, which serves server-sent events on the same paths.
const MANTLE_SERVICE: &str = "bedrock-mantle";
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);
/// The length of `YYYYMMDD`.
const DATE_LEN: usize = 8;
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";
