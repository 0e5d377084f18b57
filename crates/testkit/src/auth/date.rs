use std::time::SystemTime;

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// Reads `x-amz-date`: `20150830T123600Z`, in UTC.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let digits = |at: usize, len: usize| -> Option<u16> {
        let digits = text.get(at..at + len)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let small = |at| u8::try_from(digits(at, 2)?).ok();
    if text.len() != 16 || text.get(8..9)? != "T" || text.get(15..)? != "Z" {
        return None;
    }
    let month = Month::try_from(small(4)?).ok()?;
    let date = Date::from_calendar_date(i32::from(digits(0, 4)?), month, small(6)?).ok()?;
    let time = Time::from_hms(small(9)?, small(11)?, small(13)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc().into())
}

/// Formats a time for `x-amz-date`.
pub(super) fn format(time: SystemTime) -> String {
    let time = OffsetDateTime::from(time);
    let (date, clock) = (time.date(), time.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for (seconds, text) in
            [(0, "19700101T000000Z"), (951_782_399, "20000228T235959Z"), (1_440_938_160, "20150830T123600Z")]
        {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(parse(text), Some(time));
            assert_eq!(format(time), text);
        }
    }

    #[test]
    fn reads_nothing_else() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "20150830t123600Z",
            "20151330T123600Z",
            "20150230T123600Z",
            "20150830T246000Z",
            "+0150830T123600Z",
            "2015083éT12360Z",
            "20150830T123600Z ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
