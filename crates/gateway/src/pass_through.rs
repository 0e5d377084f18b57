use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_dialects::InvokeDecoder;
use bedrock_stream_http::{BoxBody, Error, Operation, SecretMask};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body::Body;

use crate::guardrail;
use crate::left_out::LeftOut;
use crate::pass_through_body::{Decoder, PassThroughBody};
use crate::problem::Problem;
use crate::read_body::read_body;
use crate::respond;
use crate::response_body::ResponseBody;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;

/// Passes on one of Bedrock's own operations, byte for byte, and watches whether the answer is complete.
pub(crate) async fn pass<B>(
    state: &Arc<State>,
    route: &Route,
    model: &str,
    parts: &Parts,
    body: B,
    mut watch: Watch,
) -> Response<ResponseBody>
where
    B: Body + Send,
    B::Data: Send,
{
    let opened = open(state, route, state.model(model), parts, body, &mut watch).await;
    let (response, started) = match opened {
        Ok(opened) => opened,
        Err(problem) => return respond::problem(&problem, route, parts.uri.path(), watch),
    };
    let mask = SecretMask::of(&response);
    let (head, body) = response.into_parts();
    watch.hides(mask.clone());
    let id = head.headers.get("x-amzn-requestid").and_then(|id| id.to_str().ok());
    watch.aws_id(id);
    let limits = state.client.config().limits();
    let decoder = match route {
        Route::InvokeStream(_) => Decoder::Invoke(Box::new(InvokeDecoder::with_limits(None, limits))),
        _ => Decoder::Converse(Box::new(ChunkDecoder::with_limits(limits))),
    };
    let body =
        PassThroughBody::new(body, decoder, watch, state.client.config().timeouts(), started.elapsed());
    let mut response = Response::new(ResponseBody::pass_through(body));
    for (name, value) in &head.headers {
        if name == CONTENT_TYPE || name.as_str().starts_with("x-amzn-") {
            let masked = match mask.mask(&String::from_utf8_lossy(value.as_bytes())) {
                Cow::Owned(masked) => HeaderValue::from_str(&masked).ok(),
                Cow::Borrowed(_) => Some(value.clone()),
            };
            // One that cannot be masked is left out.
            response.headers_mut().extend(masked.map(|value| (name.clone(), value)));
        }
    }
    response
}

/// Bedrock's response, and when it was asked.
async fn open<B>(
    state: &Arc<State>,
    route: &Route,
    model: &str,
    parts: &Parts,
    body: B,
    watch: &mut Watch,
) -> Result<(Response<BoxBody>, Instant), Problem>
where
    B: Body + Send,
    B::Data: Send,
{
    watch.asked(model, LeftOut::default());
    let body = read_body(state, &parts.headers, body, watch).await?;
    let operation = match route {
        Route::InvokeStream(_) => Operation::invoke_stream(model),
        _ => Operation::converse_stream(model),
    };
    let mut operation = operation.map_err(Error::from)?;
    let mut headers: HeaderMap =
        parts.headers.iter().filter(|(name, _)| is_passed_on(name)).map(cloned).collect();
    let body = match (route, &state.options.guardrail) {
        (Route::InvokeStream(_), configured) => {
            guardrail::add_to_headers(&mut headers, configured.as_ref())
                .ok_or_else(|| Problem::refused(500, "the gateway's guardrail cannot be said in a header"))?;
            body
        }
        (_, Some(configured)) => guardrail::add_to_body(&body, configured).map_err(|problem| *problem)?,
        (_, None) => body,
    };
    for (name, value) in &headers {
        operation = operation.header(name.clone(), value.clone()).map_err(Error::from)?;
    }
    let started = Instant::now();
    Ok((state.client.open(operation, body).await?, started))
}

fn cloned((name, value): (&HeaderName, &HeaderValue)) -> (HeaderName, HeaderValue) {
    (name.clone(), value.clone())
}

/// Whether a header of the client's means something to Bedrock. Its signature, its key and its connection do not.
fn is_passed_on(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-amzn-bedrock-")
}
