use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tower_service::Service;

use crate::gateway::Gateway;
use crate::response_body::ResponseBody;

/// What answers the requests of a server.
#[derive(Clone)]
pub(crate) struct SharedService(Arc<dyn Fn(Request<Incoming>) -> Answer + Send + Sync>);

type Answer = <Gateway as Service<Request<Incoming>>>::Future;

impl SharedService {
    /// The gateway, and nothing around it.
    pub(crate) fn gateway(gateway: Gateway) -> Self {
        Self(Arc::new(move |request| gateway.clone().call(request)))
    }

    /// Any service.
    pub(crate) fn of<S, B>(service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        Self(Arc::new(move |request| {
            let mut service = service.clone();
            Box::pin(async move {
                let Ok(()) = poll_fn(|cx| service.poll_ready(cx)).await;
                let Ok(response) = service.call(request).await;
                Ok(response.map(ResponseBody::other))
            })
        }))
    }

    pub(crate) fn call(&self, request: Request<Incoming>) -> Answer {
        (self.0)(request)
    }
}

impl fmt::Debug for SharedService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedService").finish_non_exhaustive()
    }
}
