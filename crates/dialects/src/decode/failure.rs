use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bedrock_stream_core::answer::Exception;
use bedrock_stream_core::json::{Fields, Json, Lenient};
use bedrock_stream_core::object;

use super::members::{all_members_of, shape_of};
use crate::dialect::Dialect;

object! {
    /// An error in a vendor's format, or the object around it.
    struct ErrorObject {
        /// The error's type; in the object around it, `error`.
        "type" => kind: Option<Json>,
        /// A code: a word or a number.
        "code" => code: Option<Json>,
        /// The name of one of AWS's errors, which may have a namespace before it.
        "__type" => aws_type: Option<Json>,
        /// The message.
        "message" => message: Option<Json>,
        /// The message, as some of AWS's services name it.
        "Message" => capital_message: Option<Json>,
        /// The message, under another name.
        "errorMessage" => error_message: Option<Json>,
        /// The error itself, or its message.
        "error" => error: Option<Json>,
        /// A failed response.
        "response" => response: Option<Json>,
        /// Choices, one of which may have failed (Chat Completions).
        "choices" => choices: Option<Json>,
        /// The same of Mistral's text models.
        "outputs" => outputs: Option<Json>,
        /// The same of Cohere's Command.
        "generations" => generations: Option<Json>,
        /// What Groq adds to a payload.
        "x_groq" => groq: Option<Json>,
    }
}

/// Reads an error from a payload, which either is the error or contains it in its member `error`, in any format used by
/// Anthropic, OpenAI or AWS. The exception's name is the error's code or type: the one whose status is known, and if that is true of
/// both, a word rather than a number, and the code, which is the more exact in `{"type":"tokens","code":"rate_limit_exceeded"}`.
pub(super) fn exception(payload: &str) -> Exception {
    let outer: ErrorObject = serde_json::from_str(payload).unwrap_or_default();
    // The error of the whole, or else of a part of it. `message` is Anthropic's message, where it is no sentence.
    let error = outer.error.clone().or_else(|| {
        let parts = [&outer.response, &outer.message, &outer.groq].into_iter().flatten();
        let lists = [&outer.choices, &outer.outputs, &outer.generations].into_iter().flatten();
        let parts = parts.filter_map(|part| shape_of(part).ok());
        parts
            .chain(lists.flat_map(|list| errors_of(list).unwrap_or_default()))
            .find_map(|part: ErrorObject| part.error)
    });
    let inner: Option<ErrorObject> = error.as_ref().and_then(|json| shape_of(json).ok());
    // The type of the object around an error, and of a payload that is not meant as an error, is that of the event.
    let is_event = inner.is_some() || Dialect::detect(payload).is_some();
    let outer_kind = outer.kind.as_ref().filter(|_| !is_event);
    let inner = inner.unwrap_or_default();
    let words: Vec<String> = [&inner.code, &inner.kind, &outer.code]
        .into_iter()
        .map(Option::as_ref)
        .chain([outer_kind])
        .filter_map(|word| word.and_then(word_of))
        .chain([&inner.aws_type, &outer.aws_type].into_iter().flatten().filter_map(aws_name_of))
        .filter(|word| word != "error" && !word.starts_with("response."))
        .collect();
    let is_number = |name: &str| name.parse::<f64>().is_ok();
    let is_unknown = |name: &str| Exception::new(name, "").http_status().is_none();
    let name = words.iter().min_by_key(|name| (is_unknown(name), is_number(name)));
    let mut exception = Exception::new(name.map_or("error", |name| name), payload);
    let sentence = [
        &inner.message,
        &inner.capital_message,
        &outer.message,
        &outer.capital_message,
        &outer.error_message,
    ]
    .into_iter()
    .flatten()
    .chain(&error)
    .chain(outer.kind.is_none().then(|| Json::from_text(payload).ok()).flatten().as_ref())
    .find_map(|text| text.parse::<String>().ok());
    exception.message = sentence.or(exception.message);
    exception
}

