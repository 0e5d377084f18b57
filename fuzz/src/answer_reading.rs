use bedrock_stream_core::answer::{Decode, Error};

use crate::chunk_order::ChunkOrder;
use crate::split::pieces;

/// All items that a decoder of any carrier returns for a stream; the last is `Done` or the final error.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct AnswerReading {
    pub(crate) items: Vec<String>,
    pub(crate) is_done: bool,
}

impl AnswerReading {
    /// Reads a stream in pieces whose lengths are taken from `lens` cyclically, lent or pushed, and asserts what is
    /// true of any stream.
    pub(crate) fn read(mut decoder: impl Decode, stream: &[u8], lens: &[usize], lends: bool) -> Self {
        let mut reading = Self::default();
        let mut order = ChunkOrder::default();
        let mut failure = None;
        let mut skipped = 0;
        let mut take = |next: &mut dyn FnMut(&mut dyn Decode) -> Result<_, Error>,
                        decoder: &mut dyn Decode| {
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
            if lends {
                take(&mut |decoder| decoder.next_from(&mut piece), &mut decoder);
            } else {
                decoder.push(piece);
                take(&mut |decoder| decoder.next_chunk(), &mut decoder);
            }
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
