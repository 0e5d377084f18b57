use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body::Body;
use http_body_util::BodyExt as _;

use crate::cut::cut;
use crate::problem::Problem;
use crate::state::{RETRY_AFTER, State};
use crate::unless::unless;
use crate::watch::Watch;

/// Reads a request's body, within the limits on its length and on the time that it may take. Then its answer takes its place among
/// the open ones: a body that is arriving has none, since a client may take minutes to send it.
pub(crate) async fn read_body<B>(
    state: &Arc<State>,
    headers: &HeaderMap,
    body: B,
    watch: &mut Watch,
) -> Result<Bytes, Problem>
where
    B: Body + Send,
{
    // Nobody should send what will be refused.
    if !state.has_place() {
        return Err(state.no_place());
    }
    let max_body = state.options.max_body;
    for encoding in headers.get_all(CONTENT_ENCODING) {
        let encoding = String::from_utf8_lossy(encoding.as_bytes());
        if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
            let encoding = cut(&encoding).escape_debug().to_string();
            let message = format!("a body with Content-Encoding: {encoding} is not read; send it unencoded");
            return Err(Problem::refused(415, message));
        }
    }
    let too_long = || Problem::refused(413, format!("the request's body is longer than {max_body} bytes"));
    // Known before anything is read, if the client declares the length.
    if body.size_hint().lower() > max_body as u64 {
        return Err(too_long());
    }
    let uploads = &state.uploads;
    let mut upload = uploads.begin().ok_or_else(|| {
        let most = uploads.max_count();
        full(format!("{most} requests are arriving, the most that this gateway allows"))
    })?;
    let read = async {
        let mut body = pin!(body);
        let mut all = BytesMut::new();
        loop {
            let Some(frame) = unless(pin!(give_up(state)), body.frame()).await else {
                return Err(full("the gateway is ending, and the request's body did not arrive".to_owned()));
            };
            let Some(frame) = frame else { break };
            let frame =
                frame.map_err(|_| Problem::refused(400, "the connection broke in the request's body"))?;
            let Ok(mut data) = frame.into_data() else { continue };
            if data.remaining() > max_body - all.len() {
                return Err(too_long());
            }
            if !upload.grow(data.remaining()) {
                let most = uploads.max_bytes();
                return Err(full(format!(
                    "{most} bytes of requests are arriving, the most that this gateway allows"
                )));
            }
            while data.has_remaining() {
                let piece = data.chunk();
                let len = piece.len();
                all.extend_from_slice(piece);
                data.advance(len);
            }
        }
        Ok(all.freeze())
    };
    let timeout = state.options.body_timeout;
    let body = match tokio::time::timeout(timeout, read).await {
        Ok(read) => read?,
        Err(_) => {
            let message = format!("the request's body did not arrive within {timeout:?}");
            return Err(Problem::refused(408, message));
        }
    };
    watch.opened(state.place().ok_or_else(|| state.no_place())?);
    Ok(body)
}

/// Resolves when nothing more should be awaited of a client: some time after the gateway has begun to end.
fn give_up(state: &State) -> impl Future<Output = ()> {
    let mut draining = state.draining.subscribe();
    async move {
        // The sender is in the state.
        let _ = draining.wait_for(|is_draining| *is_draining).await;
        tokio::time::sleep(MAX_STALL).await;
    }
}

/// Another gateway, or this one a little later, may have room.
fn full(message: String) -> Problem {
    Problem::refused(503, message).retry_after(RETRY_AFTER)
}

/// How long nothing of a body may arrive once the gateway has begun to end.
const MAX_STALL: Duration = Duration::from_secs(5);
