use std::fs;
use std::future::pending;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bedrock_stream_testkit::{Builder, FakeBedrock, StartError};
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::access_log::AccessLog;
use crate::args::{Secret, ServeArgs, wrong_usage};
use crate::credentials::Credentials;
use crate::input::read_text;
use crate::interrupt::Interrupt;
use crate::output::{Failure, Output};
use crate::request_log::RequestLog;
use crate::script::Script;

/// `bedrock-stream serve`: a fake Bedrock, until it is interrupted.
pub(crate) async fn run(args: ServeArgs, out: &mut Output) -> io::Result<()> {
    let tls_ca = args.tls_ca.clone();
    let (sender, mut failures) = mpsc::unbounded_channel();
    let started = match start(args, sender).await {
        Ok(bedrock) => write_ca(&bedrock, tls_ca).map(|()| bedrock),
        Err(failure) => Err(failure),
    };
    let bedrock = match started {
        Ok(bedrock) => bedrock,
        Err(failure) => return out.failure(&failure),
    };
    // Whoever has read the URL may send one.
    let mut interrupt = Interrupt::listen().await;
    let url = bedrock.url();
    out.write(|buffer| {
        buffer.extend_from_slice(url.as_bytes());
        buffer.push(b'\n');
        Ok(())
    })?;
    out.flush()?;
    while let Some(told) = interrupt.or(failures.recv()).await {
        match told {
            Some(failure) => {
                out.failure(&failure)?;
                out.flush()?;
            }
            // Nothing is recorded, so nothing goes wrong with it.
            None => drop(interrupt.or(pending::<()>()).await),
        }
    }
    Ok(())
}

async fn start(args: ServeArgs, failures: UnboundedSender<Failure>) -> Result<FakeBedrock, Failure> {
    let script = match &args.script {
        Some(path) => {
            let script = Script::parse(&read_text(path)?, path, args.seed);
            Some(script.map_err(Failure::input)?)
        }
        None => None,
    };
    let log = args.record.as_deref().map(|path| RequestLog::open(path, failures)).transpose()?;
    let access = AccessLog::new(args.log);
    let mut bedrock = builder(args).on_response(move |request, response| access.write(request, response));
    if let Some(log) = log {
        bedrock = bedrock.on_request(move |request| log.write(request));
    }
    if let Some(script) = script {
        bedrock = script.direct(bedrock);
    }
    bedrock.start().await.map_err(|error| match error {
        StartError::Recordings(_) => Failure::input(error),
        _ => Failure::transport(error),
    })
}

fn write_ca(bedrock: &FakeBedrock, path: Option<PathBuf>) -> Result<(), Failure> {
    let (Some(path), Some(certificate)) = (path, bedrock.ca_pem()) else { return Ok(()) };
    fs::write(&path, certificate)
        .map_err(|error| Failure::input(format_args!("cannot write {}: {error}", path.display())))
}

fn builder(args: ServeArgs) -> Builder {
    let session_token = args.session_token.as_ref().map(|Secret(token)| &**token);
    let mut bedrock =
        FakeBedrock::builder().listen(args.listen).delay(Duration::from_millis(args.delay)).seed(args.seed);
    bedrock = bedrock.strict(args.strict);
    for credentials in &args.credentials {
        let credentials = Credentials::parse(credentials).unwrap_or_else(|error| wrong_usage(error));
        bedrock = bedrock.credentials(credentials.or_session_token(session_token).for_server());
    }
    for Secret(token) in args.bearer {
        bedrock = bedrock.bearer_token(token);
    }
    if let Some(folder) = args.recordings {
        bedrock = bedrock.recordings(folder);
    }
    if let Some(speed) = args.as_recorded {
        bedrock = bedrock.as_recorded(speed);
    }
    if let Some(bytes) = args.split {
        bedrock = bedrock.split(bytes);
    }
    if let Some(rate) = args.tokens_per_second {
        bedrock = bedrock.tokens_per_second(rate);
    }
    for fault in args.fault {
        bedrock = match args.fault_first {
            Some(requests) => bedrock.fault_first(requests.get(), fault),
            None => bedrock.fault(fault),
        };
    }
    if args.tls_ca.is_some() {
        bedrock = bedrock.tls();
    }
    bedrock
}
