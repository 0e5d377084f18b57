use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The end of what a command prints, however much that is.
pub(super) struct Tail {
    kept: Arc<Mutex<VecDeque<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Tail {
    /// Starts to read.
    pub(super) fn of(pipe: Option<impl AsyncRead + Send + Unpin + 'static>) -> Self {
        let kept = Arc::default();
        let reader = pipe.map(|pipe| tokio::spawn(read(pipe, Arc::clone(&kept))));
        Self { kept, reader }
    }

    /// The text, once the command has ended. What it started may go on and keep the pipe open, so the end is not waited for.
    pub(super) async fn text(mut self) -> String {
        if let Some(reader) = &mut self.reader {
            // Even if the reader failed, the text that it kept counts.
            let _ = timeout(GRACE, reader).await;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(kept.make_contiguous()).into_owned()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.abort();
        }
    }
}

async fn read(mut pipe: impl AsyncRead + Unpin, kept: Arc<Mutex<VecDeque<u8>>>) {
    let mut buffer = vec![0; 4096];
    while let Ok(len @ 1..) = pipe.read(&mut buffer).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&buffer[..len]);
        let excess = kept.len().saturating_sub(MAX_KEPT);
        kept.drain(..excess);
    }
}

const GRACE: Duration = Duration::from_millis(500);
const MAX_KEPT: usize = 64 * 1024;
