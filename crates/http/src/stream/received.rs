use bedrock_stream_core::frame::Message;

/// What a [`ChunkStream`](crate::ChunkStream) shows of a body on its way to chunks.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Received<'a> {
    /// The body's next bytes, as they arrived: for a recording.
    Bytes(&'a [u8]),
    /// The next message, verified, before its chunks: for a proxy, or to look at.
    Message(&'a Message<'a>),
}
