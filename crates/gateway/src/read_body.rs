use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body::Body;
use http_body_util::BodyExt as _;

use crate::cut::cut;
use crate::problem::Problem;
use crate::state::Options;

/// Reads a request's body, within the limits on its length and on the time that it may take.
pub(crate) async fn read_body<B>(headers: &HeaderMap, body: B, options: &Options) -> Result<Bytes, Problem>
where
    B: Body + Send,
{
    for encoding in headers.get_all(CONTENT_ENCODING) {
        let encoding = String::from_utf8_lossy(encoding.as_bytes());
        if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
            let encoding = cut(&encoding).escape_debug().to_string();
            let message = format!("a body with Content-Encoding: {encoding} is not read; send it unencoded");
            return Err(Problem::refused(415, message));
        }
    }
    let too_long = || {
        let message = format!("the request's body is longer than {} bytes", options.max_body);
        Problem::refused(413, message)
    };
    // Known before anything is read, if the client declares the length.
    if body.size_hint().lower() > options.max_body as u64 {
        return Err(too_long());
    }
    let read = async {
        let mut body = std::pin::pin!(body);
        let mut all = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame =
                frame.map_err(|_| Problem::refused(400, "the connection broke in the request's body"))?;
            let Ok(mut data) = frame.into_data() else { continue };
            if data.remaining() > options.max_body - all.len() {
                return Err(too_long());
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
    match tokio::time::timeout(options.body_timeout, read).await {
        Ok(read) => read,
        Err(_) => Err(Problem::refused(
            408,
            format!("the request's body did not arrive within {:?}", options.body_timeout),
        )),
    }
}
