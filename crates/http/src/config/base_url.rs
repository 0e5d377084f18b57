use crate::client::route::Route;
use crate::config::endpoint::Endpoint;
use crate::config::endpoint_error::EndpointError;

/// The base URL of a vendor's API, in the form that the vendor's SDKs use.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    pub(crate) endpoint: Endpoint,
    /// The route, which determines the signing name.
    pub(crate) route: Route,
}

impl BaseUrl {
    /// Without a route, AWS's own hosts determine it; as in the vendors' SDKs, any other host is taken for Mantle.
    pub(crate) fn new(url: &str, route: Option<Route>) -> Result<Self, EndpointError> {
        let endpoint = Endpoint::from_url(url)?;
        let route = route.or_else(|| Route::of_endpoint(&endpoint)).unwrap_or(Route::MantleOpenAi);
        Ok(Self { endpoint, route })
    }
}
