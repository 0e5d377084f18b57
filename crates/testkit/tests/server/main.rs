//! The fake Bedrock, called over real connections by a plain HTTP client.

mod accepted_shapes;
mod answers;
mod auth;
mod carriers;
mod conclusions;
mod conversations;
mod dialect_refusals;
mod dialects;
mod faults;
mod guardrail_checks;
mod judge;
mod life;
mod limits;
mod other_dialects;
mod reasoning;
mod recordings;
mod refusals;
mod refused_shapes;
mod scripts;
mod streams;
mod support;
#[cfg(feature = "tls")]
mod tls;
mod unknown_members;
mod wrong_shapes;
