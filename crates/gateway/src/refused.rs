use crate::problem::Problem;

/// Why there is no answer.
pub(crate) enum Refused {
    /// The request cannot be converted; holds the body of the error response.
    Request(String),
    Problem(Box<Problem>),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}
