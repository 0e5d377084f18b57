/// Data that a [`ChunkStream`](crate::ChunkStream) received, before it becomes chunks.
///
/// Recording an answer while it is read:
///
/// ```
/// use bedrock_stream_http::{ChunkStream, Received};
/// use bedrock_stream_testkit::answer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let answer = answer().text("Hello to you.");
/// let mut chunks = ChunkStream::new(answer.http_response()?);
/// let mut recording = Vec::new();
/// let mut see = |received: Received<'_>| {
///     if let Received::Bytes(bytes) = received {
///         recording.extend_from_slice(bytes);
///     }
/// };
/// while let Some(chunk) = chunks.next_inspect(&mut see).await {
///     chunk?;
/// }
/// assert_eq!(recording, answer.to_bytes()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Received<'a> {
    /// The body's next bytes as they arrived, for a recording.
    Bytes(&'a [u8]),
    /// The next message, whole and verified, before its chunks, for a proxy or for
    /// [`Message::parse`](crate::frame::Message::parse). For server-sent events, the data of the next event.
    Message(&'a [u8]),
}
