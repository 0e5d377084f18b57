use std::io;
use std::path::Path;

use bedrock_stream_core::answer::ResponseBuilder;
use bedrock_stream_core::frame;
use bedrock_stream_dialects::sse;
use serde::Serialize;

use crate::answer_reader::AnswerReader;
use crate::args::{DecodeArgs, DecodeFormat, wrong_usage};
use crate::carrier::{Carrier, CarrierDetector};
use crate::dialect::From;
use crate::input::Input;
use crate::new_file::NewFile;
use crate::output::{EncodedView, Failure, Output, TextFormat, View, message_line};

/// `bedrock-stream decode`: decodes a stream from a file or standard input.
pub(crate) fn run(args: &DecodeArgs, out: &mut Output) -> io::Result<()> {
    let opened = open(args, out);
    let view = match (args.format, args.to) {
        (DecodeFormat::Chunks, Some(to)) => View::Encoded(Box::new(EncodedView::new(to, false))),
        (DecodeFormat::Message, Some(to)) => View::Encoded(Box::new(EncodedView::new(to, true))),
        (_, Some(_)) => wrong_usage("--to writes a stream, or with --as message a whole answer"),
        (DecodeFormat::Messages, None) => return messages(opened, args.from, out),
        (DecodeFormat::Text, None) => View::text(TextFormat::of(out, args.color)),
        (DecodeFormat::Events, None) => View::Events,
        (DecodeFormat::Chunks, None) => View::Chunks,
        (DecodeFormat::Message, None) => View::Message(ResponseBuilder::new()),
    };
    let mut reader = AnswerReader::new(view, args.from);
    let mut input = match opened {
        Ok(input) => input,
        Err(failure) => return reader.fail(failure, out),
    };
    loop {
        let piece = match input.fill_buf() {
            Ok(Some(piece)) => piece,
            Ok(None) => return reader.finish(out),
            Err(failure) => return reader.fail(failure, out),
        };
        if reader.feed(piece, out)?.is_break() {
            return Ok(());
        }
        let len = piece.len();
        input.consume(len);
        out.flush()?;
    }
}

/// Opens the input, and the output file if there is one.
fn open(args: &DecodeArgs, out: &mut Output) -> Result<Input, Failure> {
    let Some(path) = args.output.as_deref().filter(|path| *path != Path::new("-")) else {
        return Input::open_beside_stdout(args.file.as_deref());
    };
    let input = Input::open(args.file.as_deref())?;
    let file = NewFile::open(path, args.force, input.id().as_slice())?;
    out.redirect(file.begin()?, path);
    Ok(input)
}

/// Prints messages of any service, or server-sent events.
fn messages(input: Result<Input, Failure>, from: From, out: &mut Output) -> io::Result<()> {
    let mut input = match input {
        Ok(input) => input,
        Err(failure) => return out.failure(&failure),
    };
    let mut detector = CarrierDetector::new(from);
    let mut printer = None;
    loop {
        let piece = match input.fill_buf() {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(failure) => return out.failure(&failure),
        };
        if let Some((carrier, bytes)) = detector.feed(piece) {
            let printer = printer.get_or_insert_with(|| MessagePrinter::new(carrier));
            if let Err(failure) = printer.print(&bytes, out)? {
                return out.failure(&failure);
            }
        }
        let len = piece.len();
        input.consume(len);
        out.flush()?;
    }
    let (carrier, start) = detector.finish();
    let mut printer = printer.unwrap_or_else(|| MessagePrinter::new(carrier));
    let mut printed = printer.print(&start, out)?;
    if printed.is_ok() {
        printed = printer.finish(out)?;
    }
    match printed {
        Ok(()) => Ok(()),
        Err(failure) => out.failure(&failure),
    }
}

/// Splits a stream and prints each message.
enum MessagePrinter {
    EventStream(frame::Decoder),
    ServerSentEvents(sse::Decoder),
}

impl MessagePrinter {
    fn new(carrier: Carrier) -> Self {
        match carrier {
            Carrier::EventStream => Self::EventStream(frame::Decoder::new()),
            Carrier::ServerSentEvents => Self::ServerSentEvents(sse::Decoder::new()),
        }
    }

    fn print(&mut self, mut bytes: &[u8], out: &mut Output) -> io::Result<Result<(), Failure>> {
        loop {
            match self {
                Self::EventStream(decoder) => {
                    let offset = decoder.offset();
                    match decoder.next_from(&mut bytes) {
                        Ok(Some(message)) => out.line(&message_line(message, offset))?,
                        Ok(None) => return Ok(Ok(())),
                        Err(error) => return Ok(Err(Failure::from(&error))),
                    }
                }
                Self::ServerSentEvents(decoder) => match decoder.next_from(&mut bytes) {
                    Ok(Some(event)) => out.line(&EventLine::from(event))?,
                    Ok(None) => return Ok(Ok(())),
                    Err(error) => return Ok(Err(Failure::from(&error))),
                },
            }
        }
    }

    fn finish(&mut self, out: &mut Output) -> io::Result<Result<(), Failure>> {
        match self {
            Self::EventStream(decoder) => Ok(decoder.finish().map_err(|error| Failure::from(&error))),
            Self::ServerSentEvents(decoder) => loop {
                match decoder.finish() {
                    Ok(Some(event)) => out.line(&EventLine::from(event))?,
                    Ok(None) => return Ok(Ok(())),
                    Err(error) => return Ok(Err(Failure::from(&error))),
                }
            },
        }
    }
}

/// A server-sent event as a line of JSON: `{"offset":0,"event":NAME or null,"data":".."}`.
#[derive(Debug, Serialize)]
struct EventLine<'a> {
    offset: u64,
    event: Option<&'a str>,
    data: &'a str,
}

impl<'a> std::convert::From<sse::Event<'a>> for EventLine<'a> {
    fn from(event: sse::Event<'a>) -> Self {
        Self { offset: event.offset, event: event.name, data: event.data }
    }
}
