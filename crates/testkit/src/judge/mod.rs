//! Tests whether a client draws the right conclusions.

mod asked;
mod case;
mod report;

use std::time::Duration;

use tokio::time::timeout;

use self::asked::AskedLog;
pub use self::case::Case;
pub use self::report::{Report, Verdict};
use crate::answer::{Answer, answer};
use crate::conclusion::Conclusion;
use crate::fault::Fault;
use crate::server::{FakeBedrock, Operation, StartError};

/// Runs a client through all faults, with the defaults of [`Judge`].
///
/// The client is a closure that takes the endpoint's URL and a model id. It sends one ConverseStream request, with any valid
/// body and without credentials, reads the answer to its end, and returns its conclusion. It may retry as it would in
/// production. Its read timeout should be at least half a second and at most a second or two.
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
///
/// use bedrock_stream_testkit::{Conclusion, judge};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The worst possible client: it does not even send a request.
/// let report = judge(|_url, _model| async { Conclusion::Complete }).await?;
/// assert!(report.wrong().count() > 40);
/// println!("{report}");
/// # Ok(())
/// # }
/// ```
///
/// Not cancel safe: dropping the future stops the case that is running, and loses the verdicts.
///
/// # Errors
///
/// [`StartError`]: the fake cannot be started.
///
/// # Panics
///
/// Outside of a tokio runtime with time; and if the client panics.
pub async fn judge<C, F>(client: C) -> Result<Report, StartError>
where
    C: Fn(String, String) -> F,
    F: Future<Output = Conclusion>,
{
    Judge::new().run(client).await
}

/// Judges a client: with these cases, and this timeout for each.
///
/// A client that takes whatever arrives for an answer, which is wrong:
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
/// use std::time::Duration;
///
/// use bedrock_stream_testkit::{Conclusion, Fault, Judge};
///
/// /// Whatever arrives is an answer.
/// fn ask(url: &str, model: &str) -> std::io::Result<Conclusion> {
///     let mut connection = TcpStream::connect(url.trim_start_matches("http://"))?;
///     let body = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
///     let path = format!("/model/{}/converse-stream", model.replace(':', "%3A"));
///     write!(connection, "POST {path} HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
///     connection.read_to_end(&mut Vec::new())?;
///     Ok(Conclusion::Complete)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let judge = Judge::new().only([Fault::Drip.into(), Fault::NoStop.into()]).timeout(Duration::from_secs(5));
/// let report = judge.run(|url, model| async move { ask(&url, &model).unwrap_or(Conclusion::Broken) }).await?;
/// let wrong: Vec<_> = report.wrong().map(|verdict| verdict.case.to_string()).collect();
/// assert_eq!(wrong, ["no-stop"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Judge {
    operation: Operation,
    model_id: String,
    cases: Vec<Case>,
    timeout: Duration,
}

impl Judge {
    /// No fault, every fault of [`Fault::ALL`], some that affect only the first attempt, and 32 [random](Fault::random) ones;
    /// with a timeout of ten seconds each.
    pub fn new() -> Self {
        Self::of(Operation::ConverseStream, MODEL_ID)
    }

    /// The same for a client that asks by another operation: `InvokeModelWithResponseStream` of a model of any vendor,
    /// `ChatCompletions`, `Responses` or `Messages`. Without a fault, the client must have called it for a stream. What must be concluded depends on the dialect, and where a model takes two
    /// kinds of request, on the one that the client made. A fault that changes nothing in the dialect, or of which nothing can be
    /// told, is left out. Without a stream, there is nothing to judge.
    pub fn of(operation: Operation, model_id: impl Into<String>) -> Self {
        let model_id = model_id.into();
        let cases = case::all(operation, &model_id);
        Self { operation, model_id, cases, timeout: Duration::from_secs(10) }.random(0, 32)
    }

    /// Only these cases.
    pub fn only(mut self, cases: impl IntoIterator<Item = Case>) -> Self {
        self.cases = cases.into_iter().collect();
        self
    }

    /// Adds this many random faults, chosen by a seed.
    pub fn random(mut self, seed: u64, faults: u64) -> Self {
        let faults = (0..faults).map(|number| Fault::random(seed.wrapping_add(number)));
        self.cases.extend(faults.filter_map(|fault| Case::of(fault, self.operation, &self.model_id)));
        self
    }

    /// Sets how long a client may take for a case before it counts as hung.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs a client through the cases, one after another, each with a server of its own; see [`judge`].
    ///
    /// Not cancel safe: dropping the future stops the case that is running, and loses the verdicts.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the fake cannot be started.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time; and if the client panics.
    pub async fn run<C, F>(&self, client: C) -> Result<Report, StartError>
    where
        C: Fn(String, String) -> F,
        F: Future<Output = Conclusion>,
    {
        let mut verdicts = Vec::new();
        for case in &self.cases {
            let (asked, operation) = (AskedLog::default(), self.operation);
            let log = asked.clone();
            let mut server = FakeBedrock::builder()
                .reply(&*self.model_id, sample_answer())
                .on_response(move |request, response| log.add(operation, request, response));
            for &fault in &case.faults {
                server = match case.first {
                    Some(requests) => server.fault_first(requests, fault),
                    None => server.fault(fault),
                };
            }
            let server = server.start().await?;
            let concluded = timeout(self.timeout, client(server.url(), self.model_id.clone())).await.ok();
            let requests = server.requests();
            let case = match requests.last() {
                Some(request) => case.asked(self.operation, &self.model_id, request),
                None => case.clone(),
            };
            let asked = asked.get();
            verdicts.push(Verdict {
                case,
                concluded,
                requests: requests.len(),
                answered: asked.answered,
                others: asked.others,
            });
        }
        Ok(Report { verdicts })
    }
}

impl Default for Judge {
    fn default() -> Self {
        Self::new()
    }
}

/// An answer with every kind of content, and with text in its middle, where many faults apply.
fn sample_answer() -> Answer {
    answer()
        .reasoning("They ask for the weather, so the tool has to be asked.")
        .signature("c2lnbmF0dXJl")
        .text(
            "Let me see what the weather is like. It may take a moment, since the tool has to ask the nearest station \
             first, and that one answers only when it has something new to say about wind, rain and sun.",
        )
        .tool_with_id("tooluse_judge", "get_weather", serde_json::json!({"city": "Paris", "unit": "celsius"}))
        .usage(40, 60)
}

const MODEL_ID: &str = "judge.fake-v1:0";
