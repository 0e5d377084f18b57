use core::fmt;

use bedrock_stream_core::converse::Request;
use bedrock_stream_core::json::Json;
use bytes::Bytes;
use serde::Serialize;
use serde::ser::Error as _;
use serde_json::Value;

/// A body of an operation: a value that is serialized to JSON, or JSON that is sent byte for byte.
///
/// Wrap a value of any other `Serialize` type in [`Serialized`], or implement this trait for your own request type:
///
/// ```
/// use bedrock_stream_http::IntoBody;
/// use bytes::Bytes;
///
/// #[derive(serde::Serialize)]
/// struct Prompt { prompt: String }
///
/// impl IntoBody for &Prompt {
///     fn into_body(self) -> serde_json::Result<Bytes> {
///         serde_json::to_vec(self).map(Bytes::from)
///     }
/// }
/// # assert_eq!((&Prompt { prompt: "Hi".to_owned() }).into_body().unwrap(), r#"{"prompt":"Hi"}"#);
/// ```
pub trait IntoBody {
    /// Converts into the bytes of the body.
    ///
    /// # Errors
    ///
    /// The serializer's error. Awaiting the request returns it as
    /// [`ErrorDetail::Request`](crate::ErrorDetail::Request).
    fn into_body(self) -> serde_json::Result<Bytes>;
}

impl IntoBody for &Request {
    /// JSON has no number for one that is not finite: `serde_json` would write `null`, with which Bedrock takes its own default.
    fn into_body(self) -> serde_json::Result<Bytes> {
        let config = self.inference_config.iter();
        for (name, number) in
            config.flat_map(|config| [("temperature", config.temperature), ("topP", config.top_p)])
        {
            if let Some(number) = number.filter(|number| !number.is_finite()) {
                return Err(serde_json::Error::custom(format_args!(
                    "`{name}` is {number}, which is not a number of JSON"
                )));
            }
        }
        serde_json::to_vec(self).map(Bytes::from)
    }
}

impl IntoBody for &Value {
    fn into_body(self) -> serde_json::Result<Bytes> {
        serde_json::to_vec(self).map(Bytes::from)
    }
}

impl IntoBody for &Json {
    fn into_body(self) -> serde_json::Result<Bytes> {
        Ok(Bytes::copy_from_slice(self.as_str().as_bytes()))
    }
}

/// A value of any type, which is serialized to JSON as the body of an operation.
///
/// ```
/// use bedrock_stream_http::{IntoBody, Serialized};
///
/// #[derive(serde::Serialize)]
/// struct Prompt { prompt: String }
///
/// let prompt = Prompt { prompt: "Hi".to_owned() };
/// assert_eq!(Serialized(&prompt).into_body().unwrap(), r#"{"prompt":"Hi"}"#);
/// ```
#[derive(Clone, Copy)]
pub struct Serialized<V>(
    /// The value, or a reference to it.
    pub V,
);

impl<V> fmt::Debug for Serialized<V> {
    /// Does not show the value, which may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Serialized").finish_non_exhaustive()
    }
}

impl<V: Serialize> IntoBody for Serialized<V> {
    fn into_body(self) -> serde_json::Result<Bytes> {
        serde_json::to_vec(&self.0).map(Bytes::from)
    }
}

/// These are sent unchanged.
macro_rules! ready_made {
    ($($bytes:ty),*) => {
        $(
            impl IntoBody for $bytes {
                fn into_body(self) -> serde_json::Result<Bytes> {
                    Ok(self.into())
                }
            }
        )*
    };
}

ready_made!(Bytes, Vec<u8>, String, &'static str, &'static [u8]);

#[cfg(test)]
mod tests {
    use super::{IntoBody as _, Request};

    #[test]
    fn a_setting_that_json_has_no_number_for_is_refused() {
        for (request, told) in [
            (Request::new().temperature(f64::NAN), "`temperature` is NaN, which is not a number of JSON"),
            (Request::new().top_p(f64::INFINITY), "`topP` is inf, which is not a number of JSON"),
        ] {
            assert_eq!((&request).into_body().unwrap_err().to_string(), told);
        }
        let body = (&Request::new().temperature(0.5)).into_body().unwrap();
        assert!(body.ends_with(br#""inferenceConfig":{"temperature":0.5}}"#), "{body:?}");
    }
}
