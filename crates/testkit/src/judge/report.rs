use std::fmt;

use super::case::Case;
use crate::conclusion::Conclusion;

/// What a client concluded from each case. Its `Display` form is a table.
///
/// ```
/// use bedrock_stream_testkit::{Conclusion, Fault, Judge};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bedrock_stream_testkit::StartError> {
/// let judge = Judge::new().only([Fault::Cut.into()]);
/// let report = judge.run(|_url, _model| async { Conclusion::Complete }).await?;
/// for verdict in report.wrong() {
///     assert!(!verdict.is_right());
///     eprintln!("{verdict}");
/// }
/// assert!(report.to_string().ends_with("1 cases, 1 wrong"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub struct Report {
    /// One verdict per case, in order.
    pub verdicts: Vec<Verdict>,
}

/// What a client concluded from a case.
///
/// ```
/// use bedrock_stream_testkit::{Conclusion, Fault, Judge};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bedrock_stream_testkit::StartError> {
/// // The right word, but without a request it is a guess.
/// let judge = Judge::new().only([Fault::Cut.into()]);
/// let report = judge.run(|_url, _model| async { Conclusion::Incomplete }).await?;
/// let verdict = &report.verdicts[0];
/// assert_eq!((verdict.concluded.as_ref(), verdict.requests), (Some(&Conclusion::Incomplete), 0));
/// assert!(!verdict.is_right());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The case.
    pub case: Case,
    /// What the client concluded; none if it timed out.
    pub concluded: Option<Conclusion>,
    /// How many requests it made.
    pub requests: usize,
    /// How many of them were for a stream of the judged operation and were answered with status 200.
    pub answered: usize,
    /// The first five of all others, each with the operation or the path and the status of its response.
    pub others: Vec<String>,
}

impl Report {
    /// The cases that the client got wrong.
    pub fn wrong(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| !verdict.is_right())
    }
}

impl Verdict {
    /// Whether the conclusion is right: a client that sent no request has none. Neither has one that got no answer by the judged
    /// operation where there was no fault.
    #[must_use]
    pub fn is_right(&self) -> bool {
        let is_right = |concluded: &Conclusion| match concluded {
            Conclusion::Failed => self.case.right.iter().any(|right| *right != Conclusion::Complete),
            concluded => self.case.right.contains(concluded),
        };
        let is_judged = if self.case.faults.is_empty() { self.answered > 0 } else { self.requests > 0 };
        is_judged && self.concluded.as_ref().is_some_and(is_right)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let concluded = self.concluded.as_ref().map_or("nothing, it hangs".to_owned(), ToString::to_string);
        let right: Vec<String> = self.case.right.iter().map(ToString::to_string).collect();
        let case = self.case.to_string();
        let mark = if self.is_right() { "ok" } else { "WRONG" };
        let requests = self.requests;
        write!(f, "{mark:5} {case:52} {requests:>8}  {concluded:40} {}", right.join(" or "))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:5} {:52} requests  {:40} must conclude", "", "what happens", "the client concludes")?;
        for verdict in &self.verdicts {
            writeln!(f, "{verdict}")?;
        }
        write!(f, "{} cases, {} wrong", self.verdicts.len(), self.wrong().count())
    }
}
