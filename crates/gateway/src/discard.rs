use std::time::Duration;

use bytes::Buf;
use http_body::Body;
use http_body_util::BodyExt as _;

/// Reads the rest of a refused request's body, if it is short and comes soon. A client that is still sending when its HTTP/2 stream
/// ends sees the stream reset, and some report only that, and not the response.
pub(crate) async fn discard<B: Body>(body: B) {
    if body.is_end_stream() || body.size_hint().lower() > MAX_LEN as u64 {
        return;
    }
    let read = async {
        let mut body = std::pin::pin!(body);
        let mut left = MAX_LEN;
        while let Some(Ok(frame)) = body.frame().await {
            let len = frame.data_ref().map_or(0, Buf::remaining);
            match left.checked_sub(len) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // It is refused either way.
    let _ = tokio::time::timeout(MAX_TIME, read).await;
}

const MAX_LEN: usize = 256 * 1024;
const MAX_TIME: Duration = Duration::from_secs(1);
