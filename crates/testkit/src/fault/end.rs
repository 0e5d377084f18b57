use super::named::named;

named! {
    /// How a body ends before it is whole.
    pub enum End {
        /// As if it were whole: the last chunk of HTTP/1.1, the end of the HTTP/2 stream.
        Clean => "cut-at",
        /// Without its end: HTTP/1.1 closes the connection in the middle of the chunked body, HTTP/2 resets the stream.
        Abort => "abort-at",
        /// With the connection: a TCP reset, which an HTTP/2 connection does not survive either.
        Reset => "reset-at",
        /// Not at all: the connection stays open, and nothing more comes.
        Stall => "stall-at",
    }
}
