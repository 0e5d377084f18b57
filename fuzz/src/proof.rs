use bedrock_stream_dialects::Dialect;

use crate::rules::{Json, Value};

/// Whether these payloads can prove an answer in the dialect complete (D2): the minimum that the decoder needs. Order
/// is ignored, except in Messages.
pub(crate) fn can_prove(dialect: Dialect, payloads: &[String]) -> bool {
    let payloads: Vec<Json<'_>> = payloads.iter().filter_map(|payload| Json::read(payload)).collect();
    let any = |is_proof: &dyn Fn(&Json<'_>) -> bool| payloads.iter().any(is_proof);
    let has = |name: &str| any(&|payload| payload.get(name).is_some());
    match dialect {
        Dialect::Messages => {
            let is_reason = |payload: &Json<'_>| {
                payload.get("delta").is_some_and(|delta| delta.get("stop_reason").is_some())
            };
            let reason = payloads.iter().position(is_reason);
            let is_stop = |payload: &Json<'_>| kind(payload) == Some("message_stop");
            reason.is_some_and(|reason| payloads[reason..].iter().any(is_stop))
        }
        Dialect::Completion | Dialect::Llama => has("stop_reason"),
        Dialect::Nova => has("messageStop"),
        Dialect::Titan => {
            has("completionReason")
                || has("totalOutputTextTokenCount")
                || (has("amazon-bedrock-guardrailAction") && has("amazon-bedrock-trace"))
        }
        Dialect::Mistral => {
            any(&|payload| items(payload, "outputs").iter().any(|it| it.get("stop_reason").is_some()))
        }
        Dialect::Cohere => {
            let generated = |it: &Json<'_>| it.get("finish_reason").is_some();
            any(&|payload| payload.get("is_finished").is_some_and(|it| it.text == "true"))
                || any(&|payload| items(payload, "generations").iter().any(generated))
        }
        Dialect::Chat => any(&|payload| {
            let ended = |it: &Json<'_>| it.get("finish_reason").or(it.get("stop_reason")).is_some();
            items(payload, "choices").iter().any(ended)
        }),
        Dialect::Responses => {
            any(&|payload| matches!(kind(payload), Some("response.completed" | "response.incomplete")))
        }
        dialect => panic!("no proof is known for {dialect}"),
    }
}

fn kind<'j>(payload: &'j Json<'_>) -> Option<&'j str> {
    payload.get("type").and_then(Json::as_str)
}

fn items<'j, 'a>(payload: &'j Json<'a>, name: &str) -> &'j [Json<'a>] {
    match payload.get(name).map(|json| &json.value) {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}
