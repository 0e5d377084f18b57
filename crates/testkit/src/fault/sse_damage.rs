use super::named::named;
use crate::conclusion::Conclusion;

named! {
    /// How server-sent events are damaged, or written in a way that is rare.
    ///
    /// ```
    /// use bedrock_stream_testkit::{Conclusion, Fault, Operation, SseDamage};
    ///
    /// let model = "openai.gpt-oss-20b-1:0";
    /// let conclusions = |damage| Fault::Sse(damage).conclusions_in(Operation::ChatCompletions, model);
    /// // `[DONE]` proves nothing, and is not needed.
    /// assert_eq!(conclusions(SseDamage::DoneEarly), [Conclusion::Incomplete]);
    /// assert_eq!(conclusions(SseDamage::NoDone), [Conclusion::Complete]);
    /// ```
    pub enum SseDamage {
        /// The body ends cleanly within a line, half-way through.
        CutLine => "cut-line",
        /// The blank line between two events half-way through is missing, so that they are one.
        NoBlankLine => "no-blank-line",
        /// Lines end alternately in CRLF, LF and CR, which is allowed.
        Crlf => "crlf",
        /// A byte order mark comes first, which is allowed.
        Bom => "bom",
        /// The data of each event is cut into two lines, which is allowed: a reader joins them.
        DataLines => "data-lines",
        /// The events have no names: only their JSON has their type.
        DataOnly => "data-only",
        /// The name of an event follows its data.
        DataFirst => "data-first",
        /// `[DONE]` is missing. It proves nothing.
        NoDone => "no-done",
        /// `[DONE]` comes in place of the chunk with the finish reason and all after it. It proves nothing.
        DoneEarly => "done-early",
        /// Many comments precede every event, and in Messages many pings.
        Pings => "pings",
    }
}

impl SseDamage {
    pub(super) fn conclusion(self) -> Conclusion {
        match self {
            Self::CutLine | Self::DoneEarly => Conclusion::Incomplete,
            Self::NoBlankLine => Conclusion::Skipped,
            Self::Crlf
            | Self::Bom
            | Self::DataLines
            | Self::DataOnly
            | Self::DataFirst
            | Self::NoDone
            | Self::Pings => Conclusion::Complete,
        }
    }
}
