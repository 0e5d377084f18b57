//! The programs of the guides do what the guides say: each is run as a process of its own, as a reader would run it, against a
//! fake Bedrock that the environment names. What cannot be run says why.

mod fake;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::content::Message;
use bedrock_stream_core::converse::{Event, EventEncoder, MessageStop, ToolUseDelta, ToolUseStart};
use bedrock_stream_testkit::{End, FakeBedrock, Fault, Refusal, RefusalKind, Reply, answer, event};
use serde_json::json;

#[cfg(unix)]
use crate::fake::Running;
use crate::fake::{Ran, Serving, run, start};

const NOVA: &str = "us.amazon.nova-lite-v1:0";
const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// Programs with assertions of their own, which need nothing but themselves.
const ALONE: &[&str] = &[
    "adopting.4",
    "agents.2",
    "dialects.9",
    "embedding.1",
    "migration.6",
    "migration.7",
    "migration.8",
    "recording.2",
    "recording.3",
    "testing.1",
    "testing.2",
    "testing.3",
    "testing.4",
    "testing.5",
];

/// Programs that a test below runs against the fake.
const ASKED: &[&str] = &[
    "adopting.1",
    "adopting.2",
    "adopting.3",
    "agents.1",
    "agents.3",
    "chat.1",
    "chat.2",
    "chat.3",
    "chat.4",
    "chat.5",
    "content.1",
    "content.2",
    "content.3",
    "dialects.1",
    "dialects.2",
    "dialects.3",
    "dialects.4",
    "dialects.5",
    "dialects.6",
    "dialects.7",
    "dialects.8",
    "embedding.2",
    "errors.1",
    "errors.2",
    "errors.3",
    "errors.4",
    "gateway.1",
    "gateway.2",
    "gateway.3",
    "migration.2",
    "migration.4",
    "recording.1",
    "structured-output.1",
    "structured-output.2",
    "structured-output.3",
];

#[test]
fn every_program_is_run() {
    let listed = Command::new(env!("CARGO_BIN_EXE_book-program")).output().expect("the program starts");
    let listed = String::from_utf8(listed.stdout).expect("names are text");
    let unknown: Vec<&str> =
        listed.lines().filter(|name| !ALONE.contains(name) && !ASKED.contains(name)).collect();
    assert!(unknown.is_empty(), "no test runs {unknown:?}");
    let gone: Vec<&&str> =
        ALONE.iter().chain(ASKED).filter(|name| !listed.lines().any(|line| line == **name)).collect();
    assert!(gone.is_empty(), "there is no longer {gone:?}");
}

