use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use tokio::time::sleep;

use super::body::{Aborted, PacedBody};
use super::connection::ResetHandle;
use super::distinct_log::DistinctLog;
use super::options::Options;
use super::request_body;
use super::requests::{ReceivedRequest, RequestLog};
use super::route::Route;
use super::sent_response::SentResponse;
use crate::dialect::ErrorShape;
use crate::fault::{Fault, Replacement, page};
use crate::rng::Rng;

/// Answers requests.
pub(crate) struct Service {
    /// With the recordings of all folders.
    pub(crate) options: Options,
    pub(crate) state: Arc<ServerState>,
    pub(crate) request_count: AtomicU64,
}

/// What the server shares with the test that runs it.
#[derive(Debug, Default)]
pub(crate) struct ServerState {
    pub(crate) requests: RequestLog,
    pub(crate) open_streams: Arc<AtomicUsize>,
    pub(crate) unapplied_faults: DistinctLog<Fault>,
    pub(crate) unknown_members: DistinctLog<String>,
}

pub(super) type ResponseBody = Either<Full<Bytes>, PacedBody>;

impl Service {
    /// # Errors
    ///
    /// [`Aborted`] resets the connection.
    pub(crate) async fn respond(
        &self,
        request: Request<Incoming>,
        reset_handle: ResetHandle,
    ) -> Result<Response<ResponseBody>, Aborted> {
        let (mut parts, body) = request.into_parts();
        let mut route = Route::of(&parts);
        let body = if route.is_some() {
            request_body::read(&parts, body, self.options.read_timeout).await
        } else {
            request_body::discard(&parts, body);
            Ok(Bytes::new())
        };
        if let (Some(route), Ok(body)) = (&mut route, &body) {
            route.read_model(body);
        }
        let received = received(&mut parts, body.as_ref().ok().cloned().unwrap_or_default(), route.as_ref());
        self.state.requests.push(received.clone());
        if let Some(see) = &self.options.on_request {
            see(&received);
        }

        let dialect = route.as_ref().and_then(|route| route.operation.dialect());
        let shape = dialect.map_or(ErrorShape::Aws, ErrorShape::of);
        let number = self.request_count.fetch_add(1, Ordering::Relaxed);
        let mut faults: Vec<Fault> = self
            .options
            .faults
            .iter()
            .filter(|fault| fault.first.is_none_or(|first| number < first))
            .map(|fault| fault.fault)
            .collect();
        let mut sent = SentResponse::default();
        let answered =
            match faults.iter().find_map(|fault| fault.replacement().filter(Replacement::is_for_everyone)) {
                Some(replacement) => Err(replacement),
                None => body.map_err(Replacement::Refusal).and_then(|body| {
                    let request = (&parts, &*body, &received);
                    self.answer(request, route.as_ref(), &mut faults, &mut sent, &reset_handle)
                }),
            };
        self.state.unapplied_faults.record(&sent.unapplied_faults);
        self.state.unknown_members.record(&sent.unknown_members);
        if let Some(see) = &self.options.on_response {
            sent.answered(&answered);
            see(&received, &sent);
        }
        sleep(faults.iter().map(|fault| fault.head_delay()).sum()).await;
        let full = |response: Response<Bytes>| response.map(Full::new).map(Either::Left);
        let mut response = match answered {
            Ok(response) => response,
            Err(Replacement::Refusal(refusal)) => {
                full(refusal.or_retry_after(self.options.retry_after).into_response(shape))
            }
            Err(Replacement::Body { content_type, body }) => full(page(content_type, body)),
            Err(Replacement::NoResponse) => pending().await,
            Err(Replacement::Reset) => {
                reset_handle.reset();
                return Err(Aborted);
            }
        };
        if let Ok(id) = HeaderValue::try_from(Rng::new(self.options.seed ^ number.rotate_left(32)).uuid()) {
            match shape {
                ErrorShape::Aws => None,
                ErrorShape::OpenAi => response.headers_mut().insert(OPENAI_REQUEST_ID, id.clone()),
                ErrorShape::Anthropic => response.headers_mut().insert(ANTHROPIC_REQUEST_ID, id.clone()),
            };
            response.headers_mut().insert(REQUEST_ID, id);
        }
        Ok(response)
    }
}

fn received(parts: &mut Parts, body: Bytes, route: Option<&Route>) -> ReceivedRequest {
    for name in [AUTHORIZATION, SECURITY_TOKEN, API_KEY] {
        if let Some(value) = parts.headers.get_mut(name) {
            value.set_sensitive(true);
        }
    }
    ReceivedRequest {
        method: parts.method.clone(),
        uri: parts.uri.clone(),
        version: parts.version,
        headers: parts.headers.clone(),
        body,
        operation: route.map(|route| route.operation),
        model_id: route.and_then(|route| route.model_id.clone()),
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const OPENAI_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ANTHROPIC_REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
