//! The framer of server-sent events.

mod limits;
mod oracle;
mod properties;
mod recordings;
mod rules;
mod split;
