//! Endpoint, region and credentials, from code, environment variables and AWS's shared files.

pub(crate) mod base_url;
pub(crate) mod config;
pub(crate) mod config_builder;
pub(crate) mod config_env;
pub(crate) mod config_error;
pub(crate) mod endpoint;
pub(crate) mod endpoint_error;
pub(crate) mod ini;
pub(crate) mod partition;
pub(crate) mod profile;
pub(crate) mod target;
