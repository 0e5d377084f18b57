use std::path::Path;

use bedrock_stream_dialects::request_body::{Destination, chat_body, messages_body, responses_body};
use serde_json::{Map, Value};

use crate::args::{ConverseArgs, wrong_usage};
use crate::dialect::Dialect;
use crate::input::read_text;
use crate::output::Failure;
use crate::request::request;

/// The JSON body of a request in a dialect other than Converse, made from the arguments. A body in a file is returned
/// unchanged.
pub(crate) fn body(args: &ConverseArgs, model: Option<&str>) -> Result<Vec<u8>, Failure> {
    if let Some(path) = &args.request {
        return of_file(args, path);
    }
    let model = model.unwrap_or_default();
    if args.dialect == Dialect::Invoke {
        check_vendor(model);
    }
    let mut request = request(args)?;
    let to = Destination::Operation { model, stream: true };
    let body = match args.dialect {
        Dialect::Chat => chat_body(&request, to),
        Dialect::Responses => responses_body(&request, model, true),
        Dialect::Converse | Dialect::Invoke | Dialect::Messages => {
            if args.max_tokens.is_none() {
                request = request.max_tokens(MAX_TOKENS);
            }
            let to = if args.dialect == Dialect::Invoke { Destination::Invoke } else { to };
            messages_body(&request, to)
        }
    };
    let body = body.unwrap_or_else(|error| wrong_usage(error));
    Ok(body.as_str().as_bytes().to_vec())
}

/// A body that is sent byte for byte, so no other option can change it.
fn of_file(args: &ConverseArgs, path: &Path) -> Result<Vec<u8>, Failure> {
    let others = [
        ("a prompt", !args.prompt.is_empty()),
        ("--system", args.system.is_some()),
        ("--max-tokens", args.max_tokens.is_some()),
        ("--temperature", args.temperature.is_some()),
        ("--tools", args.tools.is_some()),
    ];
    let dialect = args.dialect.name();
    if let Some((other, _)) = others.iter().find(|(_, is_given)| *is_given) {
        wrong_usage(format_args!(
            "with --dialect {dialect}, --request is sent as it is, so {other} cannot be used: put it into the file"
        ));
    }
    let text = read_text(path)?;
    let not_a_request = |reason: &dyn std::fmt::Display| {
        Failure::input(format_args!("{} is not a request: {reason}", path.display()))
    };
    let request: Map<String, Value> = serde_json::from_str(&text).map_err(|error| not_a_request(&error))?;
    if args.dialect != Dialect::Invoke {
        match (request.get("model").and_then(Value::as_str), args.model.as_deref()) {
            (Some(named), Some(given)) if named != given => wrong_usage(format_args!(
                "--request is sent as it is and names the model {named}: omit --model, or use the same one"
            )),
            (None, _) => return Err(not_a_request(&"it has no `model`")),
            _ => {}
        }
        if request.get("stream") != Some(&Value::Bool(true)) {
            return Err(not_a_request(&"without `\"stream\": true` the answer does not stream"));
        }
    }
    Ok(text.into_bytes())
}

/// Only Anthropic's body can be made from a prompt.
fn check_vendor(model: &str) {
    if let Some(vendor) = OTHER_VENDORS.iter().find(|vendor| model.contains(*vendor)) {
        wrong_usage(format_args!(
            "with --dialect invoke, only the request of Anthropic's models is built from a prompt: for {}'s, pass the body that \
             the model expects with --request FILE, or use --dialect converse",
            vendor.trim_end_matches('.')
        ));
    }
}

/// Anthropic's API does not accept a request without a maximum.
const MAX_TOKENS: u32 = 4096;
/// The prefixes of other vendors' model ids, after the region of an inference profile.
const OTHER_VENDORS: [&str; 11] = [
    "ai21.",
    "amazon.",
    "cohere.",
    "deepseek.",
    "google.",
    "meta.",
    "mistral.",
    "moonshot.",
    "openai.",
    "qwen.",
    "writer.",
];

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::*;
    use crate::args::{Args, Command};

    fn body_of(args: &[&str], model: &str) -> Value {
        let args = [&["bedrock-stream", "converse", "--model", model], args].concat();
        let Command::Converse(args) = Args::parse_from(args).command else {
            panic!("the command is not converse")
        };
        let body = body(&args, args.model.as_deref()).expect("the arguments describe a request");
        serde_json::from_slice(&body).expect("it is JSON")
    }

    #[test]
    fn each_dialect_has_its_own_members() {
        let options = ["--system", "S", "--max-tokens", "9", "--temperature", "0.5", "Hi", "you"];
        for (dialect, expected) in [
            (
                "invoke",
                json!({
                    "anthropic_version": "bedrock-2023-05-31", "temperature": 0.5, "max_tokens": 9, "system": "S",
                    "messages": [{"role": "user", "content": "Hi you"}]
                }),
            ),
            (
                "messages",
                json!({
                    "model": "m", "stream": true, "temperature": 0.5, "max_tokens": 9, "system": "S",
                    "messages": [{"role": "user", "content": "Hi you"}]
                }),
            ),
            (
                "chat",
                json!({
                    "model": "m", "stream": true, "stream_options": {"include_usage": true}, "temperature": 0.5,
                    "max_completion_tokens": 9,
                    "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi you"}]
                }),
            ),
            (
                "responses",
                json!({
                    "model": "m", "stream": true, "temperature": 0.5, "max_output_tokens": 9, "instructions": "S",
                    "input": [{"role": "user", "content": "Hi you"}]
                }),
            ),
        ] {
            let args = [&["--dialect", dialect][..], &options].concat();
            assert_eq!(body_of(&args, "m"), expected, "{dialect}");
        }
        assert_eq!(body_of(&["--dialect", "messages", "x"], "m")["max_tokens"], MAX_TOKENS);
        assert!(body_of(&["--dialect", "chat", "x"], "m").get("max_completion_tokens").is_none());
    }

    #[test]
    fn tools_are_written_in_each_dialects_format() {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        let path = folder.path().join("tools.json");
        let config = json!({
            "tools": [{"toolSpec": {
                "name": "t", "description": "d", "strict": true, "inputSchema": {"json": {"type": "object"}}
            }}],
            "toolChoice": {"tool": {"name": "t"}}
        });
        std::fs::write(&path, config.to_string()).expect("the file can be written");
        let path = path.to_str().expect("the path is UTF-8");
        let schema = json!({"type": "object"});
        let anthropic = json!({"name": "t", "description": "d", "strict": true, "input_schema": schema});
        let function = json!({"name": "t", "description": "d", "strict": true, "parameters": schema});
        let mut flat = function.clone();
        flat["type"] = "function".into();
        for (dialect, tool, choice) in [
            ("invoke", anthropic.clone(), json!({"type": "tool", "name": "t"})),
            ("messages", anthropic, json!({"type": "tool", "name": "t"})),
            (
                "chat",
                json!({"type": "function", "function": function}),
                json!({"type": "function", "function": {"name": "t"}}),
            ),
            ("responses", flat, json!({"type": "function", "name": "t"})),
        ] {
            let body = body_of(&["--dialect", dialect, "--tools", path, "x"], "m");
            assert_eq!(body["tools"], json!([tool]), "{dialect}");
            assert_eq!(body["tool_choice"], choice, "{dialect}");
        }
    }
}
