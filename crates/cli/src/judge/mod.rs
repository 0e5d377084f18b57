//! `bedrock-stream judge`: runs a command once a fault, and compares what it concludes with what a correct client must.

mod concluded;
mod environment;
mod process;
mod tail;

use std::cell::RefCell;
use std::io;

use bedrock_stream_testkit::{Case, Conclusion, Fault, Judge, Operation, StartError, Verdict};

use crate::args::{JudgeArgs, wrong_usage};
use crate::dialect::Dialect;
use crate::interrupt::Interrupt;
use crate::judge::concluded::Concluded;
use crate::judge::process::Subject;
use crate::output::{Failure, Output, Printable};

/// Runs the command through its cases, one after another.
pub(crate) async fn run(args: JudgeArgs, out: &mut Output) -> io::Result<()> {
    let model = args.model.clone().unwrap_or_else(|| default_model(args.dialect).to_owned());
    let cases = cases(&args, &model);
    let subject = Subject::new(args.command, args.dialect, model, args.timeout.0);
    // The command is in a group of its own, which no signal reaches that ends this program.
    let mut interrupt = Interrupt::or_hung_up().await;
    out.write(|buffer| {
        buffer
            .extend_from_slice(row("", "what happens", "the command concludes", "must conclude").as_bytes());
        Ok(())
    })?;
    let (mut judged, mut wrong) = (0, 0);
    for case in cases {
        out.flush()?;
        let verdict = match interrupt.or(judge(&subject, args.dialect, &case)).await {
            None => {
                out.interrupt_with(interrupt.status());
                return out.note("bedrock-stream: interrupted");
            }
            Some(Err(failure)) => return out.failure_to_stderr(&failure),
            Some(Ok(verdict)) => verdict,
        };
        judged += 1;
        let is_wrong = !verdict.verdict.is_right();
        wrong += usize::from(is_wrong);
        verdict.show(out)?;
        if is_wrong && case.faults.is_empty() {
            out.fail();
            let verdict = verdict.verdict;
            if verdict.requests > 0 && verdict.answered == 0 {
                let called = verdict.others.join(", ");
                return out.note(&format!(
                    "bedrock-stream: nothing can be judged: the command must stream an answer of {:?}, the operation of --dialect \
                     {}, but it called {}",
                    operation(args.dialect),
                    args.dialect.name(),
                    Printable::Sentence(&called),
                ));
            }
            return out.note(
                "bedrock-stream: nothing can be judged: without a fault, the command must conclude that the answer is complete. \
                 It has to ask BEDROCK_STREAM_URL for BEDROCK_STREAM_MODEL, stream the answer, and end with status 0; \
                 `bedrock-stream judge --help` has the details",
            );
        }
    }
    if wrong > 0 {
        out.fail();
    }
    let summary = format!("{judged} cases, {wrong} wrong\n");
    out.write(|buffer| {
        buffer.extend_from_slice(summary.as_bytes());
        Ok(())
    })
}

/// No fault first, since without one everything must be well; then each fault.
fn cases(args: &JudgeArgs, model: &str) -> Vec<Case> {
    let operation = operation(args.dialect);
    if Fault::Cut.conclusions_in(operation, model).is_empty() {
        wrong_usage(format_args!(
            "the model id {model:?} does not say whose payloads it has: with --dialect invoke, --model is one of a vendor, as \
             {} is",
            default_model(Dialect::Invoke)
        ));
    }
    let mut cases = vec![Case::new([])];
    if args.fault.is_empty() {
        let faults = Fault::ALL.iter().chain(Fault::SSE);
        cases.extend(faults.filter_map(|fault| Case::of(*fault, operation, model)));
    }
    for fault in &args.fault {
        let case = Case::of(*fault, operation, model).unwrap_or_else(|| {
            wrong_usage(format_args!(
                "nothing can be concluded from {fault} with --dialect {}: it changes nothing there, or nobody can tell what",
                args.dialect.name()
            ))
        });
        cases.push(case);
    }
    cases
}

/// A verdict, and why.
struct Judged {
    verdict: Verdict,
    /// The last line of its standard error.
    said: String,
}

async fn judge(subject: &Subject, dialect: Dialect, case: &Case) -> Result<Judged, Failure> {
    let concluded = RefCell::new(None);
    let judge =
        Judge::of(operation(dialect), subject.model()).only([case.clone()]).timeout(subject.timeout());
    let report = judge.run(async |url, _| {
        let ended = subject.run(&url, case).await;
        let conclusion = match &ended {
            Ok(Concluded { conclusion, .. }) => conclusion.clone(),
            Err(_) => Conclusion::Failed,
        };
        concluded.replace(Some(ended));
        conclusion
    });
    let started = |error: StartError| Failure::transport(error);
    let verdict = report.await.map_err(started)?.verdicts.pop();
    let said = match concluded.into_inner() {
        Some(Ok(concluded)) => concluded.said,
        Some(Err(failure)) => return Err(failure),
        None => String::new(),
    };
    verdict.map(|verdict| Judged { verdict, said }).ok_or_else(|| Failure::input("there is nothing to judge"))
}

impl Judged {
    fn show(&self, out: &mut Output) -> io::Result<()> {
        let Self { verdict, said } = self;
        let concluded = match &verdict.concluded {
            None if verdict.requests == 0 => "nothing, it sent no request, and hangs".to_owned(),
            _ if verdict.requests == 0 => "nothing, it sent no request".to_owned(),
            _ if verdict.case.faults.is_empty() && verdict.answered == 0 => {
                "nothing, it streamed no such answer".to_owned()
            }
            None => "nothing, it hangs".to_owned(),
            Some(conclusion) => conclusion.to_string(),
        };
        let right: Vec<String> = verdict.case.right.iter().map(ToString::to_string).collect();
        let mark = if verdict.is_right() { "ok" } else { "WRONG" };
        let concluded = Printable::Sentence(&concluded).to_string();
        let mut text = row(mark, &verdict.case.to_string(), &concluded, &right.join(" or "));
        if !verdict.is_right() && !said.is_empty() {
            text += &format!("      it said: {}\n", Printable::Sentence(said));
        }
        out.write(|buffer| {
            buffer.extend_from_slice(text.as_bytes());
            Ok(())
        })
    }
}

fn row(mark: &str, case: &str, concluded: &str, right: &str) -> String {
    format!("{mark:5} {case:46} {concluded:38} {right}\n")
}

const fn operation(dialect: Dialect) -> Operation {
    match dialect {
        Dialect::Converse => Operation::ConverseStream,
        Dialect::Invoke => Operation::InvokeModelWithResponseStream,
        Dialect::Chat => Operation::ChatCompletions,
        Dialect::Responses => Operation::Responses,
        Dialect::Messages => Operation::Messages,
    }
}

/// A model that the vendors' own clients know.
const fn default_model(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Converse | Dialect::Invoke | Dialect::Messages => "anthropic.claude-haiku-4-5-20251001-v1:0",
        Dialect::Chat | Dialect::Responses => "openai.gpt-oss-20b-1:0",
    }
}
