//! What the AWS SDK for Rust concludes from each fault of the testkit. `docs/faults.md` lists the same for other
//! clients.

#[path = "sdk/conclusion.rs"]
mod conclusion;
mod sdk;
#[path = "../../crates/testkit/examples/answers/weather.rs"]
mod weather;

use std::time::Duration;

use bedrock_stream_testkit::{Conclusion, FakeBedrock, Fault, Reply};
use tokio::task::JoinSet;

use crate::conclusion::conclude;
use crate::weather::weather;

const PATIENCE: Duration = Duration::from_secs(3);
/// The stream ends too early, or contains an unusable event, and the SDK does not report it.
const SILENT: &[&str] = &[
    "no-stop",
    "cut-at:0",
    "repeat:message-start",
    "repeat:message-stop",
    "drop:block-start",
    "drop:message-stop",
    "swap:block-start",
];
/// The answer was proven complete, and the SDK fails afterwards.
const FALSE_ALARMS: &[&str] = &["exception:internalServerException@after", "error@after"];
/// Nothing more comes, and the SDK waits forever: none of its timeouts applies inside an event stream.
const HANGS: &[&str] = &["stall-at:0", "stall-at:1000", "wrong-length", "huge-length"];
/// Exceptions that are missing from the operation's stream model.
const UNTYPED: &[&str] = &["modelTimeoutException", "unheardOfException"];

#[tokio::test]
async fn faults_that_it_does_not_report() {
    let mut builder = FakeBedrock::builder().reply("no-fault", weather());
    for &fault in Fault::ALL {
        builder = builder.reply(fault.to_string(), Reply::from(weather()).fault(fault));
    }
    let bedrock = builder.start().await.expect("a port is free");
    let mut all = JoinSet::new();
    for (place, &fault) in Fault::ALL.iter().enumerate() {
        let url = bedrock.url();
        all.spawn(async move { (place, fault, conclude(&url, &fault.to_string(), PATIENCE).await) });
    }
    let mut all = all.join_all().await;
    all.sort_by_key(|(place, ..)| *place);
    let (mut silent, mut false_alarms, mut hangs) = (Vec::new(), Vec::new(), Vec::new());
    for (_, fault, concluded) in all {
        println!("{fault}: must conclude {}, concludes {concluded:?}", fault.conclusion());
        let must = fault.conclusion();
        let Some(error) = concluded.error else {
            if must == Conclusion::Complete {
                assert_eq!(concluded.stop.as_deref(), Some("tool_use"), "{fault}");
            } else {
                silent.push(fault.to_string());
            }
            continue;
        };
        if error == "hangs" {
            hangs.push(fault.to_string());
            continue;
        }
        assert_eq!(concluded.took >= PATIENCE, must == Conclusion::Stalled, "{fault}: {:?}", concluded.took);
        match must {
            Conclusion::Complete => false_alarms.push(fault.to_string()),
            Conclusion::Refused { .. } => assert!(error.ends_with("Exception"), "{fault}: {error}"),
            Conclusion::Exception { name } if !UNTYPED.contains(&name.as_str()) => {
                assert!(error.eq_ignore_ascii_case(&name), "{fault}: {error}");
            }
            _ => {}
        }
    }
    assert_eq!((silent, false_alarms, hangs), (owned(SILENT), owned(FALSE_ALARMS), owned(HANGS)));
    let whole = conclude(&bedrock.url(), "no-fault", PATIENCE).await;
    assert_eq!((whole.error, whole.stop.as_deref()), (None, Some("tool_use")));
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
