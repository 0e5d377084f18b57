//! The script of `serve`: replies by model id, with or without conditions.

mod answer_members;
mod members;
mod place;
mod reply_error;
mod reply_reader;
mod script;

pub(crate) use self::script::Script;
