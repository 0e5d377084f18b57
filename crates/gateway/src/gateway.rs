use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::EXPECT;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Version};
use http_body::Body;
use prometheus_client::metrics::gauge::Gauge;
use tower_service::Service;

use crate::api_keys::{ApiKeys, Key};
use crate::discard::discard;
use crate::foreign_page::is_foreign_page;
use crate::ids::request_id;
use crate::problem::Problem;
use crate::response_body::ResponseBody;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;
use crate::{answers, count_tokens, models, pass_through, respond};

/// The service. Cheap to clone; clones share their settings, their limits and their counts.
///
/// It is a [`tower_service::Service`] of requests with any body, so it can be served by hyper, by axum (as a fallback service) or
/// by [`Server`](crate::Server). It needs a tokio runtime with time, and panics without one. Dropping a response cancels the
/// request to Bedrock, and so does dropping the future of a call, which is not cancel safe.
#[derive(Clone, Debug)]
pub struct Gateway {
    state: Arc<State>,
    scope: Scope,
}

/// Which of its routes a gateway serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    All,
    AllButMetrics,
    OnlyMetrics,
}

impl Gateway {
    pub(crate) fn of(state: State) -> Self {
        Self { state: Arc::new(state), scope: Scope::All }
    }

    /// Whether clients need a key.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        !self.state.keys().is_empty()
    }

    /// Replaces the keys that clients may use, from the next request on: those of the builder too. Returns whether it did: a gateway
    /// that has keys does not take an empty set, with which it would be open to everyone.
    ///
    /// ```
    /// # use bedrock_stream_hyper::{Auth, Client, Config};
    /// use bedrock_stream_gateway::{ApiKeys, Gateway};
    ///
    /// # let client = Client::new(Config::builder().endpoint_url("http://127.0.0.1:1").auth(Auth::None).build()?)?;
    /// let gateway = Gateway::builder(client).api_key("sk-old").build();
    /// assert!(gateway.replace_api_keys(ApiKeys::new().key("sk-new").named("search", "sk-search")));
    /// assert!(!gateway.replace_api_keys(ApiKeys::new()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "an empty set is not taken"]
    pub fn replace_api_keys(&self, keys: ApiKeys) -> bool {
        let is_taken = !(keys.is_empty() && self.has_keys());
        if is_taken {
            self.state.replace_keys(keys);
        }
        is_taken
    }

    /// From now on `/healthz` answers 503, here and on the listener of [`only_metrics`](Self::only_metrics), so that load balancers
    /// send nothing more, and a request of whose body nothing arrives for five seconds is refused with 503; everything else goes on.
    /// [`Server::serve`](crate::Server::serve) does it when its shutdown begins.
    pub fn start_draining(&self) {
        // A listener that only reports does not end the others.
        if self.scope != Scope::OnlyMetrics {
            self.state.draining.send_replace(true);
        }
    }

    /// The same gateway without `/metrics`, for where [`only_metrics`](Self::only_metrics) is served elsewhere.
    #[must_use]
    pub fn without_metrics(&self) -> Self {
        Self { scope: Scope::AllButMetrics, ..self.clone() }
    }

    /// The same gateway with nothing but `/metrics` and `/healthz`, for a listener of its own, whose connections do not wait for
    /// clients' to be closed: it asks for no key, since it leads nowhere.
    ///
    /// ```no_run
    /// # async fn run(gateway: bedrock_stream_gateway::Gateway) -> Result<(), bedrock_stream_gateway::BindError> {
    /// use bedrock_stream_gateway::Server;
    ///
    /// let metrics = Server::bind(([10, 0, 0, 1], 9090).into(), gateway.only_metrics()).await?;
    /// let server = Server::bind(([127, 0, 0, 1], 8080).into(), gateway.without_metrics()).await?;
    /// tokio::spawn(metrics.serve(std::future::pending()));
    /// server.serve(std::future::pending()).await;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn only_metrics(&self) -> Self {
        Self { scope: Scope::OnlyMetrics, ..self.clone() }
    }

    /// Whether anyone who reaches it may use Bedrock.
    pub(crate) fn is_open(&self) -> bool {
        !self.has_keys() && !self.state.options.is_authenticated_elsewhere && self.scope != Scope::OnlyMetrics
    }

    /// Counts the open connections of a server, unless it serves only the metrics.
    pub(crate) fn open_connections(&self) -> Option<Gauge> {
        (self.scope != Scope::OnlyMetrics).then(|| self.state.metrics.open_connections.clone())
    }

    pub(crate) fn max_streams(&self) -> usize {
        self.state.options.max_streams
    }

    /// The text of `/metrics`.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.state.metrics.text()
    }

    /// How many answers are open. A request whose body is still arriving has none.
    #[must_use]
    pub fn open_answers(&self) -> usize {
        self.state.options.max_streams - self.state.streams.available_permits()
    }

    async fn respond<B>(self, request: Request<B>) -> Response<ResponseBody>
    where
        B: Body<Error: Send> + Send + 'static,
        B::Data: Send,
    {
        let is_open = self.is_open();
        let Self { state, scope } = self;
        let (parts, body) = request.into_parts();
        let mut body = pin!(body);
        let route = scope.route(&parts);
        let request_id = request_id(&parts.headers);
        let mut watch = Watch::new(Arc::clone(&state), &route, &parts, request_id.clone());
        let keys = state.keys();
        let needs_key = scope != Scope::OnlyMetrics && route != Route::Health && !keys.is_empty();
        let key = if needs_key { keys.find(&parts.headers) } else { None };
        if let Some(name) = key.and_then(Key::name) {
            watch.key(name);
        }
        let mut response = if parts.method == Method::OPTIONS && state.options.cors.is_some() {
            respond::preflight(watch)
        } else if needs_key && key.is_none() {
            watch.forbidden();
            // AWS's SDKs do not handle 401.
            let status = if Route::is_bedrock(parts.uri.path()) { 403 } else { 401 };
            let problem = Problem::refused(status, "the gateway's API key is missing or wrong");
            respond::problem(&problem, &route, parts.uri.path(), watch)
        } else if is_open && is_foreign_page(&parts.headers, state.options.cors.as_ref()) {
            watch.forbidden();
            let message = "a web page from elsewhere may not use a gateway that asks for no key: give it one, or allow the page's origin (`cors`)";
            respond::problem(&Problem::refused(403, message), &route, parts.uri.path(), watch)
        } else if route.is_answer() && parts.version <= Version::HTTP_10 {
            let problem = Problem { is_settled: true, ..Problem::refused(505, HTTP_10) };
            respond::problem(&problem, &route, parts.uri.path(), watch)
        } else {
            match &route {
                Route::Answer(api) => answers::answer(&state, *api, &parts, body.as_mut(), watch).await,
                Route::CountTokens => count_tokens::count_tokens(&state, &parts, body.as_mut(), watch).await,
                Route::Models => models::list(&state, watch),
                Route::Model(name) => models::one(&state, name, &parts, watch),
                Route::ConverseStream(model) | Route::InvokeStream(model) => {
                    pass_through::pass(&state, &route, model, &parts, body.as_mut(), watch).await
                }
                Route::Health => health(&state, watch),
                Route::Metrics => {
                    let (text, content_type) = state.metrics.accepted(&parts.headers);
                    plain(text, content_type, watch)
                }
                Route::WrongMethod(allowed) => {
                    let message = format!("{} is not allowed here, but {allowed} is", parts.method);
                    respond::problem(&Problem::refused(405, message), &route, parts.uri.path(), watch)
                }
                Route::Unknown => {
                    let problem = Problem::unknown_path(&parts.method, parts.uri.path());
                    respond::problem(&problem, &route, parts.uri.path(), watch)
                }
            }
        };
        // A client that waits for `100 Continue` is not sending.
        if response.status().as_u16() >= 400 && !parts.headers.contains_key(EXPECT) {
            discard(body).await;
        }
        respond::finish(&mut response, &request_id, &state);
        let status = response.status();
        response.body_mut().status(status);
        response
    }
}

impl Scope {
    fn route(self, parts: &Parts) -> Route {
        let path = parts.uri.path();
        match self {
            Self::AllButMetrics if path == "/metrics" => Route::Unknown,
            Self::OnlyMetrics if !matches!(path, "/metrics" | "/healthz") => Route::Unknown,
            _ => Route::of(&parts.method, &parts.uri),
        }
    }
}

fn health(state: &State, watch: Watch) -> Response<ResponseBody> {
    let is_draining = *state.draining.borrow();
    let text = if is_draining { "draining\n" } else { "ok\n" };
    let mut response = plain(text, "text/plain; charset=utf-8", watch);
    if is_draining {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
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

/// Its streams have no end of their own: they end where the connection does, however it ends.
const HTTP_10: &str = "over HTTP/1.0 an answer that breaks off ends like a whole one, so none is sent: use HTTP/1.1 or HTTP/2 \
                       (in nginx `proxy_http_version 1.1;`)";
