/// One server-sent event that has data. Invalid UTF-8 reads as U+FFFD.
///
/// ```
/// let mut decoder = bedrock_stream_dialects::sse::Decoder::new();
/// decoder.push(b": a comment\nevent: ping\ndata: {}\n\n");
/// let event = decoder.next_event()?.expect("it is whole");
/// assert_eq!((event.offset, event.name, event.data, event.is_lossy), (0, Some("ping"), "{}", false));
/// # Ok::<(), bedrock_stream_dialects::sse::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<'a> {
    /// Where it starts, in bytes from the start of the stream: after the blank line that ends the previous event, so it
    /// includes any comments before it.
    pub offset: u64,
    /// The value of its last `event` field. `None` if it has no such field, or an empty one.
    pub name: Option<&'a str>,
    /// The values of its `data` fields, with a line feed between them.
    pub data: &'a str,
    /// Whether the data was not valid UTF-8, so that `data` has U+FFFD in place of what was sent.
    pub is_lossy: bool,
}
