use http::request::Parts;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::cut::cut;
use crate::problem::Problem;
use crate::respond;
use crate::response_body::ResponseBody;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;

/// The configured names, in a form that both vendors' SDKs can read.
///
/// Source: "List models" in OpenAI's and in Anthropic's API reference.
pub(crate) fn list(state: &State, mut watch: Watch) -> Response<ResponseBody> {
    watch.answered();
    let models: Vec<Value> = state.options.aliases.keys().map(|name| model(state, name)).collect();
    let (first, last) = (state.options.aliases.keys().next(), state.options.aliases.keys().next_back());
    let list = json!({
        "object": "list",
        "data": models,
        "has_more": false,
        "first_id": first,
        "last_id": last,
    });
    respond::json(StatusCode::OK, list.to_string(), watch)
}

/// One of them.
pub(crate) fn one(state: &State, name: &str, parts: &Parts, mut watch: Watch) -> Response<ResponseBody> {
    if state.options.aliases.contains_key(name) {
        watch.answered();
        return respond::json(StatusCode::OK, model(state, name).to_string(), watch);
    }
    let message = format!("this gateway has no name \"{}\"", cut(name).escape_debug());
    respond::problem(&Problem::refused(404, message), &Route::Models, parts.uri.path(), watch)
}

fn model(state: &State, name: &str) -> Value {
    json!({
        "id": name,
        "object": "model",
        "type": "model",
        "display_name": name,
        "created": state.made,
        "created_at": "1970-01-01T00:00:00Z",
        "owned_by": "bedrock",
    })
}
