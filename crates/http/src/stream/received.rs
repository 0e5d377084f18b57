/// Data that a [`ChunkStream`](crate::ChunkStream) received, before it becomes chunks.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Received<'a> {
    /// The body's next bytes as they arrived, for a recording.
    Bytes(&'a [u8]),
    /// The next message, whole and verified, before its chunks, for a proxy or for
    /// [`Message::parse`](crate::frame::Message::parse). For server-sent events, the data of the next event.
    Message(&'a [u8]),
}
