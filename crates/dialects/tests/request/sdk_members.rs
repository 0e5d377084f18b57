//! Every member of a request that the official SDKs know is carried, listed, or refused by its name: none is dropped in silence.

use bedrock_stream_dialects::Dialect::{self, Chat, Messages, Responses};
use bedrock_stream_dialects::request::{ConvertedRequest, LeftOutFields, Options};
use serde_json::{Map, Value};

use super::ask::try_read;
use super::full::{full, pointers};

/// What is neither carried nor listed, by the documentation of `request`: the end of a pointer to the object, and the member.
const NEUTRAL: [(Dialect, &str, &[&str]); 14] = [
    // What happens anyway: one answer, no fast mode, strict schemas, the default tool choice, verbosity and kind of a custom tool.
    (Chat, "", &["n", "verbosity", "tool_choice"]),
    (Chat, "/json_schema", &["strict"]),
    (Chat, "/custom", &["format"]),
    (Responses, "", &["store", "include", "stream_options"]),
    (Messages, "", &["service_tier", "speed"]),
    // Names of what there is only one of, which may be left out or are the default.
    (Chat, "/tool_calls/0", &["type"]),
    (Chat, "/cache_control", &["type"]),
    (Responses, "/input/0", &["type"]),
    (Responses, "/input/2", &["type"]),
    (Messages, "/cache_control", &["type"]),
    (Messages, "/tools/0", &["type"]),
    // A result that is no error.
    (Messages, "/messages/2/content/0", &["is_error"]),
    // The numbers of parts that stand in order; readable reasoning beside what must go back.
    (Chat, "/messages/2", &["reasoning_content"]),
    (Chat, "/reasoning_details/*", &["index"]),
];

/// What a client sends back of an answer's items, and says nothing to a model.
const OF_ITEMS: [&str; 9] =
    ["id", "status", "phase", "summary", "content", "annotations", "logprobs", "name", "namespace"];

/// How the reader deals with a member that was changed, added or taken away.
fn is_told(dialect: Dialect, changed: &Value, field: &str) -> Result<(), String> {
    let of_field = |told: &str| told.starts_with(field) || field.starts_with(told);
    let before = try_read(dialect, &full(dialect), &Options::new()).unwrap();
    match try_read(dialect, changed, &Options::new()) {
        // It may be another member that no longer fits it.
        Err(error) if error.field.is_some() => Ok(()),
        Err(error) => Err(format!("{dialect} {field} is refused without a name: {error}")),
        Ok(after) if is_carried(&before, &after) => Ok(()),
        Ok(after) if after.left_out.fields.iter().any(|left_out| of_field(&left_out.field)) => Ok(()),
        // It was in the list, and now is not there.
        Ok(after) if after.left_out != before.left_out => Ok(()),
        Ok(_) => Err(format!("{dialect} {field} is dropped in silence")),
    }
}

fn is_carried(before: &ConvertedRequest, after: &ConvertedRequest) -> bool {
    let without_list = |incoming: &ConvertedRequest| {
        let mut incoming = incoming.clone();
        incoming.left_out = LeftOutFields::default();
        incoming
    };
    without_list(before) != without_list(after)
}

fn is_neutral(dialect: Dialect, pointer: &str, member: &str) -> bool {
    let is_of_item = dialect == Responses && pointer.starts_with("/input/") && OF_ITEMS.contains(&member);
    let is_at = |place: &str| match place.strip_suffix("/*") {
        Some(list) => pointer.rsplit_once('/').is_some_and(|(before, _)| before.ends_with(list)),
        None if place.is_empty() => pointer.is_empty(),
        None => pointer.ends_with(place),
    };
    is_of_item
        || NEUTRAL.iter().any(|(of, place, names)| *of == dialect && names.contains(&member) && is_at(place))
}

/// The path of a member as errors and lists write it.
fn path(dialect: Dialect, pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        match step.bytes().all(|byte| byte.is_ascii_digit()) {
            true if dialect != Messages => path += &format!("[{step}]"),
            _ if path.is_empty() => path += step,
            _ => path += &format!(".{step}"),
        }
    }
    path
}

