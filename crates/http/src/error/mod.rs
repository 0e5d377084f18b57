//! Errors, and the redaction of secrets in them.

pub(crate) mod attempts;
pub(crate) mod cause;
pub(crate) mod error;
pub(crate) mod error_body;
pub(crate) mod error_detail;
pub(crate) mod mask;
pub(crate) mod printable;
pub(crate) mod redacted_error;
pub(crate) mod request_id;
pub(crate) mod secret_mask;
pub(crate) mod secrets;
pub(crate) mod service_error;
pub(crate) mod transport_error;
pub(crate) mod unescaped;
pub(crate) mod unexpected_body;
