//! Requests of every dialect: their content and their validation.

mod asked;
mod bad_request;
mod chat;
mod completion;
mod counts;
mod guardrail_checks;
mod guardrail_headers;
mod known_members;
mod members;
mod message_blocks;
mod messages;
mod native;
mod openai;
mod responses;
mod thinking;

pub(crate) use self::asked::Asked;
pub(crate) use self::bad_request::BadRequest;
pub(crate) use self::counts::{count_tokens, guardrail};
pub(crate) use self::guardrail_checks::guardrail_checks;
pub(crate) use self::guardrail_headers::check_guardrail;
