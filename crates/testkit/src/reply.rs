use bytes::Bytes;

use crate::answer::Answer;
use crate::arrival_times::ArrivalTimes;
use crate::fault::Fault;
use crate::recorded_body::RecordedBody;
use crate::refusal::Refusal;

/// The reply to one request: an [`Answer`], a [`Refusal`], a recorded body, or a generated answer; and the faults to inject
/// into it.
///
/// ```
/// use bedrock_stream_testkit::{Fault, Refusal, RefusalKind, Reply, answer};
///
/// let broken = answer().text("Hello").fault(Fault::Cut);
/// let refused = Reply::from(Refusal::of(RefusalKind::Throttling));
/// let dripping = Reply::from(Fault::Drip); // a generated answer
/// # let _ = (broken, refused, dripping);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Reply {
    pub(crate) content: Content,
    pub(crate) faults: Vec<Fault>,
}

#[derive(Clone, Debug, Default)]
pub(crate) enum Content {
    /// Generated from the request.
    #[default]
    Generated,
    Answer(Box<Answer>),
    Recording(Box<RecordedBody>),
    Refusal(Refusal),
}

impl Content {
    /// The recorded body, if it is one.
    pub(crate) fn recorded(&self) -> Option<&RecordedBody> {
        match self {
            Self::Recording(body) => Some(body),
            _ => None,
        }
    }
}

impl Reply {
    /// An answer that the fake generates from the request.
    pub fn generated() -> Self {
        Self::default()
    }

    /// A recorded response body, in any dialect: ConverseStream, InvokeModelWithResponseStream, or server-sent events. A request
    /// in the same dialect gets it byte for byte; one in another dialect gets the same answer in its own, and so does one without a
    /// stream. A body that belongs to another dialect and is damaged cannot be read, so that request is refused. Bytes of no known
    /// format are sent as they are.
    pub fn recording(body: impl Into<Bytes>) -> Self {
        Self::from(Content::Recording(RecordedBody::new(&body.into()).into()))
    }

    /// Like [`recording`](Self::recording), with its arrival times, for
    /// [`Builder::as_recorded`](crate::Builder::as_recorded). An answer that is written in another dialect has no times.
    pub fn recording_with_times(body: impl Into<Bytes>, times: &ArrivalTimes) -> Self {
        Self::from(Content::Recording(RecordedBody::with_times(&body.into(), times).into()))
    }

    /// Adds a fault.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl Answer {
    /// The reply with this answer and this fault, as in a script's `fault`. More are added by [`Reply::fault`].
    ///
    /// ```
    /// use bedrock_stream_testkit::{FakeBedrock, Fault, answer};
    ///
    /// // The first answer breaks off, the second does not.
    /// let builder = FakeBedrock::builder()
    ///     .reply("*", answer().text("The sky is").fault(Fault::Cut))
    ///     .reply("*", answer().text("The sky is blue."));
    /// # let _ = builder;
    /// ```
    pub fn fault(self, fault: Fault) -> Reply {
        Reply::from(self).fault(fault)
    }
}

impl From<Content> for Reply {
    fn from(content: Content) -> Self {
        Self { content, faults: Vec::new() }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::from(Content::Answer(Box::new(answer)))
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::from(Content::Refusal(refusal))
    }
}

/// A generated answer with this fault.
impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        Self::generated().fault(fault)
    }
}
