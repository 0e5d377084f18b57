use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;

/// A positive time in seconds, possibly fractional.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seconds(pub(crate) Duration);

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Transport {
    Reqwest,
    Hyper,
}

/// A text that is never shown. Parsing never fails, so that clap has no reason to repeat it.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

pub(crate) fn seconds(text: &str) -> Result<Seconds, String> {
    let seconds = finite(text)?;
    if seconds <= 0.0 {
        return Err("it must be more than 0".to_owned());
    }
    // A time beyond the limit is as good as no timeout.
    Ok(Seconds(Duration::try_from_secs_f64(seconds).unwrap_or(MAX_TIMEOUT).min(MAX_TIMEOUT)))
}

pub(crate) fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "it must be a number, such as 0.5".to_owned())
}

/// A whole number of at least 1.
pub(crate) fn positive<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "it must be a whole number of at least 1".to_owned())
}

const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
