use crate::args::values::{Seconds, Secret, Transport, seconds};

/// How Bedrock is reached: the options of every command that calls it.
#[derive(Debug, clap::Args)]
pub(crate) struct ConnectionArgs {
    /// Use a fake Bedrock inside this program, over HTTP and with signed requests. No AWS account is needed
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
    /// The time limit for the whole answer, including retries [default: none]. Connecting is limited to 10 s
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Seconds>,
    /// How long to wait for Bedrock's first byte, and then for each next one [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) idle_timeout: Option<Seconds>,
}

impl ConnectionArgs {
    /// The HTTP client to use.
    pub(crate) fn transport(&self) -> Transport {
        self.transport.unwrap_or(if self.demo { Transport::Hyper } else { Transport::Reqwest })
    }
}
