use super::named::named;

named! {
    /// How a body ends early.
    ///
    /// ```
    /// use bedrock_stream_testkit::{Conclusion, End, Fault};
    ///
    /// let cut = |end| Fault::CutAt { byte: 300, end }.conclusion();
    /// assert_eq!(cut(End::Clean), Conclusion::Incomplete);
    /// assert_eq!(cut(End::Reset), Conclusion::Broken);
    /// // Only the client's own timeout notices this.
    /// assert_eq!(cut(End::Stall), Conclusion::Stalled);
    /// ```
    pub enum End {
        /// As if it were complete: the last chunk in HTTP/1.1, the end of the stream in HTTP/2.
        Clean => "cut-at",
        /// Without its end: HTTP/1.1 closes the connection in the middle of the chunked body, HTTP/2 resets the stream.
        Abort => "abort-at",
        /// With a TCP reset, which also ends an HTTP/2 connection.
        Reset => "reset-at",
        /// Never: the connection stays open, and nothing more comes.
        Stall => "stall-at",
    }
}
