/// What a [`ChunkStream`](crate::ChunkStream) shows of a body on its way to chunks.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Received<'a> {
    /// The body's next bytes, as they arrived: for a recording.
    Bytes(&'a [u8]),
    /// The next message, whole and verified, before its chunks: for a proxy, or to look at with
    /// [`Message::parse`](crate::frame::Message::parse). Of server-sent events, the next event.
    Message(&'a [u8]),
}
