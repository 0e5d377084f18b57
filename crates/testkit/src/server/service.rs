use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;

use super::body::{OpenStream, PacedBody, Pacing};
use super::requests::{ReceivedRequest, RequestLog};
use crate::answer::{Answer, ConverseRequest};
use crate::auth::Auth;
use crate::fault::Fault;
use crate::recordings::Recordings;
use crate::refusal::Refusal;
use crate::rng::{Rng, digest};

/// What the server does with a request.
pub(crate) struct Service {
    pub(crate) auth: Auth,
    pub(crate) pacing: Pacing,
    pub(crate) fault: Option<Fault>,
    pub(crate) recordings: Recordings,
    pub(crate) seed: u64,
    pub(crate) shared: Arc<Shared>,
    pub(crate) served: AtomicU64,
}

/// What the server shows to the test that runs it.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) requests: RequestLog,
    pub(crate) open_streams: Arc<AtomicUsize>,
}

type ResponseBody = Either<Full<Bytes>, PacedBody>;

impl Service {
    pub(crate) async fn respond(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<ResponseBody>, Infallible> {
        let (mut parts, body) = request.into_parts();
        let body = read(body).await;
        let route = Route::of(&parts);
        self.keep(&mut parts, body.as_ref().ok().cloned().unwrap_or_default(), &route);
        let answered = if self.fault == Some(Fault::Html) {
            Ok(html())
        } else {
            body.and_then(|body| self.answer(&parts, &body, route))
        };
        let mut response =
            answered.unwrap_or_else(|refusal| refusal.into_response().map(Full::new).map(Either::Left));
        let number = self.served.fetch_add(1, Ordering::Relaxed);
        if let Ok(id) = HeaderValue::try_from(Rng::new(self.seed ^ number.rotate_left(32)).uuid()) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        Ok(response)
    }

    fn answer(&self, parts: &Parts, body: &[u8], route: Route) -> Result<Response<ResponseBody>, Refusal> {
        let Route::ConverseStream { model_id } = route else {
            return Err(Refusal::unknown_operation(parts.method.as_str(), parts.uri.path()));
        };
        self.auth.check(parts, body, SystemTime::now())?;
        if self.fault == Some(Fault::Throttle) {
            return Err(Refusal::throttled());
        }
        let model_id = model_id.ok_or_else(Refusal::unknown_model)?;
        let request = ConverseRequest::parse(body).map_err(|error| Refusal::validation(error.to_string()))?;
        let mut messages = if self.recordings.is_empty() {
            let answer = Answer::to(&request, self.seed ^ digest(body));
            answer.paced(self.pacing.delay).messages().map_err(Refusal::internal)?
        } else {
            self.recordings.get(&model_id).ok_or_else(Refusal::unknown_model)?.clone()
        };
        if let Some(fault) = self.fault {
            fault.apply(&mut messages).map_err(Refusal::internal)?;
        }
        let open = OpenStream::count(&self.shared.open_streams);
        let mut response = Response::new(Either::Right(PacedBody::new(messages, self.pacing, open)));
        response.headers_mut().insert(CONTENT_TYPE, EVENT_STREAM);
        Ok(response)
    }

    fn keep(&self, parts: &mut Parts, body: Bytes, route: &Route) {
        for name in [AUTHORIZATION, SECURITY_TOKEN] {
            if let Some(value) = parts.headers.get_mut(name) {
                value.set_sensitive(true);
            }
        }
        self.shared.requests.push(ReceivedRequest {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            body,
            model_id: match route {
                Route::ConverseStream { model_id } => model_id.clone(),
                Route::Unknown => None,
            },
        });
    }
}

/// The operation that a request calls.
#[derive(Debug, PartialEq, Eq)]
enum Route {
    /// Without a model id where the label in its place is none.
    ConverseStream {
        model_id: Option<String>,
    },
    Unknown,
}

impl Route {
    fn of(parts: &Parts) -> Self {
        let label =
            parts.uri.path().strip_prefix("/model/").and_then(|rest| rest.strip_suffix("/converse-stream"));
        match label {
            Some(label) if parts.method == Method::POST => Self::ConverseStream { model_id: model_id(label) },
            _ => Self::Unknown,
        }
    }
}

/// Reads the label as Bedrock does: one path segment, percent-encoded UTF-8, of 1 to 2,048 characters.
fn model_id(label: &str) -> Option<String> {
    let id = percent_decode_str(label).decode_utf8().ok()?;
    let fits = !label.contains('/') && (1..=MAX_MODEL_ID_LEN).contains(&id.chars().count());
    fits.then(|| id.into_owned())
}

async fn read(body: Incoming) -> Result<Bytes, Refusal> {
    match Limited::new(body, MAX_BODY_LEN).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::too_large(MAX_BODY_LEN)),
        Err(error) => Err(Refusal::unreadable(chain(&*error))),
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn html() -> Response<ResponseBody> {
    let mut response = Response::new(Either::Left(Full::new(Bytes::from_static(PAGE))));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("application/vnd.amazon.eventstream");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
/// Bedrock's own limit for the body of an invoke, in bytes.
const MAX_BODY_LEN: usize = 25_000_000;
const MAX_MODEL_ID_LEN: usize = 2048;
const PAGE: &[u8] =
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body><h1>Sign in to this network\
                      </h1></body></html>\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: Method, path: &str) -> Route {
        let request = Request::builder().method(method).uri(path).body(()).expect("the path is valid");
        Route::of(&request.into_parts().0)
    }

    fn model(path: &str) -> Option<String> {
        match route(Method::POST, path) {
            Route::ConverseStream { model_id } => model_id,
            Route::Unknown => panic!("{path} is no ConverseStream"),
        }
    }

    #[test]
    fn the_label_is_one_encoded_segment() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-v1:0";
        let path = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-v1%3A0/converse-stream";
        assert_eq!(model(path).as_deref(), Some(arn));
        assert_eq!(model("/model/a.b-v1:0/converse-stream?x=1").as_deref(), Some("a.b-v1:0"));
        assert_eq!(model("/model/a/b/converse-stream"), None);
        assert_eq!(model("/model/%ff/converse-stream"), None);
        assert_eq!(model("/model//converse-stream"), None);
        assert_eq!(model(&format!("/model/{}/converse-stream", "a".repeat(2049))), None);
    }

    #[test]
    fn other_methods_and_paths_are_no_operation() {
        assert_eq!(route(Method::GET, "/model/m/converse-stream"), Route::Unknown);
        for path in
            ["/", "/model/", "/model/converse-stream", "/model/m/converse", "/prefix/model/m/converse-stream"]
        {
            assert_eq!(route(Method::POST, path), Route::Unknown, "{path}");
        }
    }
}