#[test]
fn every_member_that_the_sdks_know_is_carried_listed_or_refused_by_name() {
    let mut dropped = Vec::new();
    let mut tried = 0;
    for (dialect, pointer, members) in SDK_MEMBERS {
        let members: Map<String, Value> = serde_json::from_str(members).unwrap();
        for (member, value) in members {
            let mut changed = full(dialect);
            let object =
                changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")).as_object_mut().unwrap();
            if object.get(&member) == Some(&value) {
                object.remove(&member);
            } else {
                object.insert(member.clone(), value);
            }
            tried += 1;
            let told = is_told(dialect, &changed, &path(dialect, &format!("{pointer}/{member}")));
            dropped.extend(told.err().filter(|_| !is_neutral(dialect, pointer, &member)));
        }
    }
    assert!(dropped.is_empty(), "{} of {tried}:\n{}", dropped.len(), dropped.join("\n"));
    assert!(tried > 300, "{tried}");
}

/// The same of every member of a full request that is taken away.
#[test]
fn a_member_that_is_taken_away_is_missed() {
    let mut dropped = Vec::new();
    for dialect in [Chat, Responses, Messages] {
        for pointer in pointers(&full(dialect)) {
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            let mut changed = full(dialect);
            let Some(object) = changed.pointer_mut(parent).and_then(Value::as_object_mut) else { continue };
            object.remove(member);
            let told = is_told(dialect, &changed, &path(dialect, &pointer));
            dropped.extend(told.err().filter(|_| !is_neutral(dialect, parent, member)));
        }
    }
    assert!(dropped.is_empty(), "{}:\n{}", dropped.len(), dropped.join("\n"));
}

