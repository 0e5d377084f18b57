use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bedrock_stream_testkit::{Builder, FakeBedrock, StartError};
use tokio::time::timeout;

use crate::args::{Secret, ServeArgs, wrong_usage};
use crate::credentials::Credentials;
use crate::input::read_text;
use crate::output::{Failure, Output};
use crate::request_log::RequestLog;
use crate::script::Script;

/// `bedrock-stream serve`: a fake Bedrock, until it is interrupted.
pub(crate) async fn run(args: ServeArgs, out: &mut Output) -> io::Result<()> {
    let record = args.record.clone();
    let tls_ca = args.tls_ca.clone();
    let started = match start(args).await {
        Ok(bedrock) => open(bedrock, tls_ca, record),
        Err(failure) => Err(failure),
    };
    let (bedrock, log) = match started {
        Ok(started) => started,
        Err(failure) => return out.failure(&failure),
    };
    // The first poll is what listens for the interrupt: whoever has read the URL may send one.
    let mut interrupted = Box::pin(interrupted());
    if timeout(Duration::ZERO, &mut interrupted).await.is_ok() {
        return Ok(());
    }
    let url = bedrock.url();
    out.write(|buffer| {
        buffer.extend_from_slice(url.as_bytes());
        buffer.push(b'\n');
        Ok(())
    })?;
    out.flush()?;
    let Some(mut log) = log else {
        interrupted.await;
        return Ok(());
    };
    loop {
        let is_over = timeout(LOG_PAUSE, &mut interrupted).await.is_ok();
        if let Err(failure) = log.update(bedrock.requests()) {
            out.failure(&failure)?;
            out.flush()?;
        }
        if is_over {
            return Ok(());
        }
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // It cannot be interrupted in an orderly way, so it goes on until the process is ended.
        std::future::pending::<()>().await;
    }
}

async fn start(args: ServeArgs) -> Result<FakeBedrock, Failure> {
    let script = match &args.script {
        Some(path) => {
            let script = Script::parse(&read_text(path)?, path, args.seed);
            Some(script.map_err(Failure::input)?)
        }
        None => None,
    };
    let mut bedrock = builder(args);
    if let Some(script) = script {
        bedrock = script.direct(bedrock);
    }
    bedrock.start().await.map_err(|error| match error {
        StartError::Recordings(_) => Failure::input(error),
        _ => Failure::transport(error),
    })
}

/// Opens the files that a server writes to.
fn open(
    bedrock: FakeBedrock,
    tls_ca: Option<PathBuf>,
    record: Option<PathBuf>,
) -> Result<(FakeBedrock, Option<RequestLog>), Failure> {
    if let (Some(path), Some(certificate)) = (tls_ca, bedrock.ca_pem()) {
        let cannot = |error| Failure::input(format_args!("cannot write {}: {error}", path.display()));
        fs::write(&path, certificate).map_err(cannot)?;
    }
    let log = record.as_deref().map(RequestLog::open).transpose()?;
    Ok((bedrock, log))
}

fn builder(args: ServeArgs) -> Builder {
    let session_token = args.session_token.as_ref().map(|Secret(token)| &**token);
    let mut bedrock =
        FakeBedrock::builder().listen(args.listen).delay(Duration::from_millis(args.delay)).seed(args.seed);
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

/// How long a request may wait to be recorded: the server keeps the latest ones, and is asked for them this often.
const LOG_PAUSE: Duration = Duration::from_millis(20);
