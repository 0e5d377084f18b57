use std::sync::Arc;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::Chunk;
use bedrock_stream_dialects::encode::Failure;
use bedrock_stream_http::Config;
use http::request::Parts;
use http::{Response, StatusCode};
use http_body::Body;

use crate::answer_body::AnswerBody;
use crate::answer_request::AnswerRequest;
use crate::api::Api;
use crate::encoder::{Asked, Encoder};
use crate::native;
use crate::native_request::NativeRequest;
use crate::opened::Opened;
use crate::problem::{Problem, failure};
use crate::read_body::read_body;
use crate::refused::Refused;
use crate::respond;
use crate::response_body::ResponseBody;
use crate::restore::Restore;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;

/// A request that was read.
enum Begun {
    /// It has not been sent.
    Native(NativeRequest),
    Converse(Box<(AnswerRequest, Opened)>),
}

/// Answers a request in the dialect of `api`.
pub(crate) async fn answer<B>(
    state: &Arc<State>,
    api: Api,
    parts: &Parts,
    body: B,
    mut watch: Watch,
) -> Response<ResponseBody>
where
    B: Body + Send,
    B::Data: Send,
{
    match open(state, api, parts, body, &mut watch).await {
        Ok(Begun::Native(request)) => native::answer(state, request, parts, watch).await,
        Ok(Begun::Converse(begun)) if begun.0.is_streaming => {
            let (request, opened) = *begun;
            let encoder = Encoder::new(&request.asked, watch.error_id(), state.client.config().limits());
            let (aws_id, left_out) = watch.about();
            let body = AnswerBody::new(opened, request.restore, encoder, watch, state.options.keep_alive);
            let mut response = respond::event_stream(ResponseBody::answer(body));
            respond::about(&mut response, aws_id.as_deref(), &left_out);
            response
        }
        Ok(Begun::Converse(begun)) => {
            let (AnswerRequest { restore, asked, request, .. }, opened) = *begun;
            // It may be long, and so may the answer take.
            drop(request);
            let (aws_id, left_out) = watch.about();
            let whole = whole(opened, restore, &asked, &mut watch, state.client.config());
            let mut response = match whole.await {
                Ok(body) => {
                    watch.complete();
                    respond::json(StatusCode::OK, body, watch)
                }
                Err(problem) => respond::problem(&problem, &Route::Answer(api), parts.uri.path(), watch),
            };
            respond::about(&mut response, aws_id.as_deref(), &left_out);
            response
        }
        Err(Refused::Request(body)) => respond::json(StatusCode::BAD_REQUEST, body, watch),
        Err(Refused::Problem(problem)) => {
            let (_, left_out) = watch.about();
            let aws_id = problem.aws_request_id.clone();
            let mut response = respond::problem(&problem, &Route::Answer(api), parts.uri.path(), watch);
            respond::about(&mut response, aws_id.as_deref(), &left_out);
            response
        }
    }
}

async fn open<B>(
    state: &Arc<State>,
    api: Api,
    parts: &Parts,
    body: B,
    watch: &mut Watch,
) -> Result<Begun, Refused>
where
    B: Body + Send,
    B::Data: Send,
{
    let body = read_body(state, &parts.headers, body, watch).await?;
    if let Some(request) = NativeRequest::of(state, api, parts, &body) {
        return Ok(Begun::Native(request));
    }
    let request = AnswerRequest::read(state, &Route::Answer(api), parts, &body, watch)?;
    drop(body);
    let opened =
        Opened::open(&state.client, &request.model, &request.request, state.options.first_content).await?;
    watch.aws_id(opened.chunks.request_id());
    Ok(Begun::Converse(Box::new((request, opened))))
}

/// Reads an answer to its end.
async fn whole(
    opened: Opened,
    mut restore: Restore,
    asked: &Asked,
    watch: &mut Watch,
    config: &Config,
) -> Result<String, Problem> {
    let Opened { mut chunks, read } = opened;
    let max_len = config.max_response_len();
    let (mut all, mut len, mut skipped) = (Vec::new(), 0, None);
    let mut read = read.into_iter();
    loop {
        let item = match read.next() {
            Some(item) => item,
            None => match chunks.next().await {
                Some(item) => item,
                None => break,
            },
        };
        match item {
            Ok(chunk) => {
                len += chunk_len(&chunk);
                if len > max_len {
                    let message = format!("the answer is longer than {max_len} bytes: ask for a stream");
                    let failure = Failure::new(ErrorKind::TooLong, message);
                    return Err(Problem { is_settled: true, ..Problem::of(failure) });
                }
                if let Chunk::Done(done) = &chunk {
                    watch.done(done);
                }
                all.extend(restore.chunk(chunk));
            }
            Err(error) if error.is_final() => return Err(Problem::in_answer(&error)),
            // What was skipped is missing from the answer.
            Err(error) => skipped = skipped.or(Some(error)),
        }
    }
    if let Some(error) = skipped {
        return Err(Problem::of(failure(&error).into_final()));
    }
    let mut encoder = Encoder::new(asked, watch.error_id(), config.limits());
    let body = encoder.whole(&all).map_err(|failure| {
        // A tool call was cut off at the limit of tokens, and would be again.
        let is_settled = failure.kind() == ErrorKind::Truncated;
        Problem { is_settled, ..Problem::of(failure) }
    });
    watch.left_out(encoder.stream().left_out());
    body
}

/// About how many bytes a chunk takes.
fn chunk_len(chunk: &Chunk) -> usize {
    size_of::<Chunk>()
        + match chunk {
            Chunk::Text { text, .. } | Chunk::Reasoning { text, .. } => text.len(),
            Chunk::ReasoningSignature { signature, .. } => signature.len(),
            Chunk::ReasoningRedacted { data, .. } => data.as_ref().len(),
            Chunk::ToolCallDelta { arguments_delta, .. } => arguments_delta.len(),
            Chunk::ToolCallEnd { input, .. } => input.as_str().len(),
            // Rare, and bounded by the limit on a message.
            chunk => serde_json::to_string(chunk).map_or(0, |json| json.len()),
        }
}
