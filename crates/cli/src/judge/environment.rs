//! The environment of a command that is judged.

use bedrock_stream_testkit::Case;
use tokio::process::Command;

use crate::dialect::Dialect;

/// Points every usual client at the fake, and takes away whatever could lead one to a real service.
pub(super) fn set(
    command: &mut Command,
    url: &str,
    dialect: Dialect,
    model: &str,
    seconds: f64,
    case: &Case,
) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
    let fault = case.faults.first().map_or_else(|| "none".to_owned(), ToString::to_string);
    command.env("BEDROCK_STREAM_URL", url);
    command.env("BEDROCK_STREAM_DIALECT", dialect.name());
    command.env("BEDROCK_STREAM_MODEL", model);
    command.env("BEDROCK_STREAM_FAULT", fault);
    command.env("BEDROCK_STREAM_TIMEOUT", seconds.to_string());
    command.env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url);
    command.env("AWS_REGION", "us-east-1").env("AWS_DEFAULT_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "AKIDJUDGE").env("AWS_SECRET_ACCESS_KEY", KEY);
    command.env("AWS_CONFIG_FILE", NOTHING).env("AWS_SHARED_CREDENTIALS_FILE", NOTHING);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("OPENAI_BASE_URL", format!("{url}/v1")).env("OPENAI_API_KEY", KEY);
    command.env("ANTHROPIC_BASE_URL", format!("{url}/anthropic")).env("ANTHROPIC_API_KEY", KEY);
    command.env("ANTHROPIC_BEDROCK_BASE_URL", url);
    command.env("NO_PROXY", LOOPBACK).env("no_proxy", LOOPBACK);
}

/// The prefixes of the variables of the vendors' clients.
const PREFIXES: [&str; 4] = ["AWS_", "OPENAI_", "ANTHROPIC_", "BEDROCK_STREAM_"];
const KEY: &str = "judge-secret";
const LOOPBACK: &str = "127.0.0.1,localhost";
#[cfg(unix)]
const NOTHING: &str = "/dev/null";
#[cfg(not(unix))]
const NOTHING: &str = "NUL";
