//! `bedrock-stream inspect`: a stream, message by message, and what it means.

mod bit_flip;
mod blocks;
mod closing;
mod damage;
mod effect;
mod finding;
mod hex;
mod inspector;
mod json_layout;
mod page;
mod paint;
mod payload;
mod probe;
mod report;
mod row;
mod summary;
mod text;
mod timeline;

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use bedrock_stream_testkit::ArrivalTimes;
use terminal_size::{Width, terminal_size_of};

use self::inspector::Inspector;
use self::page::Page;
use self::paint::Paint;
use self::report::Report;
use crate::args::InspectArgs;
use crate::input::{Input, read_text};
use crate::output::{Failure, Output};

/// Shows what is in a file, or arrives on standard input.
pub(crate) fn run(args: &InspectArgs, out: &mut Output) -> io::Result<()> {
    let opened = times(args).and_then(|times| Ok((times, Input::open(args.file.as_deref())?)));
    let (times, mut input) = match opened {
        Ok(opened) => opened,
        Err(failure) => return out.tell(&failure),
    };
    let mut inspector = Inspector::new(times);
    let report =
        Report { paint: Paint { color: args.color.for_stdout() }, columns: columns(args), full: args.full };
    let mut page = args.html.is_some().then(Page::default);
    let mut unread = None;
    while inspector.wants_more() {
        let piece = match input.piece() {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(failure) => {
                unread = Some(failure);
                break;
            }
        };
        inspector.push(piece);
        let len = piece.len();
        input.consume(len);
        while let Some(row) = inspector.next_row() {
            match &mut page {
                Some(page) => page.push(&row),
                None => text(&report.row(&row), out)?,
            }
        }
        out.flush()?;
    }
    let summary = inspector.finish();
    text(&report.summary(&summary), out)?;
    out.flush()?;
    if let (Some(page), Some(path)) = (page, &args.html) {
        let written = fs::write(path, page.finish(&summary, input.name()));
        if let Err(error) = written {
            out.tell(&Failure::input(format_args!("cannot write {}: {error}", path.display())))?;
        }
    }
    match (unread, summary.failure) {
        (Some(failure), _) => out.tell(&failure),
        (None, Some(failure)) if !io::stdout().is_terminal() => out.tell(&failure),
        // Who reads the report has read it already.
        (None, failure) => {
            if failure.is_some() {
                out.fail();
            }
            Ok(())
        }
    }
}

/// When the bytes came, if that was kept.
fn times(args: &InspectArgs) -> Result<Option<ArrivalTimes>, Failure> {
    let beside = || {
        let file = args.file.as_deref().filter(|file| *file != Path::new("-"))?;
        Some(ArrivalTimes::path_beside(file)).filter(|path| path.is_file())
    };
    let Some(path) = args.times.clone().or_else(beside) else { return Ok(None) };
    let wrong =
        |error| Failure::input(format_args!("{} does not hold arrival times: {error}", path.display()));
    read_text(&path)?.parse().map(Some).map_err(wrong)
}

fn columns(args: &InspectArgs) -> usize {
    // Before a pager, standard error is still the terminal.
    let terminal = || terminal_size_of(io::stdout()).or_else(|| terminal_size_of(io::stderr()));
    let terminal = || terminal().map(|(Width(columns), _)| columns.max(MIN_COLUMNS));
    usize::from(args.width.or_else(terminal).unwrap_or(COLUMNS))
}

fn text(text: &str, out: &mut Output) -> io::Result<()> {
    out.write(|buffer| {
        buffer.extend_from_slice(text.as_bytes());
        Ok(())
    })
}

/// Where nobody says how wide lines may be.
const COLUMNS: u16 = 100;
const MIN_COLUMNS: u16 = 48;

#[cfg(test)]
mod tests {
    use bedrock_stream_testkit::{Answer, answer};

    use super::*;

    /// All that is shown of a stream that comes in pieces of so many bytes, and how wide it is.
    fn shown(bytes: &[u8], piece: usize, columns: usize, times: &str) -> String {
        let times = times.parse().expect("they are times");
        let mut inspector = Inspector::new(Some(times));
        let report = Report { paint: Paint { color: false }, columns, full: false };
        let mut page = Page::default();
        let mut out = String::new();
        for piece in bytes.chunks(piece) {
            inspector.push(piece);
            while let Some(row) = inspector.next_row() {
                out += &report.row(&row);
                page.push(&row);
            }
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
    fn pieces_do_not_matter() {
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
            // Without its usage the answer may end where the metadata begins.
            let is_broken = shown(&bytes[..at], 500, 80, TIMES).contains("\nbroken\n") || at == 0;
            assert_eq!(is_broken, at != metadata, "cut at {at}");
            let mut damaged = bytes.clone();
            damaged[at] = damaged[at].wrapping_add(3);
            assert!(shown(&damaged, 500, 48, "").contains("damage at byte"), "{at}");
        }
    }

    const TIMES: &str = "{\"offset\":0,\"ms\":0}\n{\"offset\":300,\"ms\":1e15}\n";
}
