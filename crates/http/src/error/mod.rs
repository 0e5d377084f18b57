//! What can go wrong, and what may be shown of it.

pub(crate) mod attempts;
pub(crate) mod cause;
pub(crate) mod connect_timeout;
pub(crate) mod decoded;
pub(crate) mod error;
pub(crate) mod mask;
pub(crate) mod no_runtime;
pub(crate) mod not_sent;
pub(crate) mod printable;
pub(crate) mod request_id;
pub(crate) mod secrets;
pub(crate) mod service_error;
pub(crate) mod told;
pub(crate) mod unexpected_body;
pub(crate) mod unrepeatable;
