//! Chunks encoded as Chat Completions, Responses and Messages, and decoded again.

mod answers;
#[path = "../recorded/mod.rs"]
mod recorded;

mod allocations;
mod bugs;
mod check;
mod converse;
mod every_pair;
mod growth;
mod hostile;
mod properties;
mod recordings;
mod sdk_rules;
mod told;
mod verdict;
mod wire;
