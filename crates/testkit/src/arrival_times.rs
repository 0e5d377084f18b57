use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

/// When the bytes of a recorded body arrived: for each read, the offset of its first byte and the time since the request
/// was sent.
///
/// The times of a recording `FILE` are in `FILE.times`, one line of JSON per read, in order of arrival:
/// `{"offset":0,"ms":312.5}`, bytes from the start of the body and milliseconds since the request. `bedrock-stream converse
/// --record` writes it, `bedrock-stream inspect` reads it, and [`Builder::as_recorded`](crate::Builder::as_recorded) answers
/// at that pace.
///
/// ```
/// use std::time::Duration;
///
/// use bedrock_stream_testkit::ArrivalTimes;
///
/// let times: ArrivalTimes = "{\"offset\":0,\"ms\":250}\n{\"offset\":100,\"ms\":300.5}\n".parse()?;
/// assert_eq!(times.of(99), Some(Duration::from_millis(250)));
/// assert_eq!(times.of(100), Some(Duration::from_micros(300_500)));
/// # Ok::<(), bedrock_stream_testkit::ParseTimesError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrivalTimes {
    /// Offsets and times, both increasing.
    reads: Vec<(u64, Duration)>,
}

impl ArrivalTimes {
    /// The path of the times of a recording.
    #[must_use]
    pub fn path_beside(recording: &Path) -> PathBuf {
        let mut path = recording.as_os_str().to_owned();
        path.push(".times");
        path.into()
    }

    /// Writes the line of one read.
    ///
    /// # Errors
    ///
    /// Write errors of `out`.
    pub fn write_line(out: &mut impl io::Write, offset: u64, since_request: Duration) -> io::Result<()> {
        // Microseconds are precise enough.
        let millis = since_request.as_micros() as f64 / 1_000.0;
        writeln!(out, "{{\"offset\":{offset},\"ms\":{millis}}}")
    }

    /// When the byte at this offset arrived, since the request was sent; none before the first read.
    #[must_use]
    pub fn of(&self, offset: u64) -> Option<Duration> {
        let later = self.reads.partition_point(|(start, _)| *start <= offset);
        later.checked_sub(1).map(|read| self.reads[read].1)
    }

    /// How many reads there were.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.reads.len()
    }
}

impl std::str::FromStr for ArrivalTimes {
    type Err = ParseTimesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut reads: Vec<(u64, Duration)> = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |reason| ParseTimesError { line: number + 1, reason };
            let (offset, time) = read(line).ok_or_else(|| wrong(NOT_A_READ))?;
            if reads.last().is_some_and(|(last_offset, last)| offset <= *last_offset || time < *last) {
                return Err(wrong(NOT_IN_ORDER));
            }
            reads.push((offset, time));
        }
        Ok(Self { reads })
    }
}

/// The text is not valid [`ArrivalTimes`].
///
/// ```
/// use bedrock_stream_testkit::ArrivalTimes;
///
/// let error = "{\"offset\":0,\"ms\":250}\nnonsense\n".parse::<ArrivalTimes>().unwrap_err();
/// assert_eq!(error.line, 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {reason}")]
#[non_exhaustive]
pub struct ParseTimesError {
    /// The line, counted from 1.
    pub line: usize,
    reason: &'static str,
}

fn read(line: &str) -> Option<(u64, Duration)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let seconds = line.get("ms")?.as_f64()? / 1_000.0;
    Some((line.get("offset")?.as_u64()?, Duration::try_from_secs_f64(seconds).ok()?))
}

const NOT_A_READ: &str = "is not {\"offset\":BYTES,\"ms\":MILLISECONDS}";
const NOT_IN_ORDER: &str = "goes back: each read starts after the one before, and no earlier";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let mut text = Vec::new();
        let reads = [
            (0, Duration::from_micros(1_234)),
            (7, Duration::from_micros(1_234)),
            (9, Duration::from_secs(3)),
        ];
        for (offset, time) in reads {
            ArrivalTimes::write_line(&mut text, offset, time).expect("there is room");
        }
        let text = String::from_utf8(text).expect("it is JSON");
        assert_eq!(text.lines().next(), Some(r#"{"offset":0,"ms":1.234}"#));
        let times: ArrivalTimes = text.parse().expect("it was written so");
        assert_eq!(times.reads(), 3);
        for (offset, time) in
            [(0, reads[0].1), (6, reads[0].1), (8, reads[1].1), (9, reads[2].1), (u64::MAX, reads[2].1)]
        {
            assert_eq!(times.of(offset), Some(time), "{offset}");
        }
        assert_eq!(ArrivalTimes::default().of(0), None);
        let late: ArrivalTimes = r#"{"offset":5,"ms":1}"#.parse().expect("it is a read");
        assert_eq!(late.of(4), None);
    }

    #[test]
    fn what_is_no_read_is_told_by_its_line() {
        for wrong in [
            "x",
            "{}",
            r#"{"offset":-1,"ms":1}"#,
            r#"{"offset":1,"ms":-1}"#,
            r#"{"offset":1,"ms":1e300}"#,
            r#"{"offset":1,"ms":"1"}"#,
            r#"{"offset":0,"ms":9}"#,
            r#"{"offset":4,"ms":1}"#,
        ] {
            let text = format!("{{\"offset\":0,\"ms\":2}}\n\n{wrong}");
            let error = text.parse::<ArrivalTimes>().expect_err(wrong);
            assert_eq!(error.line, 3, "{wrong}");
        }
    }

    #[test]
    fn they_stand_beside_the_recording() {
        assert_eq!(ArrivalTimes::path_beside(Path::new("a/b.bin")), Path::new("a/b.bin.times"));
    }
}
