use std::pin::Pin;
use std::task::{Context, Poll};

use arbitrary::{Result, Unstructured};
use bytes::Bytes;
use http_body::{Body, Frame};

use crate::random_json::chance;

/// The next step of a body.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Bytes, perhaps none.
    Data(Bytes),
    Trailers,
    Pending,
    /// The connection breaks.
    Broken,
}

/// A stream in frames of random lengths, with everything between them that a body may contain.
pub(crate) fn random_steps(u: &mut Unstructured<'_>, stream: Vec<u8>) -> Result<Vec<Step>> {
    let mut rest = Bytes::from(stream);
    let mut steps = Vec::new();
    let longest = *u.choose(&[3, 40, 200, 2000])?;
    let breaks = chance(u, 3)?;
    while !rest.is_empty() {
        if u.is_empty() {
            steps.push(Step::Data(std::mem::take(&mut rest)));
            break;
        }
        match u.int_in_range(0..=15)? {
            0..=3 => steps.push(Step::Pending),
            4..=6 => steps.push(Step::Data(Bytes::new())),
            7 if chance(u, 4)? => steps.push(Step::Trailers),
            8 if breaks && chance(u, 4)? => {
                steps.push(Step::Broken);
                return Ok(steps);
            }
            _ => {
                let len = u.int_in_range(1..=longest)?.min(rest.len());
                steps.push(Step::Data(rest.split_to(len)));
            }
        }
    }
    for _ in 0..u.int_in_range(0..=3)? {
        steps.push(
            [Step::Pending, Step::Data(Bytes::new()), Step::Trailers, Step::Broken][u.choose_index(4)?]
                .clone(),
        );
    }
    Ok(steps)
}

/// A body that follows these steps. It must not be polled again once it has ended or broken.
pub(crate) struct Steps {
    steps: std::vec::IntoIter<Step>,
    ended: bool,
}

impl Steps {
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        Self { steps: steps.into_iter(), ended: false }
    }
}

impl Body for Steps {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        assert!(!self.ended, "the body is polled after its end");
        Poll::Ready(match self.steps.next() {
            Some(Step::Pending) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Step::Data(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Step::Trailers) => Some(Ok(Frame::trailers(http::HeaderMap::new()))),
            Some(Step::Broken) => {
                self.ended = true;
                Some(Err(std::io::ErrorKind::ConnectionReset.into()))
            }
            None => {
                self.ended = true;
                None
            }
        })
    }
}