/// The items of a list, which may have failed.
fn errors_of(list: &Json) -> Result<Vec<ErrorObject>, serde_json::Error> {
    shape_of(list).map(|Lenient(items)| items)
}

/// The name in a `__type`, which may stand between a namespace and an address: `com.amazon.bedrock#ThrottlingException:http://..`.
fn aws_name_of(json: &Json) -> Option<String> {
    let text = word_of(json)?;
    let name = text.split_once(':').map_or(&*text, |(name, _)| name);
    Some(name.rsplit_once('#').map_or(name, |(_, name)| name).to_owned())
}

/// A string or a number as text.
fn word_of(json: &Json) -> Option<String> {
    match json.parse::<serde_json::Value>().ok()? {
        serde_json::Value::String(text) if !text.is_empty() => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a payload of no known dialect or event is an error: it contains one, its type is `error`, or it has a message
/// and no type, as AWS's own errors do. One with a repeated member is judged as in a known dialect.
pub(super) fn is_undetected_error(payload: &str) -> bool {
    let Ok(object) = serde_json::from_str::<ErrorObject>(payload) else {
        return is_unreadable_error(payload);
    };
    let mut sentences = [&object.message, &object.capital_message, &object.error_message].into_iter();
    object.error.is_some()
        || object
            .kind
            .map_or_else(|| sentences.any(Option::is_some), |kind| word_of(&kind).as_deref() == Some("error"))
}

/// Whether the unknown members of an object show that it failed: a non-null `error`, even if another is null.
pub(super) fn has_error(members: &Fields) -> bool {
    members.iter().any(|(name, error)| name == "error" && *error != Json::default())
}

/// Whether a payload that its dialect cannot read reports that the answer failed: its text is damaged, or a member is
/// repeated or has an unexpected type, but it is an object with an error.
pub(super) fn is_unreadable_error(payload: &str) -> bool {
    let Ok(members) = all_members_of(payload) else { return false };
    let is_final = |kind: &Json| FINAL_TYPES.contains(&kind.as_str());
    members.value("type").is_some_and(is_final) || is_failed(&members, Dialect::detect(payload).is_some())
}

/// The types of events that are errors by themselves, as JSON.
const FINAL_TYPES: [&str; 3] = ["\"error\"", "\"response.failed\"", "\"response.cancelled\""];

/// Whether the unknown members of a payload show that the answer failed: a non-null `error` or, in a payload without
/// any known member (`is_known` is false), a message, as in AWS's own errors, or the type `error`.
pub(super) fn is_failed(members: &Fields, is_known: bool) -> bool {
    let has_sentence = |name| members.value(name).is_some_and(|sentence| sentence.as_str().starts_with('"'));
    let is_error = || members.value("type").is_some_and(|kind| kind.as_str() == "\"error\"");
    has_error(members)
        || (!is_known && (is_error() || ["message", "Message", "errorMessage"].into_iter().any(has_sentence)))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::{exception, is_undetected_error};
    use crate::decode::steps::lines;
    use crate::dialect::Dialect;

    const ERROR: &str = r#"{"type":"overloaded_error","code":"overloaded_error","message":"m"}"#;

    /// For each dialect the payloads of an answer before its end, and payloads in which `ERROR` stands at each position
    /// where a service may report one.
    const POSITIONS: [(Dialect, &[&str], &[&str]); Dialect::ALL.len()] = [
        (
            Dialect::Messages,
            &[
                r#"{"type":"message_start","message":{"id":"m","role":"assistant","content":[]}}"#,
                r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
                r#"{"type":"content_block_stop","index":0}"#,
                r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
            ],
            &[
                r#"{"error":ERROR}"#,
                r#"{"type":"error","error":ERROR}"#,
                r#"{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"error":ERROR}}"#,
                r#"{"type":"message_start","message":{},"error":ERROR}"#,
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b"},"error":ERROR}"#,
                r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"error":ERROR}"#,
                r#"{"type":"message_stop","error":ERROR}"#,
                r#"{"type":"ping","error":ERROR}"#,
            ],
        ),
        (
            Dialect::Completion,
            &[r#"{"completion":"a","stop_reason":null}"#, r#"{"completion":"b","stop_reason":"max_tokens"}"#],
            &[
                r#"{"error":ERROR}"#,
                r#"{"type":"error","error":ERROR}"#,
                r#"{"type":"completion","completion":"c","stop_reason":"max_tokens","error":ERROR}"#,
                r#"{"type":"overloaded_error","message":"m"}"#,
            ],
        ),
        (
            Dialect::Chat,
            &[
                r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#,
                r#"{"choices":[{"index":0,"delta":{"content":"b"}}]}"#,
                r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            ],
            &[
                r#"{"error":ERROR}"#,
                r#"{"object":"error","message":"m","code":"overloaded_error"}"#,
                r#"{"choices":[],"error":ERROR}"#,
                r#"{"choices":[{"index":0,"delta":{"content":"c"}}],"error":ERROR}"#,
                r#"{"choices":[{"index":0,"delta":{"content":"c"},"error":ERROR}]}"#,
                r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop","error":ERROR}]}"#,
                r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":ERROR}]}"#,
                r#"{"choices":[{"index":1,"delta":{},"error":ERROR}]}"#,
                r#"{"choices":[],"usage":{"prompt_tokens":1},"error":ERROR}"#,
                r#"{"choices":[],"x_groq":{"error":ERROR}}"#,
            ],
        ),
        (
            Dialect::Responses,
            &[
                r#"{"type":"response.created","response":{"id":"r","status":"in_progress","error":null}}"#,
                r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"i"}}"#,
                r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"a"}"#,
            ],
            &[
                r#"{"error":ERROR}"#,
                r#"{"type":"error","code":"overloaded_error","message":"m"}"#,
                r#"{"type":"error","error":ERROR}"#,
                r#"{"type":"response.failed","response":{"status":"failed","error":ERROR}}"#,
                r#"{"type":"response.created","response":{"error":ERROR}}"#,
                r#"{"type":"response.in_progress","response":{"error":ERROR}}"#,
                r#"{"type":"response.completed","response":{"status":"completed","error":ERROR}}"#,
                r#"{"type":"response.incomplete","response":{"status":"incomplete","error":ERROR}}"#,
                r#"{"type":"response.completed","response":{"status":"completed"},"error":ERROR}"#,
                r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"b","error":ERROR}"#,
                r#"{"type":"response.future","response":{"error":ERROR}}"#,
            ],
        ),
        (
            Dialect::Nova,
            &[
                r#"{"messageStart":{"role":"assistant"}}"#,
                r#"{"contentBlockDelta":{"delta":{"text":"a"},"contentBlockIndex":0}}"#,
                r#"{"messageStop":{"stopReason":"end_turn"}}"#,
            ],
            &[
                r#"{"error":ERROR}"#,
                r#"{"type":"error","error":ERROR}"#,
                r#"{"contentBlockDelta":{"delta":{"text":"b"},"contentBlockIndex":0},"error":ERROR}"#,
                r#"{"messageStop":{"stopReason":"end_turn"},"error":ERROR}"#,
                r#"{"metadata":{"usage":{"inputTokens":1}},"error":ERROR}"#,
            ],
        ),
        (
            Dialect::Titan,
            &[r#"{"outputText":"a"}"#, r#"{"outputText":"b","completionReason":"FINISH"}"#],
            &[
                r#"{"error":ERROR}"#,
                r#"{"outputText":"c","error":ERROR}"#,
                r#"{"type":"overloaded_error","message":"m"}"#,
                r#"{"outputText":"","completionReason":"FINISH","error":ERROR}"#,
            ],
        ),
        (
            Dialect::Llama,
            &[r#"{"generation":"a","stop_reason":null}"#, r#"{"generation":"","stop_reason":"stop"}"#],
            &[
                r#"{"error":ERROR}"#,
                r#"{"generation":"b","error":ERROR}"#,
                r#"{"type":"overloaded_error","message":"m"}"#,
                r#"{"generation":"","stop_reason":"stop","error":ERROR}"#,
            ],
        ),
        (
            Dialect::Mistral,
            &[
                r#"{"outputs":[{"text":"a","stop_reason":null}]}"#,
                r#"{"outputs":[{"text":"","stop_reason":"stop"}]}"#,
            ],
            &[
                r#"{"error":ERROR}"#,
                r#"{"outputs":[{"text":"b","stop_reason":"stop"}],"error":ERROR}"#,
                r#"{"outputs":[{"text":"b","stop_reason":"stop","error":ERROR}]}"#,
            ],
        ),
        (
            Dialect::Cohere,
            &[r#"{"text":"a","is_finished":false}"#, r#"{"text":"b","is_finished":false}"#],
            &[
                r#"{"error":ERROR}"#,
                r#"{"text":"c","is_finished":false,"error":ERROR}"#,
                r#"{"text":"","is_finished":true,"finish_reason":"COMPLETE","error":ERROR}"#,
                r#"{"event_type":"stream-end","is_finished":true,"finish_reason":"COMPLETE","response":{"error":ERROR}}"#,
                r#"{"generations":[{"text":"c","finish_reason":"COMPLETE","error":ERROR}]}"#,
            ],
        ),
    ];

    #[test]
    fn every_dialect_is_tried() {
        assert_eq!(POSITIONS.map(|(dialect, _, _)| dialect), Dialect::ALL);
    }

    #[test]
    fn an_error_object_at_any_position_is_the_final_error() {
        for (dialect, answer, errors) in POSITIONS {
            for error in errors {
                let error = error.replace("ERROR", ERROR);
                for before in 0..=answer.len() {
                    let payloads = [&answer[..before], &[&error]].concat();
                    let lines = lines(dialect, &payloads);
                    assert_eq!(
                        lines.last().map(String::as_str),
                        Some("exception"),
                        "{dialect}: {before} payloads, then {error}: {lines:?}"
                    );
                    let found = exception(&error);
                    assert_eq!(
                        (&*found.name, found.message.as_deref()),
                        ("overloaded_error", Some("m")),
                        "{error}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_error_without_an_error_object_is_final_too() {
        for (dialect, answer, _) in POSITIONS {
            for error in [
                r#"{"type":"error"}"#,
                r#"{"type":"error","code":"server_error"}"#,
                r#"{"type":"error","message":"m"}"#,
                r#"{"message":"m"}"#,
            ] {
                for before in 0..=answer.len() {
                    let lines = lines(dialect, &[&answer[..before], &[error]].concat());
                    assert_eq!(
                        lines.last().map(String::as_str),
                        Some("exception"),
                        "{dialect}: {before} payloads, then {error}: {lines:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_error_is_final_beside_a_null_one_and_in_a_payload_that_cannot_be_read() {
        for (dialect, answer, _) in POSITIONS {
            // The last payload of the answer, with an error that a null one follows.
            let last = answer[answer.len() - 1].strip_suffix('}').unwrap();
            let repeated = alloc::format!(r#"{last},"error":{ERROR},"error":null}}"#);
            let odd = alloc::format!(r#"{{"type":"error","type":null,"error":{ERROR}}}"#);
            for error in [&*repeated, &*odd] {
                let lines = lines(dialect, &[&answer[..answer.len() - 1], &[error]].concat());
                let last = lines.last().map(String::as_str);
                assert_eq!(last, Some("exception"), "{dialect}, {error}: {lines:?}");
            }
        }
    }

    #[test]
    fn an_error_may_be_nested_deep() {
        let deep = "[".repeat(1_000) + &"]".repeat(1_000);
        for payload in [
            alloc::format!(r#"{{"error":{{"type":"t","message":"m","detail":{deep}}}}}"#),
            alloc::format!(r#"{{"message":"m","code":"t","detail":{deep}}}"#),
            alloc::format!(r#"{{"choices":[{{"error":{{"code":"t","message":"m"}},"detail":{deep}}}]}}"#),
        ] {
            let exception = exception(&payload);
            assert_eq!((&*exception.name, exception.message.as_deref()), ("t", Some("m")));
        }
        assert!(is_undetected_error(&alloc::format!(r#"{{"message":"m","detail":{deep}}}"#)));
    }

    #[test]
    fn every_shape_gives_a_name_and_a_sentence() {
        for (payload, name, message) in [
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                "overloaded_error",
                Some("Overloaded"),
            ),
            (
                r#"{"error":{"message":"m","type":null,"code":"rate_limit_exceeded"}}"#,
                "rate_limit_exceeded",
                Some("m"),
            ),
            (
                r#"{"error":{"message":"m","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
                "rate_limit_exceeded",
                Some("m"),
            ),
            (
                r#"{"type":"error","error":{"type":"requests","code":"rate_limit_exceeded","message":"m"}}"#,
                "rate_limit_exceeded",
                Some("m"),
            ),
            (
                r#"{"error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"m"}}"#,
                "context_length_exceeded",
                Some("m"),
            ),
            (
                r#"{"error":{"type":"rate_limit_error","code":"of_a_later_year","message":"m"}}"#,
                "rate_limit_error",
                Some("m"),
            ),
            (
                r#"{"error":{"type":"invalid_request_error","code":400,"message":"m"}}"#,
                "invalid_request_error",
                Some("m"),
            ),
            (
                r#"{"error":{"type":"InternalServerError","code":500,"message":"m"}}"#,
                "InternalServerError",
                Some("m"),
            ),
            (r#"{"error":{"type":"UnheardOfError","code":503,"message":"m"}}"#, "503", Some("m")),
            (r#"{"error":{"type":"mine","code":1234,"message":"m"}}"#, "mine", Some("m")),
            (r#"{"error":{"type":"mine","code":"ours","message":"m"}}"#, "ours", Some("m")),
            (r#"{"error":{"message":"m","code":502},"choices":[]}"#, "502", Some("m")),
            (
                r#"{"choices":[{"finish_reason":"error","error":{"message":"m","code":502}}]}"#,
                "502",
                Some("m"),
            ),
            (r#"{"choices":[],"x_groq":{"id":"req_1","error":"m"}}"#, "error", Some("m")),
            (r#"{"type":"message_delta","error":{"message":"m"}}"#, "error", Some("m")),
            (r#"{"type":"message_delta","delta":{}}"#, "error", None),
            (r#"{"error":"m"}"#, "error", Some("m")),
            (
                r#"{"type":"error","code":"server_error","message":"m","param":null}"#,
                "server_error",
                Some("m"),
            ),
            (
                r#"{"type":"response.failed","response":{"error":{"code":"server_error","message":"m"}}}"#,
                "server_error",
                Some("m"),
            ),
            (r#"{"Message":"m"}"#, "error", Some("m")),
            (
                r#"{"__type":"com.amazon.bedrock#ThrottlingException:http://a/#b","message":"m"}"#,
                "ThrottlingException",
                Some("m"),
            ),
            (
                r#"{"error":{"__type":"com.amazon.bedrock#ThrottlingException","message":"m"}}"#,
                "ThrottlingException",
                Some("m"),
            ),
            (r#"{"errorMessage":"m"}"#, "error", Some("m")),
            (r#""m""#, "error", Some("m")),
            ("17", "error", None),
            ("", "error", None),
        ] {
            let exception = exception(payload);
            assert_eq!((&*exception.name, exception.message.as_deref()), (name, message), "{payload}");
            assert_eq!(exception.payload, payload.as_bytes());
        }
    }

    #[test]
    fn a_sentence_without_a_type_is_an_error() {
        assert!(is_undetected_error(r#"{"message":"m"}"#));
        assert!(is_undetected_error(r#"{"error":{"message":"m"}}"#));
        assert!(!is_undetected_error(r#"{"type":"x","message":"m"}"#));
        assert!(!is_undetected_error(r#"{"messages":"m"}"#));
    }
}
