use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use http::{HeaderValue, Uri};

use crate::access_log::LogChoice;
use crate::args::connection::ConnectionArgs;
use crate::args::values::{Seconds, Secret, positive, seconds};

#[derive(Debug, clap::Args)]
pub(crate) struct GatewayArgs {
    /// The address to listen on; port 0 picks a free port [default: 127.0.0.1:0]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    /// A key that clients may use, as `Authorization: Bearer` or `x-api-key`; may be repeated. `NAME = KEY` also says what the log
    /// calls it. Other users of the machine can see it. Without any key every request is accepted, and only a loopback address can be
    /// listened on
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Vec<Secret>,
    /// A file with such keys, one on a line. Blank lines, and lines that begin with `#`, are skipped. SIGHUP reads it again
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// A name that clients may use for a model; may be repeated. Any other name is sent to Bedrock as it is
    #[arg(long, value_name = "NAME=MODEL")]
    pub(crate) alias: Vec<Alias>,
    /// A TOML file with these settings; `bedrock-stream gateway --help` ends with an example
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How many answers may be open at once [default: 1024]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) max_streams: Option<NonZeroUsize>,
    /// How many connections may be open at once. Further ones wait until one is closed, as an idle one is after 90 s [default: eight
    /// times --max-streams]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) max_connections: Option<NonZeroUsize>,
    /// How many bytes the body of a request may have [default: 33554432]
    #[arg(long, value_name = "BYTES", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) max_body: Option<NonZeroUsize>,
    /// How long a client may take to send the body of a request [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) body_timeout: Option<Seconds>,
    /// Leave out what Bedrock does not have, such as web search, instead of refusing the request. The header
    /// `x-bedrock-stream-left-out` of the answer says so
    #[arg(long)]
    pub(crate) lenient: bool,
    /// Pass a request to Bedrock's own Chat Completions, Responses or Messages where Bedrock serves the model in that dialect
    /// itself, instead of converting it: OpenAI's models in the first two, Anthropic's in Messages
    #[arg(long)]
    pub(crate) native: bool,
    /// Serve HTTPS with this certificate, in PEM form, followed by those of intermediate authorities
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM form
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serve /metrics on this address, without keys and TLS, and not on that of --listen
    #[arg(long, value_name = "ADDR")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// The origin of web pages that may use the gateway, or `*`
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    pub(crate) cors: Option<HeaderValue>,
    /// When to log requests to standard error, as they end [default: auto]
    #[arg(long, value_name = "WHEN", value_enum)]
    pub(crate) log: Option<LogChoice>,
}

/// An origin as browsers send it, or `*`.
pub(super) fn origin(text: &str) -> Result<HeaderValue, &'static str> {
    let is_origin = text == "*"
        || text.parse::<Uri>().is_ok_and(|uri| match (uri.scheme(), uri.authority()) {
            // Without a user, a path and a query.
            (Some(scheme), Some(authority)) => {
                text == format!("{scheme}://{authority}") && !text.contains('@')
            }
            _ => false,
        });
    let value = HeaderValue::from_str(text).ok().filter(|_| is_origin);
    value.ok_or("it must be `*`, or an origin without a path, such as https://app.example")
}

/// `NAME=MODEL`.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    pub(crate) name: String,
    pub(crate) model: String,
}

impl FromStr for Alias {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, model)) if !name.is_empty() && !model.is_empty() => {
                Ok(Self { name: name.to_owned(), model: model.to_owned() })
            }
            _ => Err("it must be NAME=MODEL"),
        }
    }
}
