use crate::client::route::Route;
use crate::config::endpoint::{Endpoint, EndpointError};

/// A base URL of a vendor's API, as that vendor's SDKs take it.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    pub(crate) endpoint: Endpoint,
    /// Which service it is, whose signing name counts.
    pub(crate) route: Route,
}

impl BaseUrl {
    /// Without a route, AWS's own hosts tell it; the vendors' SDKs take any other for Mantle.
    pub(crate) fn new(url: &str, route: Option<Route>) -> Result<Self, EndpointError> {
        let endpoint = Endpoint::from_url(url)?;
        let route = route.or_else(|| Route::of_endpoint(&endpoint)).unwrap_or(Route::MantleOpenAi);
        Ok(Self { endpoint, route })
    }
}
