use core::fmt::Write as _;
use core::time::Duration;
use std::time::SystemTime;

use bedrock_stream_core::json::Blob;
use percent_encoding::utf8_percent_encode;

use super::amz_date::AmzDate;
use super::bearer_token::BearerToken;
use super::credentials::Credentials;
use super::sigv4::{ALGORITHM, ENCODED, SignatureError, SigningScope, checked, presigned};

impl BearerToken {
    /// A short-term Bedrock API key (`bedrock-api-key-..`), made from AWS credentials without asking AWS: a presigned request
    /// for `CallWithBearerToken`. It grants what the credentials do in `region`, from `time` on, for `lifetime`, which AWS limits
    /// to 12 hours, and at most as long as the credentials are valid.
    ///
    /// # Errors
    ///
    /// [`SignatureError`].
    ///
    /// Source: Amazon Bedrock user guide, "Generate an Amazon Bedrock API key"; AWS's `aws-bedrock-token-generator`.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use bedrock_stream_http::{Auth, BearerToken, Config, Credentials, Operation};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (credentials, now) = (Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG"), SystemTime::now());
    /// let token = BearerToken::short_term(&credentials, "us-east-1", Duration::from_secs(3600), now)?;
    /// // For a program that has no credentials of its own.
    /// let config = Config::builder().region("us-east-1").auth(Auth::Bearer(token)).build()?;
    /// let request = config.request(&Operation::converse("us.amazon.nova-lite-v1:0")?, "{}".into(), now).await?;
    /// assert!(request.headers()["authorization"].to_str()?.starts_with("Bearer bedrock-api-key-"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn short_term(
        credentials: &Credentials,
        region: &str,
        lifetime: Duration,
        time: SystemTime,
    ) -> Result<Self, SignatureError> {
        let scope = SigningScope { region, service: "bedrock" };
        let token = checked(credentials, scope)?;
        let date = AmzDate::new(time).ok_or(SignatureError::Time)?;
        let [day, date_text] = [&date.as_bytes()[..8], date.as_bytes()].map(String::from_utf8_lossy);
        let id = credentials.access_key_id();
        let credential = format!("{id}/{day}/{region}/bedrock/aws4_request");
        let algorithm = String::from_utf8_lossy(ALGORITHM);
        let seconds = lifetime.min(MAX_LIFETIME).as_secs().max(1).to_string();
        let mut query = String::from("Action=CallWithBearerToken");
        for (name, value) in [
            ("X-Amz-Algorithm", Some(&*algorithm)),
            ("X-Amz-Credential", Some(&credential)),
            ("X-Amz-Date", Some(&date_text)),
            ("X-Amz-Expires", Some(&seconds)),
            ("X-Amz-SignedHeaders", Some("host")),
            ("X-Amz-Security-Token", token),
        ] {
            if let Some(value) = value {
                // Writing to a `String` cannot fail.
                let _ = write!(query, "&{name}={}", utf8_percent_encode(value, ENCODED));
            }
        }
        let signature = presigned("POST", HOST, &query, credentials, scope, &date);
        let signature = String::from_utf8_lossy(&signature);
        let url = format!("{HOST}/?{query}&X-Amz-Signature={signature}&Version=1");
        Ok(Self::new(format!("bedrock-api-key-{}", Blob::from(url.into_bytes()).to_base64())))
    }
}

/// The host is the same for every region; the region is in the scope of the signature.
const HOST: &str = "bedrock.amazonaws.com";
/// The longest lifetime that AWS accepts.
const MAX_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
