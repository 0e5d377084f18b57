use alloc::boxed::Box;

use bedrock_stream_core::answer::{Chunk, ChunkRef, Done, Error, StreamPosition, Tail};
use bedrock_stream_core::frame;

use crate::decode::PayloadDecoder;
use crate::sse;

/// The part that both carriers share: the answer decoded from their payloads, and its end if the carrier itself fails.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) payloads: PayloadDecoder,
    /// The carrier's error that ended the answer.
    failure: Option<Error>,
    /// The last chunk of an answer whose other chunks were discarded.
    done: Option<Box<Done>>,
}

/// Why a carrier ended a stream early.
#[derive(Debug)]
pub(crate) struct CarrierError {
    /// The tail of `Done`, if the answer was already proven complete.
    tail: Tail,
    /// The error, if it was not.
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Error(Error),
    /// The stream ended at this position.
    End(StreamPosition),
}

impl From<frame::Error> for CarrierError {
    fn from(error: frame::Error) -> Self {
        let cause = match error {
            frame::Error::Truncated { .. } => Cause::End(StreamPosition::InsideMessage(error)),
            error => Cause::Error(error.into()),
        };
        Self { tail: error.into(), cause }
    }
}

impl From<sse::Error> for CarrierError {
    fn from(error: sse::Error) -> Self {
        let cause = match error {
            sse::Error::Truncated { have, .. } => Cause::End(StreamPosition::InsideEvent { have }),
            sse::Error::TooLong(error) => Cause::Error(error.into()),
        };
        Self { tail: error.into(), cause }
    }
}

impl Answer {
    pub(crate) const fn new(payloads: PayloadDecoder) -> Self {
        Self { payloads, failure: None, done: None }
    }

    /// The final error, if there was one.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.failure.as_ref().or(self.payloads.failure())
    }

    /// The next chunk that is available without reading on.
    #[inline]
    fn next_ref(&mut self) -> Result<Option<ChunkRef<'_>>, Error> {
        if let Some(error) = &self.failure {
            return Err(error.clone());
        }
        if let Some(done) = self.done.take() {
            return Ok(Some(ChunkRef::Owned(Chunk::Done(done))));
        }
        self.payloads.next_ref()
    }

    /// Passes the next chunk to `take`, reading from `input` while there is none, and returns what that returns. `read`
    /// passes on the carrier's next payload; it returns `false` if `input` contains no further complete one.
    #[inline]
    pub(crate) fn next_with<R, E: Into<CarrierError>>(
        &mut self,
        input: &mut &[u8],
        mut read: impl FnMut(&mut PayloadDecoder, &mut &[u8]) -> Result<bool, E>,
        take: impl FnOnce(ChunkRef<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        loop {
            if let Some(chunk) = self.next_ref()? {
                return Ok(Some(take(chunk)));
            }
            if self.payloads.is_done() {
                *input = &[];
                return Ok(None);
            }
            match read(&mut self.payloads, input) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => {
                    let chunk = self.break_off(error)?;
                    return Ok(chunk.map(|chunk| take(ChunkRef::Owned(chunk))));
                }
            }
        }
    }

    /// Ends the answer because the carrier ended the stream early. After the proof of completeness, this costs at most
    /// the usage; after the end of the answer, nothing.
    pub(crate) fn break_off(&mut self, end: impl Into<CarrierError>) -> Result<Option<Chunk>, Error> {
        if self.payloads.is_done() {
            return Ok(None);
        }
        let CarrierError { tail, cause } = end.into();
        if self.payloads.is_stopped() {
            return Ok(self.payloads.finish_broken(tail));
        }
        let error = match cause {
            Cause::Error(error) => error,
            Cause::End(position) => match self.payloads.finish() {
                Ok(chunk) => return Ok(chunk),
                Err(Error::Incomplete(mut incomplete)) => {
                    incomplete.position = position;
                    incomplete.into()
                }
                Err(error) => error,
            },
        };
        if error.is_final() {
            self.failure = Some(error.clone());
        }
        Err(error)
    }

    /// Discards the available chunks, except `Done`, for callers that use the payloads themselves.
    pub(crate) fn drop_chunks(&mut self) {
        let _ = self.drop_while(|answer| answer.payloads.next_chunk());
    }

    /// Finishes the answer at the regular end of the stream, discarding all chunks except `Done`.
    pub(crate) fn finish_dropping(&mut self) -> Result<(), Error> {
        self.drop_while(|answer| answer.payloads.finish())
    }

    /// Like `break_off`, discarding all chunks except `Done`.
    pub(crate) fn break_off_dropping(&mut self, end: impl Into<CarrierError>) -> Result<(), Error> {
        let mut end = Some(end.into());
        self.drop_while(|answer| match end.take() {
            Some(end) => answer.break_off(end),
            None => Ok(answer.next_ref()?.map(ChunkRef::into_chunk)),
        })
    }

    /// Discards what `next` returns until it returns nothing or a final error.
    fn drop_while(
        &mut self,
        mut next: impl FnMut(&mut Self) -> Result<Option<Chunk>, Error>,
    ) -> Result<(), Error> {
        loop {
            match next(self) {
                Ok(Some(Chunk::Done(done))) => {
                    self.done = Some(done);
                    return Ok(());
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(error) if error.is_final() => return Err(error),
                // The skipped event is counted, and the caller has its payload.
                Err(_) => {}
            }
        }
    }

    pub(crate) fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        if self.failure.is_some() {
            return None;
        }
        match self.done.take() {
            Some(done) => Some(Chunk::Done(done)),
            None => self.payloads.finish_broken(tail),
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.failure.is_none() && self.payloads.is_stopped()
    }

    pub(crate) fn ending(&self) -> Done {
        self.done.as_deref().map_or_else(|| self.payloads.ending(), Done::clone)
    }

    pub(crate) fn raw_stop_reason(&self) -> Option<&str> {
        match &self.done {
            Some(done) => done.raw_stop_reason.as_deref(),
            None => self.payloads.raw_stop_reason(),
        }
    }
}
