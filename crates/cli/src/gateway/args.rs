use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use http::HeaderValue;

use crate::access_log::LogChoice;
use crate::args::values::{Seconds, Secret, Transport, positive, seconds};

#[derive(Debug, clap::Args)]
pub(crate) struct GatewayArgs {
    /// The address to listen on; port 0 picks a free port [default: 127.0.0.1:0]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Stand before a fake Bedrock inside this program. No AWS account is needed
    #[arg(long, conflicts_with = "endpoint_url")]
    pub(crate) demo: bool,
    /// The AWS region [default: AWS_REGION, then AWS_DEFAULT_REGION]
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Bedrock's endpoint, if not the region's [default: AWS_ENDPOINT_URL_BEDROCK_RUNTIME, then AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Credentials to sign with, instead of those from the environment. Other users of the machine can see them
    #[arg(long, value_name = "ID:SECRET[:TOKEN]")]
    pub(crate) credentials: Option<Secret>,
    /// The HTTP client [default: reqwest; with --demo: hyper, which does not use proxies]
    #[arg(long, value_enum)]
    pub(crate) transport: Option<Transport>,
    /// A key that clients may use, as `Authorization: Bearer` or `x-api-key`; may be repeated. Other users of the machine can see
    /// it. Without any key every request is accepted, and only a loopback address can be listened on
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Vec<Secret>,
    /// A file with such keys, one on a line
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// A name that clients may use for a model; may be repeated. Any other name is sent to Bedrock as it is
    #[arg(long, value_name = "NAME=MODEL")]
    pub(crate) alias: Vec<Alias>,
    /// A TOML file with these settings; see --help
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How long to wait for Bedrock's first byte, and then for each next one; and for a client that does not read [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) idle_timeout: Option<Seconds>,
    /// The time limit for an answer, including retries [default: none]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Seconds>,
    /// How many answers may be open at once [default: 1024]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) max_streams: Option<NonZeroUsize>,
    /// How many bytes the body of a request may have [default: 33554432]
    #[arg(long, value_name = "BYTES", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) max_body: Option<NonZeroUsize>,
    /// Leave out what Bedrock does not have, such as web search, instead of refusing the request. The header
    /// `x-bedrock-stream-left-out` of the answer says so
    #[arg(long)]
    pub(crate) lenient: bool,
    /// The origin of web pages that may use the gateway, or `*`
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) cors: Option<HeaderValue>,
    /// When to log requests to standard error, as they end
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) log: LogChoice,
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
