use std::io;
use std::time::Duration;

use bedrock_stream_testkit::{FakeBedrock, StartError};

use crate::args::{Secret, ServeArgs, wrong_usage};
use crate::credentials::Credentials;
use crate::output::{Failure, Output};

/// `bedrock-stream serve`: a fake Bedrock, until it is interrupted.
pub(crate) async fn run(args: ServeArgs, out: &mut Output) -> io::Result<()> {
    let bedrock = match start(args).await {
        Ok(bedrock) => bedrock,
        Err(error @ StartError::Recordings(_)) => return out.failure(&Failure::input(error)),
        Err(error) => return out.failure(&Failure::transport(error)),
    };
    let url = bedrock.url();
    out.write(|buffer| {
        buffer.extend_from_slice(url.as_bytes());
        buffer.push(b'\n');
        Ok(())
    })?;
    out.flush()?;
    if tokio::signal::ctrl_c().await.is_err() {
        // It cannot be interrupted in an orderly way, so it goes on until the process is ended.
        std::future::pending::<()>().await;
    }
    Ok(())
}

async fn start(args: ServeArgs) -> Result<FakeBedrock, StartError> {
    let ServeArgs { listen, recordings, split, delay, fault, credentials, session_token, bearer } = args;
    let session_token = session_token.as_ref().map(|Secret(token)| &**token);
    let mut bedrock = FakeBedrock::builder().listen(listen).delay(Duration::from_millis(delay));
    for credentials in &credentials {
        let credentials = Credentials::parse(credentials).unwrap_or_else(|error| wrong_usage(error));
        bedrock = bedrock.credentials(credentials.or_session_token(session_token).for_server());
    }
    for Secret(token) in bearer {
        bedrock = bedrock.bearer_token(token);
    }
    if let Some(folder) = recordings {
        bedrock = bedrock.recordings(folder);
    }
    if let Some(bytes) = split {
        bedrock = bedrock.split(bytes);
    }
    if let Some(fault) = fault {
        bedrock = bedrock.fault(fault);
    }
    bedrock.start().await
}
