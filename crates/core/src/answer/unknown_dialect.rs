use core::fmt;

/// The payloads of a stream fit more than one dialect, or no known one. The caller must choose the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownDialect {
    /// How many payloads were received.
    pub payloads: u64,
    /// The dialects to choose from, by name.
    pub choices: &'static [&'static str],
}

impl UnknownDialect {
    /// None of this many payloads identified which of these dialects they are in.
    #[must_use]
    pub const fn new(payloads: u64, choices: &'static [&'static str]) -> Self {
        Self { payloads, choices }
    }
}

impl core::error::Error for UnknownDialect {}

impl fmt::Display for UnknownDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payloads, choices } = self;
        f.write_str("the dialect cannot be determined from ")?;
        match payloads {
            1 => f.write_str("the only payload")?,
            _ => write!(f, "{payloads} payloads")?,
        }
        f.write_str(" of the stream; choose one of")?;
        for (position, choice) in choices.iter().enumerate() {
            f.write_str(if position == 0 { " " } else { ", " })?;
            f.write_str(choice)?;
        }
        Ok(())
    }
}
