use std::borrow::Cow;

use crate::client::operation::Operation;
use crate::client::route::Api;
use crate::config::base_url::BaseUrl;
use crate::config::config::Config;
use crate::config::config_error::ConfigError;
use crate::config::endpoint::Endpoint;

/// Where a request goes, and the service name with which it is signed.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) endpoint: Cow<'a, Endpoint>,
    pub(crate) path_and_query: Cow<'a, str>,
    pub(crate) signing_name: &'a str,
}

impl Config {
    /// Where an operation's requests go.
    pub(crate) fn target<'a>(&'a self, operation: &'a Operation) -> Result<Target<'a>, ConfigError> {
        let Some((api, asked)) = operation.api() else {
            return Ok(Target {
                endpoint: self.endpoint_of(operation.service())?,
                path_and_query: operation.path_and_query().into(),
                signing_name: operation.scope_name(),
            });
        };
        let query = operation.query_part();
        if let (None, Some(base)) = (asked, self.base_url(api)) {
            return Ok(Target {
                endpoint: Cow::Borrowed(&base.endpoint),
                path_and_query: [api.resource(), query].concat().into(),
                signing_name: base.route.signing_name(),
            });
        }
        let route = asked.unwrap_or(self.route);
        Ok(Target {
            endpoint: self.endpoint_of(route.service())?,
            path_and_query: (api.path(route) + query).into(),
            signing_name: route.signing_name(),
        })
    }

    fn base_url(&self, api: Api) -> Option<&BaseUrl> {
        match api {
            Api::ChatCompletions | Api::Responses => self.openai_base_url.as_deref(),
            Api::Messages => self.anthropic_base_url.as_deref(),
        }
    }
}
