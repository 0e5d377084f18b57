use bedrock_stream_core::converse::Request;
use bedrock_stream_dialects::request::{self, ConvertedRequest, RequestError};
use http::request::Parts;

use crate::api::Api;
use crate::encoder::Asked;
use crate::guardrail;
use crate::refused::Refused;
use crate::restore::Restore;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;

/// A client's request, as Bedrock gets it, and what the answer is written by.
#[derive(Debug)]
pub(crate) struct AnswerRequest {
    /// The model that Bedrock is asked for.
    pub(crate) model: String,
    pub(crate) request: Request,
    pub(crate) is_streaming: bool,
    pub(crate) asked: Asked,
    pub(crate) restore: Restore,
}

impl AnswerRequest {
    /// Reads the JSON of a request. Reports to `watch` what is left out of it.
    pub(crate) fn read(
        state: &State,
        route: &Route,
        parts: &Parts,
        body: &[u8],
        watch: &mut Watch,
    ) -> Result<Self, Refused> {
        let refused = |error: &RequestError, watch: &mut Watch| {
            watch.refused(error);
            Refused::Request(error.body(Some(watch.error_id())))
        };
        // A body that names no model is refused by the reader below.
        let api = Route::api(parts.uri.path());
        let name = request::model(api.dialect(), body).unwrap_or_default();
        let model = state.model(&name).to_owned();
        let mut options = request::Options::new().lenient(state.options.is_lenient).model_id(&*model);
        if let Some(alias) = state.options.aliases.get(&name) {
            options = alias.apply(options);
        }
        for value in parts.headers.get_all("anthropic-beta") {
            options = options.anthropic_beta(value.to_str().unwrap_or_default());
        }
        if let Some(guardrail) = guardrail::named(&parts.headers).or_else(|| state.options.guardrail.clone())
        {
            options = options.guardrail(guardrail);
        }
        let read = match (api, route) {
            (Api::Chat, _) => request::chat(body, &options),
            (Api::Responses, _) => request::responses(body, &options),
            (Api::Messages, Route::CountTokens) => request::count_tokens(body, &options),
            (Api::Messages, _) => request::messages(body, &options),
        };
        let ConvertedRequest { request, model: name, stream, left_out, answer, .. } =
            read.map_err(|error| refused(&error, watch))?;
        watch.asked(&model, left_out.into());
        let restore = Restore::new(&answer.tools);
        let asked = Asked {
            api,
            name,
            includes_usage: answer.include_usage,
            members: answer.request_members,
            tools: answer.tools,
            is_cache_in_input: answer.family.has_cache_in_input_tokens(),
        };
        Ok(Self { model, request, is_streaming: stream, asked, restore })
    }
}
