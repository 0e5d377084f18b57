use std::sync::Arc;
use std::time::Instant;

use bedrock_stream_dialects::SseDecoder;
use bedrock_stream_http::{BoxBody, BoxTransport, ChunkStream, JsonResponse, RequestBuilder};
use http::request::Parts;
use http::{Response, StatusCode};

use crate::api::Api;
use crate::left_out::LeftOut;
use crate::native_body::NativeBody;
use crate::native_request::NativeRequest;
use crate::problem::{self, Problem};
use crate::respond;
use crate::response_body::ResponseBody;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;
use crate::whole_verdict::judge;

/// Passes a request to Bedrock's own endpoint of its dialect, and the answer on, which is judged all the same.
pub(crate) async fn answer(
    state: &Arc<State>,
    request: NativeRequest,
    parts: &Parts,
    mut watch: Watch,
) -> Response<ResponseBody> {
    watch.asked(&request.model, LeftOut { names: request.left_out.clone(), more: 0 });
    let api = request.api;
    let answered = if request.is_streaming {
        stream(state, request, watch).await
    } else {
        whole(state, request, watch).await
    };
    match answered {
        Ok(response) => response,
        Err((problem, watch)) => {
            let (_, left_out) = watch.about();
            let aws_id = problem.aws_request_id.clone();
            let mut response = respond::problem(&problem, &Route::Answer(api), parts.uri.path(), watch);
            respond::about(&mut response, aws_id.as_deref(), &left_out);
            response
        }
    }
}

/// Bedrock's events.
async fn stream(
    state: &Arc<State>,
    request: NativeRequest,
    mut watch: Watch,
) -> Result<Response<ResponseBody>, (Problem, Watch)> {
    let (client, wait) = (&state.client, state.options.first_content);
    let asked = Instant::now();
    let builder = match request.api {
        Api::Chat => client.chat_stream(request.body.clone()),
        Api::Responses => client.responses_stream(request.body.clone()),
        Api::Messages => client.messages_stream(request.body.clone()),
    };
    let chunks: ChunkStream<BoxBody, SseDecoder> =
        match with_headers(builder, &request).first_event(wait).await {
            Ok(chunks) => chunks,
            Err(error) => return Err((error.into(), watch)),
        };
    watch.aws_id(chunks.request_id());
    let (aws_id, left_out) = watch.about();
    // Counted from the head of Bedrock's answer on.
    let waited = match chunks.stats().time_to_first_byte {
        Some(first) => asked.elapsed().saturating_sub(first),
        // The first event did not come in time.
        None => wait,
    };
    let max_held = client.config().limits().state_len();
    let mut body = NativeBody::new(chunks, request.api, watch, max_held, state.options.keep_alive);
    if let Err(problem) = body.begin(wait.saturating_sub(waited)).await {
        return Err((problem, body.into_watch()));
    }
    let mut response = respond::event_stream(ResponseBody::native(body));
    respond::about(&mut response, aws_id.as_deref(), &left_out);
    Ok(response)
}

/// Bedrock's JSON.
async fn whole(
    state: &Arc<State>,
    request: NativeRequest,
    mut watch: Watch,
) -> Result<Response<ResponseBody>, (Problem, Watch)> {
    let client = &state.client;
    let builder = match request.api {
        Api::Chat => client.chat(request.body.clone()),
        Api::Responses => client.responses(request.body.clone()),
        Api::Messages => client.messages(request.body.clone()),
    };
    let JsonResponse { body, request_id, mask, .. } = match with_headers(builder, &request).await {
        Ok(response) => response,
        Err(error) => return Err((error.into(), watch)),
    };
    watch.hides(mask.clone());
    watch.aws_id(request_id.as_deref());
    match judge(request.api, &body, client.config().limits()) {
        Ok(done) => watch.done(&done),
        Err(error) => {
            let error = mask.mask_error(error);
            let failure = problem::failure(&error).into_final();
            let is_settled = !error.is_retryable();
            let problem = Problem { is_settled, aws_request_id: request_id, ..Problem::of(failure) };
            return Err((problem, watch));
        }
    }
    watch.complete();
    let (aws_id, left_out) = watch.about();
    let mut response = respond::json(StatusCode::OK, body, watch);
    respond::about(&mut response, aws_id.as_deref(), &left_out);
    Ok(response)
}

fn with_headers<'a, O>(
    builder: RequestBuilder<'a, BoxTransport, O>,
    request: &NativeRequest,
) -> RequestBuilder<'a, BoxTransport, O> {
    request.headers.iter().fold(builder, |builder, (name, value)| builder.header(name.clone(), value.clone()))
}
