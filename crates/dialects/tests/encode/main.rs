//! Chunks encoded as Chat Completions, Responses and Messages, and decoded again.

mod answers;
#[path = "../recorded/mod.rs"]
mod recorded;

mod allocations;
mod bugs;
mod check;
mod converse;
mod properties;
mod recordings;
mod told;
mod verdict;
mod wire;
