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

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        if !seconds.is_finite() {
            return Err(NO_NUMBER);
        }
        if seconds <= 0.0 {
            return Err("it must be more than 0");
        }
        // A time beyond the limit is as good as no timeout.
        let time = Duration::try_from_secs_f64(seconds).unwrap_or(MAX_TIMEOUT);
        Ok(Self(time.clamp(Duration::from_nanos(1), MAX_TIMEOUT)))
    }
}

pub(crate) fn seconds(text: &str) -> Result<Seconds, String> {
    Ok(Seconds::try_from(finite(text)?)?)
}

pub(crate) fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| NO_NUMBER.to_owned())
}

/// A whole number of at least 1.
pub(crate) fn positive<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_too_large = is_number && text.bytes().any(|byte| byte != b'0');
        if is_too_large {
            "it is too large".to_owned()
        } else {
            "it must be a whole number of at least 1".to_owned()
        }
    })
}

const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const NO_NUMBER: &str = "it must be a number, such as 0.5";

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::{MAX_TIMEOUT, positive, seconds};

    #[test]
    fn a_number_that_does_not_fit_is_too_large() {
        assert_eq!(positive::<NonZeroU32>("200").unwrap().get(), 200);
        for (text, told) in [
            ("99999999999", "it is too large"),
            ("0", "it must be a whole number of at least 1"),
            ("000000000000", "it must be a whole number of at least 1"),
            ("-1", "it must be a whole number of at least 1"),
            ("", "it must be a whole number of at least 1"),
            ("x", "it must be a whole number of at least 1"),
        ] {
            assert_eq!(positive::<NonZeroU32>(text).unwrap_err(), told, "{text}");
        }
    }

    #[test]
    fn a_time_is_more_than_0_and_at_most_the_limit() {
        assert_eq!(seconds("0.5").unwrap().0.as_millis(), 500);
        assert_eq!(seconds("1e25").unwrap().0, MAX_TIMEOUT);
        assert_eq!(seconds("1e-12").unwrap().0.as_nanos(), 1);
        for (text, told) in [
            ("0", "it must be more than 0"),
            ("-1e25", "it must be more than 0"),
            ("inf", "it must be a number"),
            ("NaN", "it must be a number"),
        ] {
            assert!(seconds(text).unwrap_err().contains(told), "{text}");
        }
    }
}
