use std::fmt;

use crate::conclusion::Conclusion;
use crate::fault::{ExceptionKind, Fault, InjectionPoint};
use crate::server::{Operation, ReceivedRequest};

/// One case for a client, and the right conclusions.
///
/// ```
/// use bedrock_stream_testkit::{Case, Conclusion, Fault};
///
/// let case = Case::new([Fault::Cut, Fault::Drip]);
/// assert_eq!(case.to_string(), "cut + drip");
/// assert_eq!(case.right, [Conclusion::Incomplete]);
/// // A client may ask again, or not.
/// let case = Case::first_attempt(Fault::Throttle);
/// assert_eq!(case.right, [Conclusion::Complete, Conclusion::Refused { status: 429 }]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Case {
    /// The faults, if any.
    pub faults: Vec<Fault>,
    /// How many requests the faults affect; none: all.
    pub first: Option<u64>,
    /// The right conclusions: one, or several if a client may retry.
    pub right: Vec<Conclusion>,
}

impl Case {
    /// Combined faults of ConverseStream, of which the first determines the right conclusion; without faults the answer is complete.
    #[must_use]
    pub fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        let faults: Vec<Fault> = faults.into_iter().collect();
        let right = faults.first().map_or(Conclusion::Complete, |fault| fault.conclusion());
        Self { faults, first: None, right: vec![right] }
    }

    /// A fault in the first response only: a client that retries concludes that the answer is complete.
    #[must_use]
    pub fn first_attempt(fault: Fault) -> Self {
        let right = vec![Conclusion::Complete, fault.conclusion()];
        Self { faults: vec![fault], first: Some(1), right }
    }
}

impl Case {
    /// One fault of an answer that this operation streams from this model; none if there is nothing to conclude from it there.
    #[must_use]
    pub fn of(fault: Fault, operation: Operation, model_id: &str) -> Option<Self> {
        let right = fault.conclusions_in(operation, model_id);
        (!right.is_empty()).then(|| Self { faults: vec![fault], first: None, right })
    }

    /// The same for the request that the client made, where a model takes two kinds and the other kind was expected. If the
    /// fault changes nothing in its answer, the answer is complete.
    pub(super) fn asked(&self, operation: Operation, model_id: &str, request: &ReceivedRequest) -> Self {
        let mut case = self.clone();
        let Some(fault) = self.faults.first() else { return case };
        let (expected, right) = (fault.conclusions_in(operation, model_id), fault.conclusions_for(request));
        let is_streamed = !Fault::Cut.conclusions_for(request).is_empty();
        if right != expected && is_streamed && request.operation == Some(operation) {
            case.right.retain(|conclusion| !expected.contains(conclusion));
            case.right.extend(if right.is_empty() { vec![Conclusion::Complete] } else { right });
        }
        case
    }
}

impl From<Fault> for Case {
    fn from(fault: Fault) -> Self {
        Self::new([fault])
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.faults.is_empty() {
            return f.write_str("no fault");
        }
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str(" + ")?;
            }
            fault.fmt(f)?;
        }
        self.first.map_or(Ok(()), |requests| write!(f, ", first {requests}"))
    }
}

/// The cases for every client of this operation.
pub(super) fn all(operation: Operation, model_id: &str) -> Vec<Case> {
    let case = |fault: &Fault| Case::of(*fault, operation, model_id);
    let first = |fault: Fault| {
        let mut case = case(&fault)?;
        case.right.push(Conclusion::Complete);
        Some(Case { first: Some(1), ..case })
    };
    let drip = |fault: Fault| {
        let case = case(&fault)?;
        Some(Case { faults: vec![fault, Fault::Drip], ..case })
    };
    let mut cases = vec![Case::new([])];
    cases.extend(Fault::ALL.iter().chain(Fault::SSE).filter_map(case));
    cases.extend(
        [
            first(Fault::Throttle),
            first(Fault::Raise { exception: ExceptionKind::Throttling, at: InjectionPoint::First }),
            first(Fault::NoResponse),
            drip(Fault::Cut),
            drip(Fault::BadCrc),
            drip(Fault::Exception),
        ]
        .into_iter()
        .flatten(),
    );
    cases
}
