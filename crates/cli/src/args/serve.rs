use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use bedrock_stream_testkit::Fault;

use crate::access_log::LogChoice;
use crate::args::values::{Seconds, Secret, finite, positive, seconds};

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// The address to listen on; port 0 picks a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Replay the recorded bodies NAME.bin and NAME.sse in a folder, each for the model NAME and for the `model` in NAME.json
    #[arg(long, value_name = "DIR")]
    pub(crate) recordings: Option<PathBuf>,
    /// Replay recordings that have a NAME.bin.times at their original pace, SPEED times as fast
    #[arg(long, value_name = "SPEED", value_parser = speed, num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    pub(crate) as_recorded: Option<f64>,
    /// Write N bytes at a time [default: one message]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) split: Option<NonZeroUsize>,
    /// Wait this many milliseconds before each delta except the first
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) delay: u64,
    /// Send N deltas per second: another way to set the delay
    #[arg(long, value_name = "N", conflicts_with = "delay", value_parser = positive::<NonZeroU32>, allow_negative_numbers = true)]
    pub(crate) tokens_per_second: Option<NonZeroU32>,
    /// The seed for padding, signatures and ids: the same seed gives the same bytes for the same request
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// A JSON file with the replies by model id; see below
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// Inject a fault into every response; may be repeated, and faults are applied one after another
    ///
    /// Common: cut, no-stop, bad-crc, exception, throttle, html.
    /// End at a byte: cut-at:BYTE, abort-at:BYTE, reset-at:BYTE, stall-at:BYTE.
    /// Damage: flip-bit:BIT, wrong-length, huge-length.
    /// Messages: repeat:MESSAGE, drop:MESSAGE, swap:MESSAGE (message-start, block-start, delta, block-stop, message-stop, metadata).
    /// Errors inside the stream: exception:NAME@PLACE, error@PLACE (first, middle, last, stopped, after).
    /// Instead of a stream: refuse:CODE@SECONDS, html-body, json, no-head, no-response.
    /// Server-sent events only: sse:DAMAGE (cut-line, no-blank-line, crlf, bom, data-lines, data-only,
    /// data-first, no-done, done-early, pings).
    /// Harmless: slow-head:MILLISECONDS, split:BYTES, drip.
    ///
    /// What follows a name may be omitted. A fault that finds nothing to change in an answer causes a warning on standard
    /// error. docs/faults.md says what a client must conclude from each.
    #[arg(long, value_name = "KIND", verbatim_doc_comment)]
    pub(crate) fault: Vec<Fault>,
    /// Refuse requests with unknown members. Bedrock ignores such members; without this option they only cause a warning
    /// on standard error
    #[arg(long)]
    pub(crate) strict: bool,
    /// Send `Retry-After` with every throttle that has none of its own
    #[arg(long, value_name = "SECONDS")]
    pub(crate) retry_after: Option<u32>,
    /// How long a client may take to send a request's head, and then each next piece of its body [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) read_timeout: Option<Seconds>,
    /// Reset connections beyond N at once [default: no limit]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) max_connections: Option<NonZeroUsize>,
    /// The MAX_CONCURRENT_STREAMS that HTTP/2 clients are told [default: 200]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroU32>, allow_negative_numbers = true)]
    pub(crate) max_streams: Option<NonZeroU32>,
    /// Inject the faults into the first N requests only
    #[arg(long, value_name = "N", requires = "fault", value_parser = positive::<NonZeroU64>, allow_negative_numbers = true)]
    pub(crate) fault_first: Option<NonZeroU64>,
    /// Append each request, refused ones included, to a file: a line of JSON with method, path, model, headers and body. The
    /// values of headers that hold secrets are null
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// When to log requests to standard error: method, path, status, and the code of a refusal
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) log: LogChoice,
    /// Serve HTTPS, and write the certificate of the authority that clients must trust to a PEM file. An existing
    /// certificate is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// Let --tls-ca overwrite any existing file
    #[arg(long)]
    pub(crate) force: bool,
    /// Accept requests signed with these credentials; may be repeated
    #[arg(long, value_name = "ID:SECRET[:TOKEN]")]
    pub(crate) credentials: Vec<Secret>,
    /// The session token for credentials given without one
    #[arg(long, value_name = "TOKEN", requires = "credentials")]
    pub(crate) session_token: Option<Secret>,
    /// Accept requests with this Bedrock API key; may be repeated
    #[arg(long, value_name = "TOKEN")]
    pub(crate) bearer: Vec<Secret>,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = finite(text)?;
    if speed > 0.0 { Ok(speed) } else { Err("it must be more than 0".to_owned()) }
}
