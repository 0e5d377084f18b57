use bedrock_stream_core::answer::{Decode, Error};

use crate::chunk_order::ChunkOrder;
use crate::split::pieces;

/// All items that a decoder of any carrier returns for a stream; the last is `Done` or the final error.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct AnswerReading {
    pub(crate) items: Vec<String>,
    pub(crate) is_done: bool,
}

/// How a decoder is asked for its chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// By `push` and `next_chunk`.
    Pushed,
    /// By `next_from`, whose chunks are owned.
    Owned,
    /// By `next_with`, whose chunks are lent.
    Lent,
}

impl Form {
    pub(crate) const ALL: [Self; 3] = [Self::Pushed, Self::Owned, Self::Lent];
}

impl AnswerReading {
    /// Reads a stream in pieces whose lengths are taken from `lens` cyclically, and asserts what is true of any stream.
    pub(crate) fn read<D: Decode>(mut decoder: D, stream: &[u8], lens: &[usize], form: Form) -> Self {
        let mut reading = Self::default();
        let mut order = ChunkOrder::default();
        let mut failure = None;
        let mut skipped = 0;
        let mut take = |next: &mut dyn FnMut(&mut D) -> Result<_, Error>, decoder: &mut D| {
            while failure.is_none() {
                match next(decoder) {
                    Ok(None) => return,
                    Ok(Some(chunk)) => {
                        order.take(&chunk);
                        reading.items.push(format!("{chunk:?}"));
                    }
                    Err(error) => {
                        reading.items.push(format!("{error:?}"));
                        assert!(!error.to_string().is_empty());
                        skipped += u64::from(!error.is_final());
                        failure = error.is_final().then_some(error);
                    }
                }
            }
        };
        for mut piece in pieces(stream, lens) {
            let mut next = |decoder: &mut D| match form {
                Form::Pushed => {
                    decoder.push(core::mem::take(&mut piece));
                    decoder.next_chunk()
                }
                Form::Owned => decoder.next_from(&mut piece),
                Form::Lent => decoder.next_with(&mut piece, |chunk| chunk.into_chunk()),
            };
            take(&mut next, &mut decoder);
        }
        take(&mut |decoder| decoder.finish(), &mut decoder);
        reading.is_done = order.is_done();
        assert_eq!(reading.is_done, failure.is_none(), "an answer is done or has failed");
        assert_eq!(reading.is_done, decoder.is_done());
        // The end stays the same, whatever follows.
        let expected = failure.map_or(Ok(None), Err);
        for _ in 0..2 {
            assert_eq!(decoder.finish(), expected);
            decoder.push(b"data: {}\n\n");
            assert_eq!(decoder.next_chunk(), expected);
            assert_eq!(decoder.next_from(&mut &[0xff; 40][..]), expected);
            assert_eq!(decoder.is_done(), reading.is_done);
        }
        reading
    }
}
