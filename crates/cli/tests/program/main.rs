//! The built program, from outside: arguments and bytes in; bytes, sentences and a status out.

mod ask;
mod bad_input;
mod converse;
mod cut;
mod dialects;
mod encode;
mod fake;
mod files;
mod gateway;
#[cfg(unix)]
mod gateway_log;
#[cfg(unix)]
mod gateway_reload;
mod gateway_settings;
#[cfg(unix)]
mod gateway_shutdown;
mod inspect;
mod interrupt;
mod judge;
mod pipes;
mod pleasant;
mod recordings;
mod run;
mod serve;
mod serve_records;
mod serve_scripts;
mod shared;
#[cfg(unix)]
mod terminal;
mod usage;
