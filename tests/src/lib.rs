//! What the tests of all crates share: where the data that does not come with the repository is, and who had to do
//! without it.

mod left_out;
mod scan_oracle;
mod shared;

pub use left_out::{LeftOut, Outcome};
pub use scan_oracle::{check_scan, escaped_text};
pub use shared::{find_shared, shared};
