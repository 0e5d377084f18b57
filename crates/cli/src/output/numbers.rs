//! Numbers and times formatted for people.

use std::time::Duration;

/// A duration in ms or s.
pub(crate) fn format_duration(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1_000.0;
    if millis < 9.95 {
        format!("{millis:.1} ms")
    } else if millis < 999.5 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.2} s", millis / 1_000.0)
    }
}

/// A number with a comma between groups of three digits.
pub(crate) fn format_count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// An offset in a stream, in decimal and hexadecimal.
pub(crate) fn format_offset(offset: u64) -> String {
    format!("{} ({offset:#x})", format_count(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(format_count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(format_offset(8_859), "8,859 (0x229b)");
        let times = [0, 3_140, 9_960, 312_400, 999_700, 2_414_000]
            .map(|micros| format_duration(Duration::from_micros(micros)));
        assert_eq!(times, ["0.0 ms", "3.1 ms", "10 ms", "312 ms", "1.00 s", "2.41 s"]);
    }
}
