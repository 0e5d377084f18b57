use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection that can be reset through a [`ResetHandle`].
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    reset_handle: ResetHandle,
}

/// Resets its connection at the next read or write.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResetHandle(Arc<AtomicBool>);

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Small writes should arrive as they were made; if this fails, they arrive anyway.
        let _ = stream.set_nodelay(true);
        Self { stream, reset_handle: ResetHandle::default() }
    }

    pub(crate) fn reset_handle(&self) -> ResetHandle {
        self.reset_handle.clone()
    }

    fn alive(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.reset_handle.is_reset() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(Pin::new(&mut self.stream))
    }
}

impl ResetHandle {
    pub(crate) fn reset(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_reset(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset_handle.is_reset() {
            // Closing then sends a reset. If this fails, the connection just ends.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.get_mut().alive()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().alive()?.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().alive()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().alive()?.poll_shutdown(cx)
    }
}
