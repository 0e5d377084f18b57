//! `bedrock-stream inspect`: explains a stream, message by message or event by event. The `inspector` reads it into
//! rows and a summary, `diagnose` determines how it was damaged, and `report` or `page` shows the result as text or
//! HTML.

mod bit_flip;
mod blocks;
mod damage;
mod diagnose;
mod diagnosis;
mod hex;
mod inspector;
mod json_layout;
mod outcome;
mod page;
mod palette;
mod payload;
mod report;
mod row;
mod stream_error;
mod stream_state;
mod summary;
mod summary_text;
mod text;
mod timeline;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use bedrock_stream_testkit::ArrivalTimes;
use terminal_size::{Width, terminal_size_of};

use self::inspector::Inspector;
use self::page::Page;
use self::palette::Palette;
use self::report::Report;
use self::row::Row;
use crate::args::InspectArgs;
use crate::file_id::FileId;
use crate::input::{Input, read_text};
use crate::new_file::{NewFile, cannot_write};
use crate::output::{ColorChoice, Failure, Output};

/// Explains a stream from a file or standard input.
pub(crate) fn run(args: &InspectArgs, out: &mut Output) -> io::Result<()> {
    let (times, mut input, mut sink) = match open(args) {
        Ok(opened) => opened,
        Err(failure) => return out.failure_to_stderr(&failure),
    };
    let mut inspector = Inspector::new(times);
    // A report in a file is not shown on a terminal.
    let for_file = sink.is_some();
    let report = |for_file| Report {
        palette: Palette {
            color: if for_file { args.color == ColorChoice::Always } else { args.color.for_stdout() },
        },
        columns: columns(args, for_file),
        full: args.full,
    };
    let rows = report(for_file);
    let mut page = args.html.then(Page::default);
    let mut broken = None;
    while inspector.wants_more() && broken.is_none() {
        let piece = match input.fill_buf() {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(failure) => {
                broken = Some(failure);
                break;
            }
        };
        inspector.push(piece);
        let len = piece.len();
        input.consume(len);
        while let Some(row) = inspector.next_row() {
            if let Some(failure) = show(&row, &rows, &mut page, &mut sink, out)? {
                broken = Some(failure);
                break;
            }
        }
        out.flush()?;
    }
    inspector.end_input();
    while let (Some(row), None) = (inspector.next_row(), &broken) {
        broken = show(&row, &rows, &mut page, &mut sink, out)?;
    }
    let summary = inspector.finish();
    let whole = match page {
        Some(page) => page.finish(&summary, input.name()),
        None => rows.summary(&summary),
    };
    if let Some(sink) = &mut sink {
        let written = sink.write_all(whole.as_bytes()).and_then(|()| sink.flush());
        if let Err(error) = written {
            broken.get_or_insert_with(|| cannot_write(&sink.path, &error));
        }
        text(&report(false).summary(&summary), out)?;
    } else {
        text(&whole, out)?;
    }
    out.flush()?;
    // On a terminal, the report already says so.
    let is_shown = !args.html || for_file;
    match (broken, summary.failure) {
        (Some(failure), _) => out.failure_to_stderr(&failure),
        (None, Some(failure)) if !(out.is_terminal() && is_shown) => out.failure_to_stderr(&failure),
        (None, failure) => {
            if failure.is_some() {
                out.fail();
            }
            Ok(())
        }
    }
}

/// Shows a row where it belongs. Returns why that failed, if the report goes to a file.
fn show(
    row: &Row<'_>,
    report: &Report,
    page: &mut Option<Page>,
    sink: &mut Option<Sink>,
    out: &mut Output,
) -> io::Result<Option<Failure>> {
    match (page, sink) {
        (Some(page), _) => page.push(row),
        (None, Some(sink)) => {
            if let Err(error) = report.row(row, |lines| sink.write_all(lines.as_bytes())) {
                return Ok(Some(cannot_write(&sink.path, &error)));
            }
        }
        (None, None) => report.row(row, |lines| text(lines, out))?,
    }
    Ok(None)
}

/// The file that the report is written to.
struct Sink {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Sink {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn open(args: &InspectArgs) -> Result<(Option<ArrivalTimes>, Input, Option<Sink>), Failure> {
    let (times_path, times) = times(args)?.unzip();
    let Some(path) = args.output.as_deref().filter(|path| *path != Path::new("-")) else {
        return Ok((times, Input::open_beside_stdout(args.file.as_deref())?, None));
    };
    let input = Input::open(args.file.as_deref())?;
    let times_id = times_path.as_deref().and_then(FileId::of_path);
    let read: Vec<FileId> = input.id().into_iter().chain(times_id).collect();
    let file = NewFile::open(path, args.force, &read)?.begin()?;
    Ok((times, input, Some(Sink { path: path.to_owned(), file: BufWriter::new(file) })))
}

/// The arrival times, if there are any, and their file.
fn times(args: &InspectArgs) -> Result<Option<(PathBuf, ArrivalTimes)>, Failure> {
    let beside = || {
        let file = args.file.as_deref().filter(|file| *file != Path::new("-"))?;
        Some(ArrivalTimes::path_beside(file)).filter(|path| path.is_file())
    };
    let Some(path) = args.times.clone().or_else(beside) else { return Ok(None) };
    let wrong =
        |error| Failure::input(format_args!("{} does not hold arrival times: {error}", path.display()));
    let times = read_text(&path)?.parse().map_err(wrong)?;
    Ok(Some((path, times)))
}

fn columns(args: &InspectArgs, for_file: bool) -> usize {
    // With a pager, standard error is still the terminal.
    let terminal = || terminal_size_of(io::stdout()).or_else(|| terminal_size_of(io::stderr()));
    let terminal = || terminal().filter(|_| !for_file).map(|(Width(columns), _)| columns.max(MIN_COLUMNS));
    usize::from(args.width.or_else(terminal).unwrap_or(COLUMNS))
}

fn text(text: &str, out: &mut Output) -> io::Result<()> {
    out.write(|buffer| {
        buffer.extend_from_slice(text.as_bytes());
        Ok(())
    })
}

/// The width if nothing else is known.
const COLUMNS: u16 = 100;
const MIN_COLUMNS: u16 = 48;

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::{Header, Value, encode};
    use bedrock_stream_testkit::{Answer, answer};

