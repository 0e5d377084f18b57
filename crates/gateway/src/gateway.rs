use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::ids::request_id;
use crate::metrics::CONTENT_TYPE;
use crate::problem::Problem;
use crate::response_body::ResponseBody;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;
use crate::{answers, count_tokens, models, pass_through, respond};

/// The service. Cheap to clone; clones share their settings, their limits and their counts.
///
/// It is a [`tower_service::Service`] of requests with any body, so it can be served by hyper, by axum (as a fallback service) or
/// by [`Server`](crate::Server). It needs a tokio runtime with time. Dropping a response cancels the request to Bedrock.
#[derive(Clone, Debug)]
pub struct Gateway(Arc<State>);

impl Gateway {
    pub(crate) fn of(state: State) -> Self {
        Self(Arc::new(state))
    }

    /// Whether clients need a key.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        !self.0.options.keys.is_empty()
    }

    /// The text of `/metrics`.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.0.metrics.text()
    }

    /// How many answers are open.
    #[must_use]
    pub fn open_answers(&self) -> usize {
        self.0.options.max_streams - self.0.streams.available_permits()
    }

    async fn respond<B>(self, request: Request<B>) -> Response<ResponseBody>
    where
        B: Body<Error: Send> + Send + 'static,
        B::Data: Send,
    {
        let state = self.0;
        let (parts, body) = request.into_parts();
        let route = Route::of(&parts.method, &parts.uri);
        let request_id = request_id(&parts.headers);
        let watch = Watch::new(Arc::clone(&state), &route, &parts, request_id.clone());
        let mut response = if parts.method == Method::OPTIONS && state.options.cors.is_some() {
            respond::preflight(watch)
        } else if route != Route::Health && !state.options.keys.allow(&parts.headers) {
            // AWS's SDKs do not handle 401.
            let status = if route.is_bedrock() { 403 } else { 401 };
            let problem = Problem::refused(status, "the gateway's API key is missing or wrong");
            respond::problem(&problem, &route, parts.uri.path(), watch)
        } else {
            match &route {
                Route::Answer(api) => answers::answer(&state, *api, &parts, body, watch).await,
                Route::CountTokens => count_tokens::count_tokens(&state, &parts, body, watch).await,
                Route::Models => models::list(&state, watch),
                Route::Model(name) => models::one(&state, name, &parts, watch),
                Route::ConverseStream(model) | Route::InvokeStream(model) => {
                    pass_through::pass(&state, &route, model, &parts, body, watch).await
                }
                Route::Health => plain("ok\n", "text/plain; charset=utf-8", watch),
                Route::Metrics => plain(state.metrics.text(), CONTENT_TYPE, watch),
                Route::WrongMethod(allowed) => {
                    let message = format!("{} is not allowed here, but {allowed} is", parts.method);
                    respond::problem(&Problem::refused(405, message), &route, parts.uri.path(), watch)
                }
                Route::Unknown => {
                    let message = format!("there is nothing at {}", parts.uri.path().escape_debug());
                    respond::problem(&Problem::refused(404, message), &route, parts.uri.path(), watch)
                }
            }
        };
        respond::finish(&mut response, &request_id, &state);
        let status = response.status();
        response.body_mut().status(status);
        response
    }
}

fn plain(text: impl Into<Bytes>, content_type: &str, mut watch: Watch) -> Response<ResponseBody> {
    watch.answered();
    let mut response = Response::new(ResponseBody::full(text, watch));
    respond::set(&mut response, http::header::CONTENT_TYPE, content_type);
    response
}

impl<B> Service<Request<B>> for Gateway
where
    B: Body<Error: Send> + Send + 'static,
    B::Data: Send,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let gateway = self.clone();
        Box::pin(async move { Ok(gateway.respond(request).await) })
    }
}
