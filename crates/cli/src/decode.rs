use std::io;
use std::path::Path;

use bedrock_stream_core::answer::ResponseBuilder;
use bedrock_stream_core::frame::Decoder;

use crate::answer_reader::AnswerReader;
use crate::args::{DecodeArgs, DecodeFormat};
use crate::input::Input;
use crate::new_file::NewFile;
use crate::output::{Failure, Output, TextFormat, View, message_line};

/// `bedrock-stream decode`: decodes a stream from a file or standard input.
pub(crate) fn run(args: &DecodeArgs, out: &mut Output) -> io::Result<()> {
    let opened = open(args, out);
    let view = match args.format {
        DecodeFormat::Messages => return messages(opened, out),
        DecodeFormat::Text => View::text(TextFormat::of(out, args.color)),
        DecodeFormat::Events => View::Events,
        DecodeFormat::Chunks => View::Chunks,
        DecodeFormat::Message => View::Message(ResponseBuilder::new()),
    };
    let mut reader = AnswerReader::new(view);
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

/// Prints messages, whatever service sent them.
fn messages(input: Result<Input, Failure>, out: &mut Output) -> io::Result<()> {
    let mut input = match input {
        Ok(input) => input,
        Err(failure) => return out.failure(&failure),
    };
    let mut decoder = Decoder::new();
    loop {
        let mut piece = match input.fill_buf() {
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