#[test]
fn programs_with_assertions_hold_them() {
    for name in ALONE {
        let ran = run(name, None, "", Path::new("."));
        assert!(ran.succeeded, "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_chat() {
    let bedrock = start(NOVA, [answer().text("Because of the air.")]);
    assert_eq!(asked("chat.1", &bedrock, "").stdout, "Because of the air.\n");

    // By the credentials that the AWS SDK's configuration gives.
    let bedrock = start(NOVA, [answer().text("Because of the air.")]);
    assert_eq!(asked("chat.5", &bedrock, "").stdout, "Because of the air.\n");

    let bedrock = start(NOVA, [answer().text("It is").stop(StopReason::MaxTokens), answer().text("Red.")]);
    assert_eq!(
        asked("chat.2", &bedrock, "Why?\nWhy?\n").stdout,
        "> It is\n[stopped: max_tokens]\n> Red.\n> "
    );
}

#[test]
fn a_failed_turn_of_a_chat_leaves_no_trace() {
    let cut = answer().text("It is").fault(Fault::NoStop);
    let refused = Reply::from(Refusal::of(RefusalKind::AccessDenied));
    let bedrock = start(NOVA, [answer().text("Yes.").into(), cut, refused, answer().text("No.").into()]);
    // Blank lines are not sent: Bedrock refuses a blank text.
    let ran = asked("chat.2", &bedrock, "One?\n\n  \nTwo?\nThree?\nFour?\n");
    assert!(
        ran.stdout.starts_with("> Yes.\n> > > It is") && ran.stdout.ends_with("> No.\n> "),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.contains("incomplete") && ran.stderr.contains("AccessDenied"), "{}", ran.stderr);
    let requests = bedrock.requests();
    assert_eq!(requests.len(), 4);
    let last = requests[3].converse().expect("it asked by Converse").messages.unwrap_or_default();
    let expected = [Message::user("One?"), Message::assistant("Yes."), Message::user("Four?")];
    assert_eq!(last, expected, "neither the failed questions nor the broken answer");
}

#[test]
fn an_empty_answer_in_a_chat() {
    let bedrock = start(NOVA, [answer(), answer().text("  "), answer().text("Red.")]);
    let ran = asked("chat.2", &bedrock, "Why?\nReally?\nAnd now?\n");
    assert_eq!(ran.stderr.matches("the model said nothing").count(), 2, "{}", ran.stderr);
    assert!(ran.stdout.ends_with("> Red.\n> "), "{}", ran.stdout);
    let last = bedrock.requests()[2].converse().expect("it asked by Converse").messages.unwrap_or_default();
    assert_eq!(last, [Message::user("And now?")]);
}

/// Bedrock checks the whole conversation, so what was blocked once would block every later turn. What ended well, or was only cut
/// off, is what the model said.
#[test]
fn a_blocked_answer_is_not_of_the_conversation() {
    let mut expected = Vec::new();
    let mut replies = vec![answer().reasoning("Let me think").stop(StopReason::MaxTokens)];
    let (mut left_out, mut turns) = (0, "One?\n".to_owned());
    // The request has no tools.
    for reason in StopReason::KNOWN.iter().filter(|reason| **reason != StopReason::ToolUse) {
        let question = format!("What of {reason}?");
        replies.push(answer().text("This.").stop(reason.clone()));
        turns.push_str(&format!("{question}\n"));
        if reason.is_finished() || *reason == StopReason::MaxTokens {
            expected.extend([Message::user(question), Message::assistant("This.")]);
        } else {
            left_out += 1;
        }
    }
    replies.push(answer().text("Red."));
    expected.push(Message::user("And now?"));
    let bedrock = start(NOVA, replies);
    let ran = asked("chat.2", &bedrock, &format!("{turns}And now?\n"));
    assert_eq!(ran.stderr.matches("[this turn is left out: ").count(), left_out, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("guardrail_intervened") && ran.stdout.ends_with("> Red.\n> "),
        "{} {}",
        ran.stdout,
        ran.stderr
    );
    let last = bedrock.requests().pop().expect("it asked");
    assert_eq!(last.converse().expect("it asked by Converse").messages.unwrap_or_default(), expected);
}

/// Ctrl-C stops the answer, and at the prompt the program.
#[cfg(unix)]
#[test]
fn a_chat_with_ctrl_c() {
    let bedrock = start(NOVA, [stalled_after_half(), answer().text("Whole.").into()]);
    let mut chat = Running::start("chat.3", &bedrock);
    chat.reads_until("> ");
    chat.types("One?\n");
    chat.reads_until("Half");
    chat.interrupt();
    chat.reads_until("> ");
    chat.types("Two?\n");
    chat.reads_until("Whole.\n> ");
    assert_eq!(chat.interrupted(), Some(130));

    let bedrock = start(NOVA, [answer().text("Whole.")]);
    assert_eq!(asked("chat.3", &bedrock, "One?\n").stdout, "> Whole.\n> ");
}

#[test]
fn an_answer_in_a_browser() {
    let ask = |serving: &Serving| serving.send("POST /ask", "", "Why?");
    let bedrock = start(NOVA, [answer().text("Because\nof the air.")]);
    let told = ask(&Serving::start("chat.4", &bedrock, &[]));
    assert!(told.starts_with("HTTP/1.1 200 ") && told.contains("content-type: text/event-stream"), "{told}");
    assert!(told.contains(r#"data: "Because\n"#) && told.contains("event: done\ndata: end_turn\n"), "{told}");
    assert!(!told.contains("event: error"), "{told}");

    // An answer that is cut off, an exception in the middle, and an event that is skipped.
    let cut = answer().text("Because of the air.").fault(Fault::NoStop);
    let broken = answer().text("Because").exception("modelStreamErrorException", "Gone.");
    let misplaced = answer().text("Because").event(event::tool_input(0, "{}"));
    for reply in [cut, broken.into(), misplaced.into()] {
        let told = ask(&Serving::start("chat.4", &start(NOVA, [reply]), &[]));
        assert!(told.contains(r#"data: "Because"#) && told.contains("event: error\ndata: A part"), "{told}");
        assert!(!told.contains("event: done"), "{told}");
    }

    // A `Retry-After` longer than the client waits, so that it does not ask again.
    let throttled = Refusal::of(RefusalKind::Throttling).retry_after(60);
    for (refusal, status) in [(throttled, "429"), (Refusal::of(RefusalKind::AccessDenied), "502")] {
        let told = ask(&Serving::start("chat.4", &start(NOVA, [refusal]), &[]));
        assert!(told.starts_with(&format!("HTTP/1.1 {status} ")), "{told}");
    }

    // A browser that leaves ends the request to Bedrock.
    let bedrock = start(NOVA, [stalled_after_half()]);
    let serving = Serving::start("chat.4", &bedrock, &[]);
    serving.leave("POST /ask", "Why?", "Half");
    let begun = Instant::now();
    while bedrock.open_streams() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the request to Bedrock goes on");
        sleep(Duration::from_millis(10));
    }
}

/// An answer that stops coming before its end.
fn stalled_after_half() -> Reply {
    let half = answer().text("Half");
    let messages = half.messages().expect("they can be encoded");
    let before_stop = messages[..messages.len() - 2].iter().map(|message| message.len() as u64).sum();
    half.fault(Fault::CutAt { byte: before_stop, end: End::Stall })
}

#[test]
fn text_that_is_lent() {
    let bedrock = start(NOVA, [answer().text("Because of the air.")]);
    assert_eq!(asked("adopting.2", &bedrock, "").stdout, "Because of the air.");

    let cut = answer().text("It is").fault(Fault::NoStop);
    let ran = fails("adopting.2", &start(NOVA, [cut]), "");
    assert!(ran.stdout == "It is" && ran.stderr.contains("incomplete"), "{}{}", ran.stdout, ran.stderr);

    // The same with an encoder.
    let bedrock = start(NOVA, [answer().text("Because of the air.")]);
    let told = asked("adopting.3", &bedrock, "").stdout;
    assert!(told.contains(r#""content":"Because""#) && told.ends_with("data: [DONE]\n\n"), "{told}");
    let cut = answer().text("It is").fault(Fault::NoStop);
    let told = asked("adopting.3", &start(NOVA, [cut]), "").stdout;
    assert!(told.contains(r#"{"error":{"#) && !told.contains("[DONE]"), "{told}");
}

#[test]
fn an_agent() {
    let look = answer().tool("weather", json!({"city": "Paris"})).tool("weather", json!({"city": 7}));
    let bedrock = start(NOVA, [look, answer().text("In neither.")]);
    assert_eq!(asked("agents.1", &bedrock, "").stdout, "In neither.\n");
    let sent = String::from_utf8_lossy(&bedrock.requests()[1].body).into_owned();
    assert!(sent.contains("Clear sky in Paris.") && sent.contains("invalid type"), "{sent}");

    // Arguments that are not JSON run no tool; the model hears what was wrong, and calls again.
    let garbled = answer()
        .start(ToolUseStart::new("tooluse_1", "weather").into())
        .delta(ToolUseDelta::new(r#"{"city": Paris}"#).into());
    let again = answer().tool("weather", json!({"city": "Paris"}));
    let bedrock = start(NOVA, [garbled, again, answer().text("In neither.")]);
    assert_eq!(asked("agents.1", &bedrock, "").stdout, "In neither.\n");
    let sent = String::from_utf8_lossy(&bedrock.requests()[1].body).into_owned();
    assert!(sent.contains(r#""text":"{\"city\": Paris}""#) && sent.contains(r#""status":"error""#), "{sent}");

    // The same loop, with the words as they come.
    let look = || answer().text("Let me look.").tool("weather", json!({"city": "Paris"}));
    let bedrock = start(NOVA, [look(), answer().text("In neither.")]);
    let ran = asked("agents.3", &bedrock, "");
    assert_eq!(ran.stdout, "Let me look.\n[weather ..]\n\nIn neither.\n");
    let sent = String::from_utf8_lossy(&bedrock.requests()[1].body).into_owned();
    assert!(sent.contains("Clear sky in Paris."), "{sent}");
    // A call in an answer that broke off is not run.
    let bedrock = start(NOVA, [look().fault(Fault::NoStop)]);
    let ran = fails("agents.3", &bedrock, "");
    assert!(ran.stderr.contains("incomplete"), "{}", ran.stderr);
    assert_eq!(bedrock.requests().len(), 1);

    // An answer that was cut off is no mistake of the model, and asking once more would cost the same again.
    let call = answer()
        .start(ToolUseStart::new("tooluse_1", "weather").into())
        .delta(ToolUseDelta::new(r#"{"city": "Par"#).into());
    let whole = answer().tool("weather", json!({"city": "Paris"}));
    for cut in [call, whole, answer().text("In neither, bec")] {
        for name in ["agents.1", "agents.3"] {
            let bedrock = start(NOVA, [cut.clone().stop(StopReason::MaxTokens)]);
            let ran = fails(name, &bedrock, "");
            assert!(ran.stderr.contains("stopped with max_tokens"), "{name}: {}", ran.stderr);
            assert_eq!(bedrock.requests().len(), 1, "{name}");
        }
    }

    // Nor is a call run that a guardrail stopped, or that the model itself failed to write.
    let call = || answer().text("Let me look.").tool("weather", json!({"city": "Paris"}));
    for reason in StopReason::KNOWN.iter().filter(|reason| !reason.is_finished()) {
        for name in ["agents.1", "agents.3"] {
            let bedrock = start(NOVA, [call().stop(reason.clone())]);
            let ran = fails(name, &bedrock, "");
            assert!(ran.stderr.contains(&format!("stopped with {reason}")), "{name}: {}", ran.stderr);
            assert_eq!(bedrock.requests().len(), 1, "{name}");
        }
    }
    let ran = fails("agents.1", &start(NOVA, [answer()]), "");
    assert!(ran.stderr.contains("said nothing"), "{}", ran.stderr);
    // Nor one that ended without a reason.
    let mut body = Vec::new();
    let mut encoder = EventEncoder::new();
    for event in call().events() {
        let event = match event {
            Event::MessageStop(_) => MessageStop::default().into(),
            event => event,
        };
        encoder.encode(&event, &mut body).expect("it can be sent");
    }
    for name in ["agents.1", "agents.3"] {
        let bedrock = start(NOVA, [Reply::recording(body.clone())]);
        let ran = fails(name, &bedrock, "");
        assert!(ran.stderr.contains("does not say why it stopped"), "{name}: {}", ran.stderr);
        assert_eq!(bedrock.requests().len(), 1, "{name}");
    }
}

#[test]
fn structured_output() {
    let recipe = r#"{"title":"Rice","steps":["Wash it.","Cook it."]}"#;
    for (name, shown) in [
        ("structured-output.1", "Rice in 2 steps\n"),
        ("structured-output.2", "\nRice:\nWash it.\nCook it.\n"),
    ] {
        let bedrock = start(CLAUDE, [answer().text(recipe)]);
        let stdout = asked(name, &bedrock, "").stdout;
        assert!(stdout.ends_with(shown), "{name}: {stdout:?}");
        let sent = String::from_utf8_lossy(&bedrock.requests()[0].body).into_owned();
        assert!(sent.contains(r#"\"required\":[\"title\",\"steps\"]"#), "{name}: {sent}");
        assert!(sent.contains(r#"\"additionalProperties\":false"#), "{name}: {sent}");
    }
    let shown = asked("structured-output.2", &start(CLAUDE, [answer().text(recipe)]), "").stdout;
    assert!(shown.contains("\r: 0 steps so far") && shown.contains("\rRice: 1 steps so far"), "{shown:?}");

    // A word of an enum arrives in pieces, too, and each can be shown.
    let hard = answer()
        .event(event::text(0, r#"{"title":"Fugu","level":"ha"#))
        .event(event::text(0, r#"rd","steps":["Cut it."]}"#))
        .event(event::block_stop(0));
    let shown = asked("structured-output.2", &start(CLAUDE, [hard]), "").stdout;
    assert!(shown.contains("\rFugu: 0 steps so far ha\r"), "{shown:?}");
    assert!(shown.ends_with("\nFugu (Hard):\nCut it.\n"), "{shown:?}");

    let call = answer().tool("recipe", json!({"title": "Rice", "steps": ["Wash it.", "Cook it."]}));
    let bedrock = start(NOVA, [call]);
    let shown = asked("structured-output.3", &bedrock, "").stdout;
    assert!(shown.contains("\r: 1 steps so far") && shown.contains("\rRice: 2 steps"), "{shown:?}");
    assert!(shown.ends_with("\nRice:\nWash it.\nCook it.\n"), "{shown:?}");
    let sent = String::from_utf8_lossy(&bedrock.requests()[0].body).into_owned();
    assert!(sent.contains(r#""required":["title","steps"]"#), "{sent}");

    let two = answer()
        .tool("recipe", json!({"title": "Rice", "steps": []}))
        .tool("recipe", json!({"title": "Tea", "steps": []}));
    let shown = asked("structured-output.3", &start(NOVA, [two]), "").stdout;
    assert!(shown.contains("\rRice: 0 steps") && shown.contains("\rTea: 0 steps"), "{shown:?}");
    let words = fails("structured-output.3", &start(NOVA, [answer().text("Boil it.")]), "").stderr;
    assert!(words.contains("no recipe") && words.contains("Boil it."), "{words}");
}

/// It fits the type, and a mask may stand in place of a name.
#[test]
fn structured_output_of_a_blocked_answer_is_an_error() {
    let (recipe, text) = (json!({"title": "{NAME}", "steps": []}), r#"{"title":"{NAME}","steps":[]}"#);
    for reason in [StopReason::GuardrailIntervened, StopReason::MaxTokens, StopReason::MalformedToolUse] {
        for (name, model, reply) in [
            ("structured-output.1", CLAUDE, answer().text(text)),
            ("structured-output.2", CLAUDE, answer().text(text)),
            ("structured-output.3", NOVA, answer().tool("recipe", recipe.clone())),
        ] {
            let ran = fails(name, &start(model, [reply.stop(reason.clone())]), "");
            // By `Display`, or by `Debug` from `main`.
            let told = ["Stopped", reason.as_str()];
            assert!(told.iter().any(|told| ran.stderr.contains(told)), "{name}: {}", ran.stderr);
        }
    }
}

#[test]
fn structured_output_without_its_members_is_an_error() {
    for (name, model, empty) in [
        ("structured-output.1", CLAUDE, answer().text("{}")),
        ("structured-output.2", CLAUDE, answer().text("{}")),
        ("structured-output.3", NOVA, answer().tool("recipe", json!({}))),
    ] {
        let ran = fails(name, &start(model, [empty]), "");
        assert!(ran.stderr.contains("missing field `title`"), "{name}: {}", ran.stderr);
    }
}

#[test]
fn content() {
    let folder = tempfile::tempdir().expect("there is room");
    for (name, bytes) in [
        ("cat.png", &b"\x89PNG\r\n\x1a\n"[..]),
        ("report.pdf", b"%PDF-1.4"),
        ("manual.txt", b"Hold the button."),
    ] {
        fs::write(folder.path().join(name), bytes).expect("there is room");
    }
    let bedrock = start(NOVA, [answer().text("Yes.")]);
    let ran = run("content.1", Some(&bedrock), "", folder.path());
    assert_eq!(ran.stdout, "Yes.\n", "{}", ran.stderr);
    let sent = bedrock.requests()[0].converse().expect("it asked by Converse").messages.unwrap_or_default();
    assert_eq!(sent[0].content.len(), 3, "a text, an image and a document");

    let bedrock = start(CLAUDE, [answer().text("Hold it.").usage(7, 2)]);
    let ran = run("content.2", Some(&bedrock), "", folder.path());
    assert_eq!(
        ran.stdout,
        "7 tokens in: 0 written to the cache, 0 read from it\n".repeat(2),
        "{}",
        ran.stderr
    );

    let bedrock = start(CLAUDE, [answer().reasoning("s t r").signature("c2ln").text("Three.")]);
    let ran = asked("content.3", &bedrock, "");
    assert_eq!((&*ran.stdout, &*ran.stderr), ("Three.\n", "s t r"));
}

#[test]
fn errors() {
    let bedrock = start(NOVA, [answer().text("Fine.")]);
    assert_eq!(asked("errors.1", &bedrock, "").stdout, "Fine.");
    assert_eq!(asked("errors.2", &bedrock, "").stdout, "Fine.\n");

    let bedrock = start(NOVA, [answer().text("Half").fault(Fault::NoStop)]);
    let ran = fails("errors.1", &bedrock, "");
    assert_eq!((&*ran.stderr, ran.code), ("cut off\n", Some(75)));

    let bedrock = start(NOVA, [Refusal::of(RefusalKind::AccessDenied)]);
    let ran = fails("errors.1", &bedrock, "");
    assert!(ran.stderr.starts_with("refused: AccessDeniedException (403): "), "{}", ran.stderr);
    assert_eq!(ran.code, Some(1));

    // Arguments in a block of text are skipped: the rest is shown, and is no success.
    let misplaced = answer().text("One.").event(event::tool_input(0, "{}"));
    let ran = fails("errors.1", &start(NOVA, [misplaced]), "");
    assert!(ran.stdout == "One." && ran.stderr.starts_with("a part is missing: "), "{}", ran.stderr);
}

#[test]
fn a_conversation_that_is_too_long() {
    let too_long = || Refusal::of(RefusalKind::Validation).message("Input is too long for requested model.");
    let bedrock = start(NOVA, [too_long().into(), Reply::from(answer().text("48."))]);
    assert_eq!(asked("errors.3", &bedrock, "").stdout, "48.\n");
    let last = bedrock.requests()[1].converse().expect("it asked by Converse").messages.unwrap_or_default();
    assert_eq!(last, [Message::user("And what is 6 times 8?")]);

    // With one turn left, it gives up.
    let bedrock = start(NOVA, [too_long()]);
    assert!(fails("errors.3", &bedrock, "").stderr.contains("too long"));
    assert_eq!(bedrock.requests().len(), 2);
}

#[test]
fn what_a_failed_answer_cost() {
    let whole = || answer().text("Fine.").usage(100, 20);
    assert_eq!(asked("errors.4", &start(CLAUDE, [whole()]), "").stdout, "Fine.\n");
    for failed in
        [whole().fault(Fault::NoStop), whole().exception("modelStreamErrorException", "Gone.").into()]
    {
        let told = asked("errors.4", &start(CLAUDE, [failed]), "").stdout;
        assert!(told.ends_with("; the model had read 100 tokens\n"), "{told}");
    }
}

#[test]
fn recording() {
    let folder = tempfile::tempdir().expect("there is room");
    let reply = answer().text("Because.");
    let bedrock = start(NOVA, [reply.clone()]);
    let ran = run("recording.1", Some(&bedrock), "", folder.path());
    assert!(ran.succeeded && ran.stdout.ends_with(" bytes: Because.\n"), "{}", ran.stderr);

    // The bytes of a failed answer are kept.
    let bedrock = start(NOVA, [Reply::from(reply).fault(Fault::NoStop)]);
    let ran = run("recording.1", Some(&bedrock), "", folder.path());
    assert!(!ran.succeeded && ran.stderr.contains("incomplete"), "{}", ran.stderr);
    assert!(fs::read(folder.path().join("failed.bin")).expect("they were written").len() > 50);
}

#[test]
fn migrated_programs() {
    let bedrock = start(NOVA, [answer().text("The air.")]);
    assert_eq!(asked("migration.2", &bedrock, "").stdout, "The air.");
    assert_eq!(asked("migration.4", &bedrock, "").stdout, "The air.\n");
    let cut = start(NOVA, [answer().text("The air.").fault(Fault::NoStop)]);
    for name in ["migration.2", "migration.4"] {
        assert!(fails(name, &cut, "").stderr.contains("incomplete"), "{name}");
    }
}

#[test]
fn a_gateway() {
    let ask = |stream: bool| {
        format!(
            r#"{{"model":"fast","stream":{stream},"seed":7,"stream_options":{{"include_usage":true}},"messages":[{{"role":"user","content":"Why?"}}]}}"#
        )
        .replace(if stream { "" } else { r#""stream_options":{"include_usage":true},"# }, "")
    };
    // The model is OpenAI's "fast", and Bedrock's Nova.
    let bedrock = start(NOVA, [answer().text("Because.").usage(3, 2)]);
    let ran = asked("adopting.1", &bedrock, &ask(true));
    let told = ran.stdout;
    assert!(told.contains(r#""finish_reason":"stop""#) && told.ends_with("data: [DONE]\n\n"), "{told}");
    assert!(told.contains(r#""prompt_tokens":3"#) && told.contains(r#""model":"fast""#), "{told}");
    assert!(ran.stderr.contains("`seed`"), "{}", ran.stderr);

    let told = asked("adopting.1", &bedrock, &ask(false)).stdout;
    let whole: serde_json::Value =
        serde_json::from_str(told.strip_prefix("200 ").unwrap_or_else(|| panic!("{told}")))
            .expect("it is JSON");
    assert_eq!(whole["object"], "chat.completion", "{told}");
    assert_eq!(whole["choices"][0]["message"]["content"], "Because.", "{told}");
    assert_eq!(whole["usage"]["total_tokens"], 5, "{told}");

    // An answer that is cut off, and an exception in the middle: an error, and nothing that looks like an end.
    for fault in [Fault::NoStop, "exception@middle".parse().expect("there is such a fault")] {
        let bedrock = start(NOVA, [answer().text("Because of the air.").fault(fault)]);
        for stream in [true, false] {
            let told = asked("adopting.1", &bedrock, &ask(stream)).stdout;
            assert!(told.contains(r#"{"error":{"#), "{fault}: {told}");
            assert!(!told.contains("[DONE]") && !told.contains(r#""finish_reason":""#), "{fault}: {told}");
            assert!(stream || !told.starts_with("200 "), "{fault}: {told}");
        }
    }

    let bedrock = start(NOVA, [Refusal::of(RefusalKind::AccessDenied)]);
    for stream in [true, false] {
        let told = asked("adopting.1", &bedrock, &ask(stream)).stdout;
        assert!(told.starts_with(r#"403 {"error":{"#), "{told}");
    }

    let told = asked("adopting.1", &bedrock, r#"{"model":"m","messages":7}"#).stdout;
    assert!(told.starts_with("400 ") && told.contains("messages"), "{told}");
}

#[test]
fn a_gateway_of_ones_own() {
    let bedrock = start(NOVA, [answer().text("Because.")]);
    let body = format!(r#"{{"model":"{NOVA}","messages":[{{"role":"user","content":"Why?"}}]}}"#);
    // By the credentials that the AWS SDK's configuration gives.
    let serving =
        Serving::start("gateway.1", &bedrock, &[("GATEWAY_KEY", "sk-1"), ("GATEWAY_LISTEN", "127.0.0.1:0")]);
    let told = serving.send("POST /v1/chat/completions", "authorization: Bearer sk-1\r\n", &body);
    assert!(told.starts_with("HTTP/1.1 200 ") && told.contains("Because."), "{told}");
    let told = serving.send("POST /v1/chat/completions", "", &body);
    assert!(told.starts_with("HTTP/1.1 401 "), "{told}");
    let signature = bedrock.requests()[0].headers["authorization"].to_str().expect("it is text").to_owned();
    assert!(signature.contains("Credential=test/"), "{signature}");

    let serving = Serving::start("gateway.2", &bedrock, &[]);
    let told = serving.send("GET /version", "", "");
    assert!(told.starts_with("HTTP/1.1 200 ") && told.ends_with("\r\n\r\n7"), "{told}");
    let told = serving.send("POST /v1/chat/completions", "", &body);
    assert!(told.starts_with("HTTP/1.1 200 ") && told.contains("Because."), "{told}");

    // A layer of its own asks for a token.
    let serving = Serving::start("gateway.3", &bedrock, &[]);
    let token = "authorization: Bearer a-token-of-ours\r\n";
    let told = serving.send("POST /v1/chat/completions", token, &body);
    assert!(told.starts_with("HTTP/1.1 200 ") && told.contains("Because."), "{told}");
    let told = serving.send("POST /v1/chat/completions", "", &body);
    assert!(told.starts_with("HTTP/1.1 401 "), "{told}");
}

#[test]
fn other_dialects() {
    let text = || answer().text("The air.");
    for (name, model, shown) in [
        ("embedding.2", NOVA, "The air.\n"),
        ("dialects.1", CLAUDE, "The air.\n"),
        ("dialects.2", "openai.gpt-oss-120b", "The air.\n"),
        ("dialects.3", "openai.gpt-oss-20b", "The air.\n"),
        ("dialects.4", CLAUDE, "The air.\n"),
        ("dialects.6", CLAUDE, "The air.\nThe air.\n"),
    ] {
        let ran = asked(name, &start(model, [text(), text()]), "");
        assert_eq!(ran.stdout, shown, "{name}: {}", ran.stderr);
    }
    let bedrock = start("openai.gpt-oss-120b", [text().stop(StopReason::MaxTokens)]);
    assert_eq!(asked("dialects.2", &bedrock, "").stdout, "The air.\n[stopped: max_tokens]\n");
    // What Chat Completions has no place for is not sent back.
    let call = answer().reasoning("They want the weather.").tool("weather", json!({"city": "Paris"}));
    let bedrock = start("openai.gpt-oss-120b", [call, answer().text("Ask later.")]);
    assert_eq!(asked("dialects.7", &bedrock, "").stdout, "Ask later.\n");
    let sent = String::from_utf8_lossy(&bedrock.requests()[1].body).into_owned();
    assert!(sent.contains("error: the weather service is closed"), "{sent}");
    assert!(!sent.contains("They want the weather."), "{sent}");
    let bedrock = start("*", [text(), text(), text(), text()]);
    assert_eq!(asked("dialects.8", &bedrock, "").stdout, "The air.\n".repeat(4));
    let ran = asked("dialects.5", &start("us.meta.llama3-3-70b-instruct-v1:0", [text()]), "");
    assert!(ran.stdout.ends_with(" tokens: \"The air.\"\n"), "{}", ran.stdout);
}

/// A program that must succeed.
fn asked(name: &str, bedrock: &FakeBedrock, stdin: &str) -> Ran {
    let ran = run(name, Some(bedrock), stdin, Path::new("."));
    assert!(ran.succeeded, "{name}: {}", ran.stderr);
    ran
}

/// A program that must fail.
fn fails(name: &str, bedrock: &FakeBedrock, stdin: &str) -> Ran {
    let ran = run(name, Some(bedrock), stdin, Path::new("."));
    assert!(!ran.succeeded, "{name}: {}", ran.stdout);
    ran
}

/// What the tables and diagrams of the guides say, against the code.
#[test]
fn the_table_of_errors_names_every_kind() {
    let page = include_str!("../../../docs/errors.md");
    let rows = page.split("| kind | what happened").nth(1).expect("there is the table");
    let rows = rows.lines().take_while(|line| line.starts_with('|') || line.contains("usual answer"));
    let named: BTreeSet<&str> = rows
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|names| names.split('`').skip(1).step_by(2))
        .collect();
    // The enum has no list of its variants.
    let code = include_str!("../../../crates/core/src/error_kind.rs");
    let known: BTreeSet<&str> = code
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => "))
        .map(|(name, _)| name)
        .collect();
    assert!(known.len() > 10, "{known:?}");
    assert_eq!(named, known);
}

#[test]
fn the_guide_to_the_fake_names_every_refusal() {
    let page = include_str!("../../../docs/testing.md").replace('\n', " ");
    for kind in RefusalKind::ALL {
        let short = kind.name().strip_suffix("Exception").expect("that is how they are named");
        let named = format!("`{short}` ({})", kind.status().as_u16());
        assert!(page.contains(&named), "{named}");
    }
}

#[test]
fn the_table_of_dialects_names_them_all() {
    let page = include_str!("../../../docs/dialects.md");
    for dialect in bedrock_stream_dialects::Dialect::ALL {
        assert!(page.contains(&format!("| `{dialect}` |")), "{dialect}");
    }
}
