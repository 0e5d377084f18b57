//! Which requests a scripted reply is for.

mod result_match;
mod text_match;
mod turn_match;
mod when;

pub use self::result_match::ResultMatch;
pub use self::text_match::TextMatch;
pub use self::turn_match::TurnMatch;
pub use self::when::{ParseWhenError, RequestDialect, When};
