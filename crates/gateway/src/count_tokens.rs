use std::sync::Arc;

use http::request::Parts;
use http::{Response, StatusCode};
use http_body::Body;
use serde_json::{Map, Value, json};

use crate::answer_request::AnswerRequest;
use crate::problem::Problem;
use crate::read_body::read_body;
use crate::refused::Refused;
use crate::respond;
use crate::response_body::ResponseBody;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;

/// Counts the tokens of a request of Messages, by Bedrock's `CountTokens`.
pub(crate) async fn count_tokens<B>(
    state: &Arc<State>,
    parts: &Parts,
    body: B,
    mut watch: Watch,
) -> Response<ResponseBody>
where
    B: Body + Send,
    B::Data: Send,
{
    let counted = count(state, parts, body, &mut watch).await;
    let (mut aws_id, left_out) = watch.about();
    let mut response = match counted {
        Ok(tokens) => {
            watch.answered();
            respond::json(StatusCode::OK, json!({ "input_tokens": tokens }).to_string(), watch)
        }
        Err(Refused::Request(body)) => return respond::json(StatusCode::BAD_REQUEST, body, watch),
        Err(Refused::Problem(problem)) => {
            aws_id = problem.aws_request_id.clone();
            respond::problem(&problem, &Route::CountTokens, parts.uri.path(), watch)
        }
    };
    respond::about(&mut response, aws_id.as_deref(), &left_out);
    response
}

async fn count<B>(state: &Arc<State>, parts: &Parts, body: B, watch: &mut Watch) -> Result<u64, Refused>
where
    B: Body + Send,
    B::Data: Send,
{
    let body = read_body(state, &parts.headers, body, watch).await?;
    let AnswerRequest { model, request, .. } =
        AnswerRequest::read(state, &Route::CountTokens, parts, &body, watch)?;
    let request = serde_json::to_value(&request).unwrap_or_default();
    let members: Map<String, Value> =
        COUNTED.into_iter().filter_map(|name| Some((name.to_owned(), request.get(name)?.clone()))).collect();
    let input = json!({ "input": { "converse": members } });
    let response = state.client.count_tokens(&model, &input).await.map_err(Problem::from)?;
    watch.aws_id(response.request_id.as_deref());
    let told: Value = response.json().unwrap_or_default();
    let counted = told["inputTokens"].as_u64();
    Ok(counted
        .ok_or_else(|| Problem::refused(502, "Bedrock counted the tokens, but did not say how many"))?)
}

/// The members of a request that `ConverseTokensRequest` has.
///
/// Source: "CountTokens" in the Amazon Bedrock Runtime API reference.
const COUNTED: [&str; 4] = ["messages", "system", "toolConfig", "additionalModelRequestFields"];
