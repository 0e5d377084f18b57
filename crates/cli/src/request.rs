use std::path::Path;

use bedrock_stream_core::converse::{Request, Tool, ToolConfig};

use crate::args::ConverseArgs;
use crate::input::read_text;
use crate::output::Failure;
use crate::prompt::prompt;

/// The request that the arguments describe.
pub(crate) fn request(args: &ConverseArgs) -> Result<Request, Failure> {
    let mut request = match &args.request {
        Some(path) => Request::from_json(&read_text(path)?).map_err(|error| bad(path, "request", &error))?,
        None => Request::new(),
    };
    if let Some(system) = &args.system {
        request.system = None;
        request = request.system(&**system);
    }
    if let Some(max_tokens) = args.max_tokens {
        request = request.max_tokens(max_tokens.get());
    }
    if let Some(temperature) = args.temperature {
        request = request.temperature(temperature);
    }
    if let Some(path) = &args.tools {
        request = request.tool_config(tools(path)?);
    }
    if let Some(prompt) = prompt(args)? {
        request = request.user(prompt);
    }
    Ok(request)
}

/// A `toolConfig`, or just the list of its tools.
fn tools(path: &Path) -> Result<ToolConfig, Failure> {
    let text = read_text(path)?;
    let config = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<Tool>>(&text).map(ToolConfig::new)
    } else {
        serde_json::from_str(&text)
    };
    let config: ToolConfig = config.map_err(|error| bad(path, "toolConfig", &error))?;
    if config.tools.is_empty() {
        return Err(Failure::input(format_args!("{} has no tools", path.display())));
    }
    Ok(config)
}

fn bad(path: &Path, what: &str, error: &serde_json::Error) -> Failure {
    Failure::input(format_args!("{} is not a {what}: {error}", path.display()))
}
