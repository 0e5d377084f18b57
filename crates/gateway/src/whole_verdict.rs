use bedrock_stream_core::answer::{Chunk, Done, Error, Incomplete, StreamPosition};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::PayloadDecoder;
use serde_json::{Value, json};

use crate::api::Api;

/// Whether an answer that did not stream is complete, by the same rules as one that did: its JSON is read as the payloads that a
/// stream of it would end with. The error may be one of a skipped event, which is as final as any other here.
pub(crate) fn judge(api: Api, body: &[u8], limits: Limits) -> Result<Done, Error> {
    let text = String::from_utf8_lossy(body);
    let payloads = match api {
        // A choice has a `message` where a stream has a `delta`.
        Api::Chat => vec![text.into_owned()],
        Api::Responses => of_response(&text),
        Api::Messages => of_message(&text),
    };
    let mut decoder = PayloadDecoder::with_limits(Some(api.dialect()), limits);
    let mut skipped = None;
    for payload in payloads {
        decoder.apply(None, &payload);
    }
    loop {
        match decoder.finish() {
            Ok(Some(Chunk::Done(done))) => {
                return skipped.map_or(Ok(*done), Err);
            }
            Ok(Some(_)) => {}
            // A stream ends with `Done` or an error, so this does not happen.
            Ok(None) => return Err(Incomplete::new(StreamPosition::BeforeMessageStop, Vec::new()).into()),
            Err(error) if error.is_final() => return Err(skipped.unwrap_or(error)),
            Err(error) => {
                skipped.get_or_insert(error);
            }
        }
    }
}

fn of_response(text: &str) -> Vec<String> {
    let response: Value = serde_json::from_str(text).unwrap_or_default();
    match response["status"].as_str() {
        Some(status @ ("completed" | "incomplete" | "failed" | "cancelled")) => {
            vec![json!({"type": format!("response.{status}"), "response": response}).to_string()]
        }
        // No response: an error, or anything else.
        _ => vec![text.to_owned()],
    }
}

fn of_message(text: &str) -> Vec<String> {
    let mut message: Value = serde_json::from_str(text).unwrap_or_default();
    if message["type"] != "message" {
        return vec![text.to_owned()];
    }
    let (reason, usage) = (message["stop_reason"].take(), message["usage"].take());
    message["content"] = json!([]);
    let delta = json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage});
    let start = json!({"type": "message_start", "message": message});
    [start, delta, json!({"type": "message_stop"})].map(|payload| payload.to_string()).into()
}

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::Limits;

    use super::judge;
    use crate::api::Api;

    #[test]
    fn an_answer_says_why_it_ended() {
        let usage = r#""usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"#;
        for (api, body) in [
            (
                Api::Chat,
                format!(
                    r#"{{"object":"chat.completion","choices":[{{"index":0,"message":{{"role":"assistant","content":"Hi"}},"finish_reason":"length"}}],{usage}}}"#
                ),
            ),
            (
                Api::Responses,
                r#"{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[],"usage":{"input_tokens":3,"output_tokens":2}}"#.to_owned(),
            ),
            (
                Api::Messages,
                r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}],"stop_reason":"max_tokens","usage":{"input_tokens":3,"output_tokens":2}}"#.to_owned(),
            ),
        ] {
            let done = judge(api, body.as_bytes(), Limits::default()).unwrap_or_else(|failure| panic!("{api:?} {failure:?}"));
            let usage = done.usage.unwrap();
            assert_eq!((usage.input_tokens, usage.output_tokens), (Some(3), Some(2)), "{api:?}");
            assert_eq!(done.stop_reason.as_str(), "max_tokens", "{api:?}");
        }
    }

    #[test]
    fn what_is_not_proven_is_not_complete() {
        for (api, body) in [
            (Api::Chat, r#"{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":null}]}"#),
            (Api::Chat, r#"{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}"#),
            (Api::Chat, r#"{"choices":[]}"#),
            (Api::Chat, r#"{"error":{"message":"no"}}"#),
            (Api::Chat, r#"{"message":"no"}"#),
            (Api::Chat, ""),
            (
                Api::Responses,
                r#"{"object":"response","status":"failed","error":{"code":"server_error","message":"no"}}"#,
            ),
            (Api::Responses, r#"{"object":"response","status":"in_progress","output":[]}"#),
            (Api::Responses, r#"{"object":"response","status":"completed","output":["#),
            (Api::Messages, r#"{"type":"message","content":[],"stop_reason":null}"#),
            (Api::Messages, r#"{"type":"error","error":{"type":"api_error","message":"no"}}"#),
            (Api::Messages, "[]"),
        ] {
            assert!(judge(api, body.as_bytes(), Limits::default()).is_err(), "{api:?} {body}");
        }
    }
}