/// Each object of a full request with the members that its type has in the SDKs, and a value of each one's type. Source: the types of
/// the packages `openai` 3.57.0 and `anthropic` 2.14.0 (`CompletionCreateParams`, `ResponseCreateParams`, `MessageCreateParams`).
const SDK_MEMBERS: [(Dialect, &str, &str); 65] = [
    (
        Chat,
        "",
        r#"{"messages":[{}],"model":"x","audio":{},"frequency_penalty":0.5,"function_call":"auto","functions":[{}],"logit_bias":{"k":"v"},"logprobs":true,"max_completion_tokens":1,"max_tokens":1,"metadata":{"k":"v"},"modalities":["audio"],"moderation":{},"n":1,"parallel_tool_calls":true,"prediction":{},"presence_penalty":0.5,"prompt_cache_key":"x","prompt_cache_options":{},"prompt_cache_retention":"24h","reasoning_effort":"max","response_format":{},"safety_identifier":"x","seed":1,"service_tier":"fast","stop":"x","store":true,"stream_options":{},"temperature":0.5,"tool_choice":"required","tools":[{}],"top_logprobs":1,"top_p":0.5,"user":"x","verbosity":"high","web_search_options":{},"stream":false}"#,
    ),
    (Chat, "/stream_options", r#"{"include_obfuscation":true,"include_usage":true}"#),
    (Chat, "/response_format", r#"{"json_schema":{},"type":"json_schema"}"#),
    (
        Chat,
        "/response_format/json_schema",
        r#"{"name":"x","description":"x","schema":{"k":"v"},"strict":true}"#,
    ),
    (Chat, "/tools/0", r#"{"function":{},"type":"function"}"#),
    (Chat, "/tools/0/function", r#"{"name":"x","description":"x","parameters":{"k":"v"},"strict":true}"#),
    (Chat, "/tools/1", r#"{"custom":{},"type":"custom"}"#),
    (Chat, "/tools/1/custom", r#"{"name":"x","description":"x","format":{}}"#),
    (Chat, "/tools/1/custom/format", r#"{"type":"text"}"#),
    (Chat, "/messages/0", r#"{"content":"x","role":"system","name":"x"}"#),
    (Chat, "/messages/1", r#"{"content":"x","role":"user","name":"x"}"#),
    (Chat, "/messages/1/content/0", r#"{"text":"x","type":"text","prompt_cache_breakpoint":{}}"#),
    (Chat, "/messages/1/content/1", r#"{"image_url":{},"type":"image_url","prompt_cache_breakpoint":{}}"#),
    (Chat, "/messages/1/content/1/image_url", r#"{"url":"x","detail":"original"}"#),
    (Chat, "/messages/1/content/2", r#"{"file":{},"type":"file","prompt_cache_breakpoint":{}}"#),
    (Chat, "/messages/1/content/2/file", r#"{"file_data":"x","file_id":"x","filename":"x"}"#),
    (
        Chat,
        "/messages/1/content/3",
        r#"{"input_audio":{},"type":"input_audio","prompt_cache_breakpoint":{}}"#,
    ),
    (Chat, "/messages/1/content/3/input_audio", r#"{"data":"x","format":"mp3"}"#),
    (
        Chat,
        "/messages/2",
        r#"{"role":"assistant","audio":{},"content":"x","function_call":{},"name":"x","refusal":"x","tool_calls":[{}]}"#,
    ),
    (Chat, "/messages/2/tool_calls/0", r#"{"id":"x","function":{},"type":"function"}"#),
    (Chat, "/messages/2/tool_calls/0/function", r#"{"arguments":"x","name":"x"}"#),
    (Chat, "/messages/2/tool_calls/1", r#"{"id":"x","custom":{},"type":"custom"}"#),
    (Chat, "/messages/2/tool_calls/1/custom", r#"{"input":"x","name":"x"}"#),
    (Chat, "/messages/3", r#"{"content":"x","role":"tool","tool_call_id":"x"}"#),
    (
        Responses,
        "",
        r#"{"access_programs":{},"background":true,"background_options":{},"context_management":[{}],"conversation":"x","image":{},"include":["message.output_text.logprobs"],"input":"x","instructions":"x","max_output_tokens":1,"max_tool_calls":1,"metadata":{"k":"v"},"model":"x","moderation":{},"parallel_tool_calls":true,"previous_response_id":"x","prompt":{},"prompt_cache_key":"x","prompt_cache_options":{},"prompt_cache_retention":"24h","reasoning":{},"safety_identifier":"x","service_tier":"ultrafast","store":true,"stream_options":{},"temperature":0.5,"text":{},"tool_choice":"required","tools":[{}],"top_logprobs":1,"top_p":0.5,"truncation":"disabled","user":"x","stream":false}"#,
    ),
    (Responses, "/stream_options", r#"{"include_obfuscation":true}"#),
    (Responses, "/reasoning", r#"{"effort":"max"}"#),
    (Responses, "/text", r#"{"format":{},"verbosity":"high"}"#),
    (
        Responses,
        "/text/format",
        r#"{"name":"x","schema":{"k":"v"},"type":"json_schema","description":"x","strict":true}"#,
    ),
    (
        Responses,
        "/tools/0",
        r#"{"async":true,"name":"x","parameters":{"k":"v"},"strict":true,"type":"function","allowed_callers":["programmatic"],"defer_loading":true,"description":"x","output_schema":{"k":"v"}}"#,
    ),
    (
        Responses,
        "/tools/1",
        r#"{"async":true,"name":"x","type":"custom","allowed_callers":["programmatic"],"defer_loading":true,"description":"x","format":{}}"#,
    ),
    (Responses, "/tools/2", r#"{"description":"x","name":"x","tools":[{}],"type":"namespace"}"#),
    (
        Responses,
        "/tools/2/tools/0",
        r#"{"async":true,"name":"x","type":"function","allowed_callers":["programmatic"],"defer_loading":true,"description":"x","output_schema":{"k":"v"},"parameters":{"k":"v"},"strict":true}"#,
    ),
    (Responses, "/input/0", r#"{"content":"x","role":"developer","phase":"final_answer","type":"message"}"#),
    (Responses, "/input/0/content/0", r#"{"text":"x","type":"input_text","prompt_cache_breakpoint":{}}"#),
    (
        Responses,
        "/input/0/content/1",
        r#"{"detail":"original","type":"input_image","file_id":"x","image_url":"x","prompt_cache_breakpoint":{}}"#,
    ),
    (
        Responses,
        "/input/0/content/2",
        r#"{"type":"input_file","detail":"high","file_data":"x","file_id":"x","file_url":"x","filename":"x","prompt_cache_breakpoint":{}}"#,
    ),
    (
        Responses,
        "/input/1",
        r#"{"id":"x","summary":[{}],"type":"reasoning","content":[{}],"encrypted_content":"x","status":"incomplete"}"#,
    ),
    (
        Responses,
        "/input/2",
        r#"{"id":"x","content":[{}],"role":"assistant","status":"incomplete","type":"message","phase":"final_answer"}"#,
    ),
    (
        Responses,
        "/input/2/content/0",
        r#"{"annotations":[{}],"text":"x","type":"output_text","logprobs":[{}]}"#,
    ),
    (
        Responses,
        "/input/3",
        r#"{"async":true,"arguments":"x","call_id":"x","name":"x","type":"function_call","id":"x","caller":{},"namespace":"x","status":"incomplete"}"#,
    ),
    (
        Responses,
        "/input/4",
        r#"{"async":true,"call_id":"x","input":"x","name":"x","type":"custom_tool_call","id":"x","caller":{},"namespace":"x"}"#,
    ),
    (
        Responses,
        "/input/5",
        r#"{"output":"x","type":"function_call_output","id":"x","call_id":"x","caller":{},"name":"x","namespace":"x","status":"incomplete"}"#,
    ),
    (
        Responses,
        "/input/6",
        r#"{"call_id":"x","output":"x","type":"custom_tool_call_output","id":"x","caller":{}}"#,
    ),
    (
        Messages,
        "",
        r#"{"max_tokens":1,"messages":[{}],"model":"claude-sonnet-4-5-20250929","cache_control":{},"container":{},"diagnostics":{},"inference_geo":"x","metadata":{},"output_config":{},"service_tier":"standard_only","speed":"standard","stop_sequences":["x"],"system":"x","thinking":{},"tool_choice":{},"tools":[{}],"user_profile_id":"x","workspace_id":"x","stream":false}"#,
    ),
    // Those of the beta.
    (
        Messages,
        "",
        r#"{"betas":["x"],"billing_policy":{"type":"billing_policy","bill_to":"self"},"compaction":{},"context_management":{},"fallback_credit_token":"x","fallbacks":"default","mcp_servers":[{}],"output_format":{},"thread":{"type":"create"}}"#,
    ),
    (Messages, "/output_config", r#"{"effort":"max","format":{}}"#),
    (Messages, "/output_config/format", r#"{"schema":{"k":"v"},"type":"json_schema"}"#),
    (Messages, "/metadata", r#"{"user_id":"x"}"#),
    (Messages, "/thinking", r#"{"type":"adaptive","display":"omitted"}"#),
    (Messages, "/system/0", r#"{"text":"x","type":"text","cache_control":{},"citations":[{}]}"#),
    (
        Messages,
        "/tools/0",
        r#"{"input_schema":{},"name":"x","allowed_callers":["code_execution_20260521"],"cache_control":{},"defer_loading":true,"description":"x","eager_input_streaming":true,"input_examples":[{"k":"v"}],"strict":true,"type":"custom"}"#,
    ),
    (Messages, "/tools/0/cache_control", r#"{"type":"ephemeral","ttl":"1h"}"#),
    (Messages, "/tool_choice", r#"{"type":"auto","disable_parallel_tool_use":true}"#),
    (
        Messages,
        "/messages/0/content/1",
        r#"{"source":{},"type":"image","cache_control":{},"transformations":{}}"#,
    ),
    (Messages, "/messages/0/content/1/source", r#"{"data":"x","media_type":"image/webp","type":"base64"}"#),
    (
        Messages,
        "/messages/0/content/2",
        r#"{"source":{},"type":"document","cache_control":{},"citations":{"enabled":true},"context":"x","title":"x"}"#,
    ),
    (Messages, "/messages/0/content/2/citations", r#"{"enabled":true}"#),
    (
        Messages,
        "/messages/0/content/2/source",
        r#"{"data":"x","media_type":"application/pdf","type":"base64"}"#,
    ),
    (
        Messages,
        "/messages/0/content/4",
        r#"{"content":[{}],"source":"x","title":"x","type":"search_result","cache_control":{},"citations":{"enabled":true}}"#,
    ),
    (Messages, "/messages/1/content/0", r#"{"signature":"x","thinking":"x","type":"thinking"}"#),
    (Messages, "/messages/1/content/1", r#"{"data":"x","type":"redacted_thinking"}"#),
    (
        Messages,
        "/messages/1/content/2/citations/0",
        r#"{"cited_text":"x","document_index":1,"document_title":"x","end_char_index":1,"start_char_index":1,"type":"char_location"}"#,
    ),
    (
        Messages,
        "/messages/1/content/3",
        r#"{"id":"x","input":{"k":"v"},"name":"x","type":"tool_use","cache_control":{},"caller":{},"toolset_name":"x"}"#,
    ),
    (
        Messages,
        "/messages/2/content/0",
        r#"{"tool_use_id":"x","type":"tool_result","cache_control":{},"content":"x","is_error":true,"toolset_name":"x"}"#,
    ),
];
