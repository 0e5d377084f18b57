//! What the tests of all crates share: the location of the data that is not in the repository, and the record of tests
//! that ran without it.

mod left_out;
mod scan_oracle;
mod shared;

pub use left_out::{LeftOut, Outcome};
pub use scan_oracle::{check_scan, escaped_text};
pub use shared::{find_shared, shared};
