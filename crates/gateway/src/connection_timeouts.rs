use std::time::Duration;

/// How long a client may take on one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionTimeouts {
    /// For the TLS handshake, and then for the head of the first request.
    pub(crate) head: Duration,
    /// From the end of an answer to the end of the next request's head.
    pub(crate) keep_alive: Duration,
    /// Without reading, while there is something to be read.
    pub(crate) write: Duration,
}

impl Default for ConnectionTimeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            // Longer than nginx, AWS's load balancers and most others keep a connection for reuse, which is 60 s: the side that
            // sends the requests should be the one that gives it up, or it may send one while it is being closed.
            keep_alive: Duration::from_secs(90),
            write: Duration::from_secs(300),
        }
    }
}
