use std::fs::{self, OpenOptions};
use std::future::pending;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::str::Utf8Error;
use std::time::Duration;

use bedrock_stream_testkit::{Builder, FakeBedrock, StartError};
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::access_log::AccessLog;
use crate::args::{Seconds, Secret, ServeArgs, wrong_usage};
use crate::credentials::Credentials;
use crate::file_id::FileId;
use crate::input::read_bytes;
use crate::interrupt::Interrupt;
use crate::new_file::{NewFile, cannot_write};
use crate::output::{Failure, Output, Printable};
use crate::request_log::RequestLog;
use crate::script::Script;

/// `bedrock-stream serve`: runs a fake Bedrock until it is interrupted.
pub(crate) async fn run(args: ServeArgs, out: &mut Output) -> io::Result<()> {
    let (sender, mut failures) = mpsc::unbounded_channel();
    let bedrock = match start(args, sender).await {
        Ok(bedrock) => bedrock,
        Err(failure) => return out.failure(&failure),
    };
    // Before the URL is printed: whoever has read it may press Ctrl-C.
    let mut interrupt = Interrupt::or_terminated().await;
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
            // Nothing is recorded, so no failure can come.
            None => drop(interrupt.or(pending::<()>()).await),
        }
    }
    tell_unmatched(&bedrock);
    Ok(())
}

/// Warns about conditions of the script that never held: whatever they were to test was not tested.
fn tell_unmatched(bedrock: &FakeBedrock) {
    let mut text = String::new();
    for when in bedrock.unmatched() {
        let when = when.to_string();
        text += &format!("warning: no request matched {}\n", Printable::Sentence(&when));
    }
    // If standard error is closed, nobody reads it.
    let _ = io::stderr().write_all(text.as_bytes());
}

async fn start(args: ServeArgs, failures: UnboundedSender<Failure>) -> Result<FakeBedrock, Failure> {
    let script = match &args.script {
        Some(path) => {
            let bytes = read_bytes(path)?;
            let text = std::str::from_utf8(&bytes).map_err(|error| not_utf8(path, &bytes, &error))?;
            let script = Script::parse(text, path, args.seed);
            Some(script.map_err(Failure::input)?)
        }
        None => None,
    };
    let mut read = script.as_ref().map(|script| script.read().to_vec()).unwrap_or_default();
    read.extend(args.recordings.as_deref().into_iter().flat_map(files));
    let log = args.record.as_deref().map(|path| RequestLog::open(path, &read, failures)).transpose()?;
    let ca = args.tls_ca.as_deref().map(|path| open_ca(path, args.force, &read)).transpose()?;
    let access = AccessLog::new(args.log);
    let mut bedrock = builder(args).on_response(move |request, response| access.write(request, response));
    if let Some(log) = log {
        bedrock = bedrock.on_request(move |request| log.write(request));
    }
    if let Some(script) = script {
        bedrock = script.configure(bedrock);
    }
    let bedrock = match bedrock.start().await {
        Ok(bedrock) => bedrock,
        Err(error) => {
            if let Some(ca) = ca {
                ca.discard();
            }
            return Err(match error {
                StartError::Recordings(_) => Failure::input(error),
                _ => Failure::transport(error),
            });
        }
    };
    if let (Some(ca), Some(certificate)) = (ca, bedrock.ca_pem()) {
        let path = ca.path().to_owned();
        ca.begin()?.write_all(certificate.as_bytes()).map_err(|error| cannot_write(&path, &error))?;
    }
    Ok(bedrock)
}

/// Where a script is not UTF-8: the line, and the character in it.
fn not_utf8(path: &Path, bytes: &[u8], error: &Utf8Error) -> Failure {
    let valid = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
    let line_start = valid.rfind('\n').map_or(0, |end| end + 1);
    let (line, column) = (valid.matches('\n').count() + 1, valid[line_start..].chars().count() + 1);
    Failure::input(format_args!("{}:{line}:{column}: it is not UTF-8", path.display()))
}

/// The files in a folder that can be read.
fn files(folder: &Path) -> Vec<FileId> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| FileId::of_path(&entry.ok()?.path())).collect()
}

/// Opens the file for the authority's certificate, which may replace an earlier one: a file with one certificate and nothing else, such
/// as a private key; or an empty one.
fn open_ca(path: &Path, force: bool, read: &[FileId]) -> Result<NewFile, Failure> {
    let mut start = Vec::new();
    let opened = OpenOptions::new().read(true).open(path);
    let is_certificate = opened.is_ok_and(|file| {
        let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
        is_file && file.take(MAX_CERTIFICATE_LEN).read_to_end(&mut start).is_ok()
    }) && is_one_certificate(&start);
    NewFile::open(path, force || is_certificate, read)
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
    if let Some(seconds) = args.retry_after {
        bedrock = bedrock.retry_after(seconds);
    }
    if let Some(Seconds(timeout)) = args.read_timeout {
        bedrock = bedrock.read_timeout(timeout);
    }
    if let Some(connections) = args.max_connections {
        bedrock = bedrock.max_connections(connections);
    }
    if let Some(streams) = args.max_streams {
        bedrock = bedrock.max_concurrent_streams(streams);
    }
    if args.tls_ca.is_some() {
        bedrock = bedrock.tls();
    }
    bedrock
}

/// Whether it is the PEM of one certificate and nothing else. An empty file counts as one too.
fn is_one_certificate(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let inside = text.trim().strip_prefix("-----BEGIN CERTIFICATE-----");
    let inside = inside.and_then(|text| text.strip_suffix("-----END CERTIFICATE-----"));
    text.is_empty() || inside.is_some_and(|inside| !inside.contains('-'))
}

/// No certificate is nearly as long, in bytes.
const MAX_CERTIFICATE_LEN: u64 = 64 * 1024;