    use super::*;

    /// All output for a stream that arrives in pieces of `piece` bytes, at a width of `columns`.
    fn shown(bytes: &[u8], piece: usize, columns: usize, times: &str) -> String {
        let times = times.parse().expect("they are times");
        let mut inspector = Inspector::new(Some(times));
        let report = Report { palette: Palette { color: false }, columns, full: false };
        let mut page = Page::default();
        let mut out = String::new();
        for piece in bytes.chunks(piece) {
            inspector.push(piece);
            while let Some(row) = inspector.next_row() {
                report
                    .row(&row, |lines| {
                        out += lines;
                        Ok(())
                    })
                    .expect("writing to a string cannot fail");
                page.push(&row);
            }
        }
        inspector.end_input();
        while let Some(row) = inspector.next_row() {
            let add = |lines: &str| {
                out += lines;
                Ok(())
            };
            report.row(&row, add).expect("writing to a string cannot fail");
            page.push(&row);
        }
        let summary = inspector.finish();
        out += &report.summary(&summary);
        for line in out.lines() {
            assert!(text::width(line) <= columns, "{line}");
        }
        out + &page.finish(&summary, "name")
    }

    fn answer_of_all() -> Answer {
        answer().reasoning("Hm").text("one two").tool("t", serde_json::json!({"a": [1, null]}))
    }

    fn stream() -> Vec<u8> {
        answer_of_all().to_bytes().expect("an answer can be encoded")
    }

    #[test]
    fn the_size_of_pieces_does_not_matter() {
        let mut damaged = stream();
        damaged[700] ^= 1;
        for bytes in [stream(), damaged] {
            let whole = shown(&bytes, bytes.len(), 80, TIMES);
            for piece in [1, 7, 100] {
                assert!(shown(&bytes, piece, 80, TIMES) == whole, "{piece}");
            }
        }
    }

    #[test]
    fn any_damage_can_be_shown() {
        let bytes = stream();
        let messages = answer_of_all().messages().expect("an answer can be encoded");
        let last = messages.last().expect("an answer has messages");
        let metadata = bytes.len() - last.len();
        for at in 0..bytes.len() {
            // A break after the start of the metadata costs only the usage.
            let is_broken = shown(&bytes[..at], 500, 80, TIMES).contains("\nbroken\n") || at == 0;
            assert_eq!(is_broken, at < metadata, "cut at {at}");
            let mut damaged = bytes.clone();
            damaged[at] = damaged[at].wrapping_add(3);
            assert!(shown(&damaged, 500, 48, "").contains("damage at byte"), "{at}");
        }
    }

    /// A message with a million headers needs little more than its own bytes, of which there are two copies while it is
    /// incomplete.
    #[test]
    fn headers_are_not_copied() {
        let headers = [Header::new("a", Value::Byte(1))].repeat(32_000);
        let mut bytes = Vec::new();
        encode(&headers, b"{}", &mut bytes).expect("the message can be encoded");
        for full in [false, true] {
            let report = Report { palette: Palette { color: false }, columns: 80, full };
            let mut lines = 0;
            let info = allocation_counter::measure(|| {
                let mut inspector = Inspector::new(None);
                inspector.push(&bytes);
                while let Some(row) = inspector.next_row() {
                    let count = |text: &str| {
                        lines += text.lines().count();
                        Ok(())
                    };
                    report.row(&row, count).expect("nothing is written");
                }
                inspector.finish();
            });
            assert_eq!(lines > 32_000, full, "{lines}");
            let most = 3 * bytes.len() as u64 + 256 * 1024;
            assert!(info.bytes_max < most, "{} bytes for {}", info.bytes_max, bytes.len());

            let mut page = Page::default();
            let mut inspector = Inspector::new(None);
            inspector.push(&bytes);
            let info = allocation_counter::measure(|| {
                while let Some(row) = inspector.next_row() {
                    page.push(&row);
                }
            });
            assert!(info.bytes_max < most, "{} bytes for {}", info.bytes_max, bytes.len());
        }
    }

    const TIMES: &str = "{\"offset\":0,\"ms\":0}\n{\"offset\":300,\"ms\":1e15}\n";
}
