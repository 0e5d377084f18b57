#[path = "../../crates/dialects/tests/encode/answers.rs"]
mod answers;
#[path = "../../crates/dialects/tests/encode/check.rs"]
mod check;
#[path = "../../crates/dialects/tests/encode/sdk_rules.rs"]
mod sdk_rules;
#[path = "../../crates/dialects/tests/encode/told.rs"]
mod told;
#[path = "../../crates/dialects/tests/encode/wire.rs"]
mod wire;

use answers::answer;
use check::{check_answer, check_any_order, check_cut};

/// Any answer decodes to what was encoded, except for what its dialect cannot express; one that is cut anywhere is an
/// error, and chunks in any order are written as events that the SDKs can read.
///
/// The first two bytes determine where the answer is cut, and in which order its chunks come.
pub fn encode(data: &[u8]) {
    let (&[at, step], rest) = data.split_first_chunk().unwrap_or((&[0, 0], data));
    let made = answer(rest);
    check_answer(&made);
    let count = made.chunks.len();
    check_cut(&made, usize::from(at) % count);
    let (at, step) = (usize::from(at), usize::from(step));
    let chunks: Vec<_> = (0..count).map(|index| made.chunks[(at + index * step) % count].clone()).collect();
    check_any_order(&chunks);
}
