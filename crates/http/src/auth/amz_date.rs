use std::time::{SystemTime, UNIX_EPOCH};

/// A time in the format of `x-amz-date`: `20150830T123600Z`, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AmzDate([u8; 16]);

impl AmzDate {
    /// `None` for a time before 1970 or after the year 9999.
    pub(super) fn new(time: SystemTime) -> Option<Self> {
        let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let (year, month, day) = civil(seconds / DAY);
        if year > 9999 {
            return None;
        }
        let second = seconds % DAY;
        let mut text = *b"YYYYMMDDThhmmssZ";
        let fields = [
            (0..4, year),
            (4..6, month),
            (6..8, day),
            (9..11, second / 3600),
            (11..13, second / 60 % 60),
            (13..15, second % 60),
        ];
        for (at, mut value) in fields {
            for digit in text[at].iter_mut().rev() {
                *digit = b'0' + (value % 10) as u8;
                value /= 10;
            }
        }
        Some(Self(text))
    }

    pub(super) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The date part: `20150830`.
    pub(super) fn day(&self) -> [u8; 8] {
        core::array::from_fn(|at| self.0[at])
    }
}

/// The year, month and day of a day number, counted from 1970-01-01.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`. Years start in March, so that
/// a leap day is the last day of its year.
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + (month <= 2) as u64, month, day)
}

/// Of seconds.
const DAY: u64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn text(seconds: u64) -> Option<String> {
        let date = AmzDate::new(UNIX_EPOCH + Duration::from_secs(seconds))?;
        assert_eq!(date.as_bytes()[..8], date.day());
        Some(String::from_utf8(date.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn known_moments() {
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_440_938_160, "20150830T123600Z"),
            (4_107_542_400, "21000301T000000Z"),
            (253_402_300_799, "99991231T235959Z"),
        ] {
            assert_eq!(text(seconds).as_deref(), Some(expected));
        }
    }

    #[test]
    fn every_day_of_four_centuries_agrees_with_httpdate() {
        for day in 0..146_097 {
            let seconds = day * DAY + day % DAY;
            let http = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            // Thu, 01 Jan 1970 00:00:00 GMT
            let month = "JanFebMarAprMayJunJulAugSepOctNovDec".find(&http[8..11]).unwrap() / 3 + 1;
            let time = http[17..25].replace(':', "");
            let expected = format!("{}{month:02}{}T{time}Z", &http[12..16], &http[5..7]);
            assert_eq!(text(seconds), Some(expected));
        }
    }

    #[test]
    fn a_year_without_four_digits_is_none() {
        assert_eq!(text(253_402_300_800), None);
        assert_eq!(AmzDate::new(UNIX_EPOCH - Duration::from_secs(1)), None);
    }
}
