//! `bedrock-stream gateway`: its flags, its file, and how it runs.

mod args;
mod config_file;
mod run;

pub(crate) use args::GatewayArgs;
pub(crate) use run::run;
