use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done, ResponseBuilder};
use bedrock_stream_reqwest::{Error, ErrorDetail, Received};

use crate::answer_reader::AnswerReader;
use crate::args::{ConverseArgs, ConverseFormat, wrong_usage};
use crate::body::body;
use crate::client::{Client, DialectRequest};
use crate::connection::Connection;
use crate::credentials::Credentials;
use crate::demo::Demo;
use crate::dialect::{Dialect, From};
use crate::file_id::FileId;
use crate::interrupt::Interrupt;
use crate::message_offset::MessageOffset;
use crate::next_step::next_step;
use crate::output::{Failure, Output, TextFormat, View};
use crate::recording::Recording;
use crate::request::request;

/// `bedrock-stream converse`: sends a prompt to a model and shows the answer as it arrives.
pub(crate) async fn run(args: ConverseArgs, out: &mut Output) -> io::Result<()> {
    let credentials = args
        .connection
        .credentials
        .as_ref()
        .map(|credentials| Credentials::parse(credentials).unwrap_or_else(|error| wrong_usage(error)));
    let mut view = match args.format {
        ConverseFormat::Text => View::text(TextFormat::of(out, args.color)),
        ConverseFormat::Events => View::Events,
        ConverseFormat::Chunks => View::Chunks,
        ConverseFormat::Message => View::Message(ResponseBuilder::new()),
    };
    let prepared = dialect_request(&args).and_then(|dialect_request| {
        let create = |path| Recording::create(path, args.force, &read(&args));
        let recording = args.record.as_deref().map(create).transpose()?;
        Ok((dialect_request, recording))
    });
    let (dialect_request, recording) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return view.failure(failure, true, out),
    };
    let demo = if args.connection.demo {
        match Demo::start().await {
            Ok(demo) => Some(demo),
            Err(error) => return view.failure(Failure::transport(error), true, out),
        }
    } else {
        None
    };
    let connection = Connection {
        region: args.connection.region.as_deref(),
        endpoint_url: args.connection.endpoint_url.as_deref(),
        credentials: credentials.as_ref(),
        timeout: args.connection.timeout,
        idle_timeout: args.connection.idle_timeout,
        demo: demo.as_ref(),
        is_service: false,
    };
    let config = connection.config();
    let transport = args.connection.transport();
    let client = match Client::new(transport, config) {
        Ok(client) => client,
        Err(error) => return view.failure(Failure::from(&error), true, out),
    };
    let call = Call { client, dialect_request, from: args.dialect.from() };
    let interrupt = Interrupt::listen().await;
    view.start();
    if args.format == ConverseFormat::Events || recording.is_some() {
        call.show_body(view, recording, interrupt, out).await?;
    } else {
        call.show_chunks(view, interrupt, out).await?;
    }
    // A user who reads the demo's text on a terminal is trying the program out.
    if args.connection.demo && args.format == ConverseFormat::Text && out.is_terminal() && out.succeeded() {
        next_step(args.record.as_deref(), out)?;
    }
    Ok(())
}

/// The files that this command reads.
fn read(args: &ConverseArgs) -> Vec<FileId> {
    let paths = [&args.request, &args.tools];
    let files = paths.into_iter().flatten().filter_map(|path| FileId::of_path(path));
    files.chain(FileId::of_stdin()).collect()
}

/// The request, in the dialect that the arguments name.
fn dialect_request(args: &ConverseArgs) -> Result<DialectRequest, Failure> {
    let in_body = matches!(args.dialect, Dialect::Chat | Dialect::Responses | Dialect::Messages);
    let model = match args.model.as_deref() {
        Some(model) => Some(model),
        None if args.connection.demo => Some(Demo::model(args.dialect)),
        None if in_body => None,
        None => wrong_usage(
            "no model: pass its id with --model, or --demo to ask a fake, since the request does not name one",
        ),
    };
    let named = model.unwrap_or_default().to_owned();
    Ok(match args.dialect {
        Dialect::Converse => DialectRequest::Converse { model: named, request: Box::new(request(args)?) },
        Dialect::Invoke => DialectRequest::Invoke { model: named, body: body(args, model)? },
        Dialect::Chat => DialectRequest::Chat { body: body(args, model)? },
        Dialect::Responses => DialectRequest::Responses { body: body(args, model)? },
        Dialect::Messages => DialectRequest::Messages { body: body(args, model)? },
    })
}

struct Call {
    client: Client,
    dialect_request: DialectRequest,
    /// The format in which the answer streams.
    from: From,
}

