use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// A connection whose first bytes were read already; it returns them again.
#[derive(Debug)]
pub(super) struct Rewound<C> {
    start: Bytes,
    connection: C,
}

/// Reads just enough to tell whether the client speaks HTTP/2.
pub(super) async fn is_http2<C>(mut connection: C) -> io::Result<(bool, Rewound<C>)>
where
    C: AsyncRead + Unpin,
{
    let (mut start, mut len) = ([0; PREFACE.len()], 0);
    while len < PREFACE.len() && PREFACE.starts_with(&start[..len]) {
        match connection.read(&mut start[len..]).await? {
            0 => break,
            read => len += read,
        }
    }
    let rewound = Rewound { start: Bytes::copy_from_slice(&start[..len]), connection };
    Ok((start[..len] == *PREFACE, rewound))
}

impl<C: AsyncRead + Unpin> AsyncRead for Rewound<C> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.start.is_empty() {
            return Pin::new(&mut this.connection).poll_read(cx, buffer);
        }
        let len = this.start.len().min(buffer.remaining());
        buffer.put_slice(&this.start[..len]);
        this.start.advance(len);
        Poll::Ready(Ok(()))
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Rewound<C> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().connection).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_shutdown(cx)
    }
}

/// How a client begins HTTP/2. Source: RFC 9113, section 3.4.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn the_first_bytes_tell_and_are_read_again() {
        let http2 = [&PREFACE[..], b"rest"].concat();
        for (sent, expected) in [
            (&http2[..], true),
            (b"POST / HTTP/1.1\r\n\r\n", false),
            (b"PRI * HTTP/2.0\r\n\r\nXX", false),
            (b"PRI", false),
            (b"", false),
        ] {
            let (mut client, server) = duplex(64);
            let write = async {
                // One byte at a time.
                for byte in sent {
                    client.write_all(&[*byte]).await.expect("it is read");
                }
                drop(client);
            };
            let read = async {
                let (is_http2, mut connection) = is_http2(server).await.expect("it can be read");
                let mut all = Vec::new();
                connection.read_to_end(&mut all).await.expect("it can be read");
                (is_http2, all)
            };
            let ((), found) = tokio::join!(write, read);
            assert_eq!(found, (expected, sent.to_vec()));
        }
    }
}
