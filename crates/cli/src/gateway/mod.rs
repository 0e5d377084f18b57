//! `bedrock-stream gateway`: its flags, its file, and how it runs.

mod alias;
mod args;
mod config_file;
mod keys;
mod log;
mod log_line;
mod reload;
mod run;
mod timestamp;
mod tls;

pub(crate) use args::GatewayArgs;
pub(crate) use run::run;
