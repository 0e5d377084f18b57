//! Requests of Chat Completions, Responses and Messages, read as Converse's.

mod ask;
mod check;
mod full;

mod bugs;
mod chat;
mod hostile;
mod messages;
mod model_fields;
mod responses;
mod round_trip;
mod sdk_members;
mod unknown;