impl Call {
    /// Shows the chunks of the answer.
    async fn show_chunks(
        &self,
        mut view: View,
        mut interrupt: Interrupt,
        out: &mut Output,
    ) -> io::Result<()> {
        let mut chunks = match interrupt.or(self.client.chunks(&self.dialect_request)).await {
            None => return view.failure(interrupted(NOTHING_CAME, out), true, out),
            Some(Ok(chunks)) => chunks,
            Some(Err(error)) => return view.failure(self.refused(&error), true, out),
        };
        let mut offset = MessageOffset::default();
        let mut stop = None;
        let mut is_done = false;
        loop {
            let next = interrupt.or(chunks.next_inspect(|seen| {
                if let Received::Message(message) = seen {
                    offset.advance(message);
                }
            }));
            match next.await {
                None if is_done => return Ok(()),
                None if stop.is_some() => {
                    let mut done = Done::default();
                    done.stop_reason = stop.unwrap_or_default();
                    done.tail = Some(interrupted(NO_USAGE, out).into_tail());
                    return view.chunk(&Chunk::Done(Box::new(done)), out);
                }
                None => return view.failure(interrupted(INCOMPLETE, out), true, out),
                Some(None) => return Ok(()),
                Some(Some(Ok(chunk))) => {
                    match &chunk {
                        Chunk::Stop { stop_reason, .. } => stop = Some(stop_reason.clone()),
                        Chunk::Done(_) => is_done = true,
                        _ => {}
                    }
                    view.chunk(&chunk, out)?;
                }
                Some(Some(Err(error))) if error.is_final() => {
                    view.failure(Failure::from(&error), true, out)?;
                }
                Some(Some(Err(error))) => {
                    let failure = Failure::from(&error);
                    // Of server-sent events, only the data is known here.
                    let failure = if self.dialect_request.is_answered_by_sse() {
                        failure
                    } else {
                        failure.with_offset(offset.last())
                    };
                    view.failure(failure, false, out)?;
                }
            }
            out.flush()?;
        }
    }

    /// Decodes the body of the answer here, to show or record more of it than its chunks.
    async fn show_body(
        &self,
        mut view: View,
        mut recording: Option<Recording>,
        mut interrupt: Interrupt,
        out: &mut Output,
    ) -> io::Result<()> {
        if let Some(recording) = &mut recording {
            recording.start();
        }
        let mut chunks = match interrupt.or(self.client.open(&self.dialect_request)).await {
            None => return view.failure(interrupted(NOTHING_CAME, out), true, out),
            Some(Ok(chunks)) => chunks,
            Some(Err(error)) => return view.failure(self.refused(&error), true, out),
        };
        let mut reader =
            AnswerReader::new(view, self.from).with_request_id(chunks.request_id().map(Arc::from));
        loop {
            let mut shown = Ok(ControlFlow::Continue(()));
            let next = chunks.next_inspect(|seen| {
                let go_on = shown.as_ref().is_ok_and(|end| end.is_continue() || reader.is_done());
                if let (Received::Bytes(bytes), true) = (seen, go_on) {
                    shown = show(bytes, &mut reader, recording.as_mut(), out);
                }
            });
            let next = interrupt.or(next).await;
            if let (Err(error), Some(recording)) = (&shown, &recording) {
                recording.warn_of_closed_output(error);
            }
            let Some(next) = next else {
                if shown?.is_break() || reader.is_done() {
                    return Ok(());
                }
                if reader.is_stopped() {
                    return reader.fail(interrupted(NO_USAGE, out), out);
                }
                let kept = recording.map(|recording| format!("; {}", recording.kept())).unwrap_or_default();
                return reader.fail(interrupted(&format!("{INCOMPLETE}{kept}"), out), out);
            };
            if shown?.is_break() && !reader.is_done() {
                return Ok(());
            }
            match next {
                None => return reader.finish(out),
                Some(Err(error)) if matches!(error.kind(), ErrorKind::Transport | ErrorKind::Timeout) => {
                    return reader.fail(Failure::from(&error), out);
                }
                // A connection that broke after the end is not visible in the bytes.
                Some(Ok(Chunk::Done(done))) if reader.is_stopped() && done.tail.is_some() => {
                    return done.tail.map_or(Ok(()), |tail| reader.finish_broken(&tail, out));
                }
                // The reader has shown chunks and decoding errors already.
                Some(_) => {}
            }
        }
    }

    /// The failure of a request. Invalid arguments are wrong usage, even if only the client notices.
    fn refused(&self, error: &Error) -> Failure {
        match error.detail() {
            ErrorDetail::ModelId(_) | ErrorDetail::BearerToken | ErrorDetail::UriTooLong => {
                wrong_usage(error)
            }
            _ => Failure::of_request(error, self.client.has_proxy()),
        }
    }
}

/// Marks the run as interrupted by Ctrl-C.
fn interrupted(message: &str, out: &mut Output) -> Failure {
    out.interrupt();
    Failure::interrupted(message)
}

/// Records and shows the next bytes of the body. `Break`: nothing after them would be shown.
fn show(
    bytes: &[u8],
    reader: &mut AnswerReader,
    recording: Option<&mut Recording>,
    out: &mut Output,
) -> io::Result<ControlFlow<()>> {
    if let Some(Err(failure)) = recording.map(|recording| recording.write(bytes)) {
        reader.warn(failure, out)?;
    }
    let end = reader.feed(bytes, out)?;
    out.flush()?;
    Ok(end)
}

const NOTHING_CAME: &str = "interrupted before any of the answer arrived";
const NO_USAGE: &str = "interrupted before the usage arrived";
const INCOMPLETE: &str = "interrupted: the answer is incomplete";
