use std::io;

use bedrock_stream_core::converse::ResponseBuilder;
use bedrock_stream_core::frame::Decoder;

use crate::args::{DecodeArgs, DecodeFormat};
use crate::input::Input;
use crate::output::{Failure, Output, View, message_line};
use crate::reading::Reading;

/// `bedrock-stream decode`: shows a stream that is in a file, or arrives on standard input.
pub(crate) fn run(args: &DecodeArgs, out: &mut Output) -> io::Result<()> {
    let view = match args.format {
        DecodeFormat::Messages => return messages(args, out),
        DecodeFormat::Events => View::Events,
        DecodeFormat::Chunks => View::Chunks,
        DecodeFormat::Message => View::Message(ResponseBuilder::new()),
    };
    let mut reading = Reading::new(view);
    let mut input = match Input::open(args.file.as_deref()) {
        Ok(input) => input,
        Err(failure) => return reading.fail(failure, out),
    };
    loop {
        let piece = match input.piece() {
            Ok(Some(piece)) => piece,
            Ok(None) => return reading.finish(out),
            Err(failure) => return reading.fail(failure, out),
        };
        if reading.feed(piece, out)?.is_break() {
            return Ok(());
        }
        let len = piece.len();
        input.consume(len);
        out.flush()?;
    }
}

/// Messages stand for themselves, whatever service sent them.
fn messages(args: &DecodeArgs, out: &mut Output) -> io::Result<()> {
    let mut input = match Input::open(args.file.as_deref()) {
        Ok(input) => input,
        Err(failure) => return out.failure(&failure),
    };
    let mut decoder = Decoder::new();
    loop {
        let mut piece = match input.piece() {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(failure) => return out.failure(&failure),
        };
        let len = piece.len();
        loop {
            let offset = decoder.offset();
            match decoder.next_from(&mut piece) {
                Ok(Some(message)) => out.line(&message_line(message, offset))?,
                Ok(None) => break,
                Err(error) => return out.failure(&Failure::from(&error)),
            }
        }
        input.consume(len);
        out.flush()?;
    }
    match decoder.finish() {
        Ok(()) => Ok(()),
        Err(error) => out.failure(&Failure::from(&error)),
    }
}
