use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::sync::Arc;

use bedrock_stream_core::converse::{Request, ResponseBuilder};
use bedrock_stream_reqwest::{Config, ConfigError, Error, Seen};
use bedrock_stream_testkit::{FakeBedrock, StartError};

use crate::args::{ConverseArgs, ConverseFormat, Transport, wrong_usage};
use crate::client::Client;
use crate::credentials::Credentials;
use crate::output::{Failure, Output, Style, View};
use crate::reading::Reading;
use crate::recording::Recording;
use crate::request::request;

/// `bedrock-stream converse`: asks a model, and shows its answer as it arrives.
pub(crate) async fn run(args: ConverseArgs, out: &mut Output) -> io::Result<()> {
    let credentials = args
        .credentials
        .as_ref()
        .map(|credentials| Credentials::parse(credentials).unwrap_or_else(|error| wrong_usage(error)));
    let mut view = match args.format {
        ConverseFormat::Text => View::text(Style::of_stdout()),
        ConverseFormat::Events => View::Events,
        ConverseFormat::Chunks => View::Chunks,
        ConverseFormat::Message => View::Message(ResponseBuilder::new()),
    };
    let prepared = request(&args).and_then(|request| {
        let recording = args.record.as_deref().map(Recording::create).transpose()?;
        Ok((request, recording))
    });
    let (request, recording) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return view.failure(failure, true, out),
    };
    let demo = if args.demo {
        match Demo::start().await {
            Ok(demo) => Some(demo),
            Err(error) => return view.failure(Failure::transport(error), true, out),
        }
    } else {
        None
    };
    let config = match config(&args, credentials.as_ref(), demo.as_ref()) {
        Ok(config) => config,
        Err(ConfigError::NoRegion) => {
            wrong_usage("no region: set AWS_REGION, or give --region or --endpoint-url")
        }
        Err(ConfigError::NoSigningRegion) => {
            wrong_usage("no region to sign for: set AWS_REGION, or give --region beside --endpoint-url")
        }
        Err(ConfigError::NoAuth) => wrong_usage(
            "no credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; --demo needs none",
        ),
        Err(error) => wrong_usage(error),
    };
    let transport = args.transport.unwrap_or(if args.demo { Transport::Hyper } else { Transport::Reqwest });
    let client = match Client::new(transport, config) {
        Ok(client) => client,
        Err(error) => return view.failure(Failure::from(&error), true, out),
    };
    let model = args.model.as_deref().unwrap_or(DEMO_MODEL);
    let question = Question { client, model, request };
    view.start();
    if args.format == ConverseFormat::Events || recording.is_some() {
        question.show_body(view, recording, out).await
    } else {
        question.show_chunks(view, out).await
    }
}

struct Question<'a> {
    client: Client,
    model: &'a str,
    request: Request,
}

impl Question<'_> {
    /// Shows the chunks of the answer.
    async fn show_chunks(&self, mut view: View, out: &mut Output) -> io::Result<()> {
        let mut chunks = match self.client.chunks(self.model, &self.request).await {
            Ok(chunks) => chunks,
            Err(error) => return view.failure(refused(&error), true, out),
        };
        while let Some(item) = chunks.next().await {
            match item {
                Ok(chunk) => view.chunk(&chunk, out)?,
                Err(error) => view.failure(Failure::from(&error), error.is_final(), out)?,
            }
            out.flush()?;
        }
        Ok(())
    }

    /// Decodes the body of the answer: for those who want to see more of it than its chunks.
    async fn show_body(
        &self,
        mut view: View,
        mut recording: Option<Recording>,
        out: &mut Output,
    ) -> io::Result<()> {
        let mut chunks = match self.client.open(self.model, &self.request).await {
            Ok(chunks) => chunks,
            Err(error) => return view.failure(refused(&error), true, out),
        };
        let mut reading = Reading::new(view).with_request_id(chunks.request_id().map(Arc::from));
        loop {
            let mut shown = Ok(ControlFlow::Continue(()));
            let next = chunks.next_with(|seen| {
                let go_on = shown.as_ref().is_ok_and(|end| end.is_continue() || reading.is_done());
                if let (Seen::Bytes(bytes), true) = (seen, go_on) {
                    shown = show(bytes, &mut reading, recording.as_mut(), out);
                }
            });
            let next = next.await;
            if shown?.is_break() && !reading.is_done() {
                return Ok(());
            }
            match next {
                None => return reading.finish(out),
                Some(Err(error @ (Error::Body { .. } | Error::Deadline { .. }))) => {
                    return reading.fail(Failure::from(&error), out);
                }
                // Of chunks, and of errors in what they are decoded from, the reading told.
                Some(_) => {}
            }
        }
    }
}

/// Records and shows the body's next bytes. `Break`: nothing that follows would be shown.
fn show(
    bytes: &[u8],
    reading: &mut Reading,
    recording: Option<&mut Recording>,
    out: &mut Output,
) -> io::Result<ControlFlow<()>> {
    if let Some(Err(failure)) = recording.map(|recording| recording.write(bytes)) {
        reading.tell(failure, out)?;
    }
    let end = reading.feed(bytes, out)?;
    out.flush()?;
    Ok(end)
}

/// The fake Bedrock inside this program, and what it takes from its clients.
struct Demo {
    bedrock: FakeBedrock,
    credentials: Credentials,
}

impl Demo {
    async fn start() -> Result<Self, StartError> {
        // A random key is the one source of randomness in the standard library.
        let secret = format!("{:016x}", RandomState::new().hash_one(0));
        let credentials = Credentials::new("demo", secret);
        let bedrock = FakeBedrock::builder()
            .credentials(credentials.for_server())
            .tokens_per_second(DEMO_RATE)
            .start()
            .await?;
        Ok(Self { bedrock, credentials })
    }
}

fn config(
    args: &ConverseArgs,
    credentials: Option<&Credentials>,
    demo: Option<&Demo>,
) -> Result<Config, ConfigError> {
    let mut config = Config::builder();
    if let Some(region) = &args.region {
        config = config.region(region);
    }
    if let Some(url) = &args.endpoint_url {
        config = config.endpoint_url(url);
    }
    if let Some(credentials) = credentials.or(demo.map(|demo| &demo.credentials)) {
        config = config.credentials(credentials.for_client());
    }
    match demo {
        Some(demo) => {
            let region = args.region.as_deref().unwrap_or("us-east-1");
            config.region(region).endpoint_url(demo.bedrock.url()).build()
        }
        None => config.env().build(),
    }
}

/// What is wrong with the arguments themselves is wrong usage, also where it shows late.
fn refused(error: &Error) -> Failure {
    match error {
        Error::ModelId(_) | Error::BearerToken | Error::UriTooLong => wrong_usage(error),
        _ => Failure::from(error),
    }
}

const DEMO_MODEL: &str = "bedrock-stream.demo-v1:0";
/// How many tokens a second the demo answers with: about what a large model does.
const DEMO_RATE: NonZeroU32 = NonZeroU32::new(40).unwrap();
