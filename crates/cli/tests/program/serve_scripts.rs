//! `serve --script`: which reply is given, and what is said about a script.

use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::recordings::smallest;
use crate::run::{Running, program, run_alone};
use crate::serve::{ASK, converse, file, message, serve};
use crate::shared::recordings;

#[test]
fn a_script_says_what_is_answered() {
    let script = r#"{
        "talks": [
            {"stop": "max_tokens", "text": "Hello.", "reasoning": "They greet.", "signature": "c2lnbmVk"},
            {"tool": [{"name": "a", "input": {"z": 1.50, "b": [ ]}, "id": "t1"}, {"name": "b"}]},
            {"text": "Broken", "fault": "no-stop"},
            {"refuse": "accessdenied", "message": "Ask for access."},
            {"refuse": "ThrottlingException", "retry_after": 0, "fault": ["drip", "split:5"]},
            {"text": "The last."}
        ],
        "full": [{
            "redacted": "c2VjcmV0", "text": "Sunny.",
            "citations": [{"title": "Weather", "location": {"web": {"url": "https://example.com"}}}],
            "usage": {"inputTokens": 7, "outputTokens": 5, "cacheReadInputTokens": 3}
        }],
        "events": [{"events": [
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"contentBlockIndex": 3, "delta": {"text": "by hand"}}},
            {"throttlingException": {"message": "Slower."}}
        ]}],
        "*": [{"text": "once"}, {}]
    }"#;
    let (_folder, path) = file("script.json", script);
    let (_server, url) = serve(&["--script", &path]);

    let first = message(&url, "talks").lines().remove(0);
    assert_eq!(first["stopReason"], "max_tokens");
    let content = &first["output"]["message"]["content"];
    let reasoning = &content[0]["reasoningContent"]["reasoningText"];
    assert_eq!((&reasoning["text"], &reasoning["signature"]), (&json!("They greet."), &json!("c2lnbmVk")));
    assert!(first["usage"]["inputTokens"].as_u64() > Some(0), "{first}");
    assert_eq!(content[1]["text"], "Hello.");
    let second = message(&url, "talks");
    assert!(second.text().contains(r#""input":{"z": 1.50, "b": [ ]}"#), "{}", second.text());
    let second = second.lines().remove(0);
    assert_eq!(second["stopReason"], "tool_use");
    assert_eq!(second["output"]["message"]["content"][0]["toolUse"]["toolUseId"], "t1");
    assert_eq!(second["output"]["message"]["content"][1]["toolUse"]["name"], "b");
    let third = message(&url, "talks").failure();
    assert_eq!(third["kind"], "incomplete");
    assert_eq!(third["partial"]["output"]["message"]["content"][0]["text"], "Broken");
    let refused = message(&url, "talks").failure();
    assert_eq!(refused["status"], 403);
    assert!(refused["message"].as_str().is_some_and(|told| told.contains("Ask for access.")), "{refused}");
    // The refusal is one that passes, so the client comes again, for the next reply.
    for _ in 0..2 {
        let last = message(&url, "talks").lines().remove(0);
        assert_eq!(last["output"]["message"]["content"][0]["text"], "The last.");
    }

    let full = message(&url, "full").lines().remove(0);
    let content = &full["output"]["message"]["content"];
    assert_eq!(content[0]["reasoningContent"]["redactedContent"], "c2VjcmV0");
    let cited = &content[1]["citationsContent"];
    assert_eq!(cited["citations"][0]["location"]["web"]["url"], "https://example.com", "{full}");
    let counts =
        ["inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens", "totalTokens"];
    assert_eq!(
        counts.map(|name| full["usage"][name].as_u64()),
        [Some(7), Some(5), Some(3), Some(0), Some(15)]
    );

    let failure = message(&url, "events").failure();
    assert_eq!(failure["exception"], "throttlingException");
    assert_eq!(failure["partial"]["output"]["message"]["content"][0]["text"], "by hand");

    let texts = ["x", "y"].map(|model| message(&url, model).lines().remove(0));
    let texts = texts.map(|answer| answer["output"]["message"]["content"].to_string());
    assert!(texts[0].contains(r#""once""#) && !texts[1].contains(r#""once""#), "{texts:?}");
}

#[test]
fn a_script_finds_recordings_beside_it() {
    let Some(recordings) = recordings() else { return };
    let recording = smallest(recordings);
    let (folder, path) = file("script.json", r#"{"m": [{"recording": "copied.bin"}]}"#);
    fs::write(folder.path().join("copied.bin"), recording.bytes()).expect("there is room for a copy");
    let received = folder.path().join("received.bin");
    let received = received.to_str().expect("the path is UTF-8");
    let (_server, url) = serve(&["--script", &path]);
    converse(&url, &[&ASK[..], &["--record", received]].concat(), &[]);
    assert!(fs::read(received).expect("it was recorded") == recording.bytes());
}

#[test]
fn a_wrong_script_is_told_with_the_place() {
    for (script, place) in [
        ("[]", ":1:1: it is not a script, a list of replies by model id: invalid type"),
        ("\n\n[]", ":3:1: it is not a script"),
        ("", ":1:1: it is not a script"),
        ("{\n\"m\": [{},\n]}", ":3:1: it is not a script"),
        (r#"{"m": {}}"#, ":1:7: it is not a script"),
        (r#"{"ä": {}}"#, ":1:7: it is not a script"),
        (
            "{\"m\": [{}],\n \"m\": [{}]}",
            r#":2:4: it is not a script, a list of replies by model id: "m" is given twice"#,
        ),
        ("{\"m\": [{\"text\": \"a\",\n  \"text\": \"b\"}]}", r#":2:8: "m"[0]: "text" is given twice"#),
        (r#"{"m": [{"when": {"turn": 1, "turn": 2}}]}"#, r#":1:34: "m"[0].when: duplicate field `turn`"#),
        (
            r#"{"m": [{"when": {"prompt": {"is": "a", "is": "b"}}}]}"#,
            r#":1:43: "m"[0].when: duplicate field `is`"#,
        ),
        (
            r#"{"m": [{"when": {}, "replies": [{"text": "a", "text": "b"}]}]}"#,
            r#":1:52: "m"[0].replies[0]: "text" is given twice"#,
        ),
        (
            r#"{"m": [{"when": {"prompt": {"is": "a", "starts_with": "b"}}}]}"#,
            r#"m"[0].when: only one of contains, is and starts_with can be given"#,
        ),
        (
            r#"{"m": [{"when": {"tool_result": []}}]}"#,
            r#""m"[0].when: invalid length 0, expected at least one"#,
        ),
        (r#"{"m": [{"tool": {"name": "x", "name": "y"}}]}"#, r#""m"[0].tool: duplicate field `name`"#),
        (
            r#"{"m": [{"tool": {"name": "x", "input": 5}}]}"#,
            r#":1:40: "m"[0].tool.input: it must be an object"#,
        ),
        (
            r#"{"m": [{"tool": [{"name": "x"}, {"name": "y", "input": []}]}]}"#,
            r#":1:56: "m"[0].tool[1].input: it must be an object"#,
        ),
        (r#"{"m": [{"tool": []}]}"#, r#":1:17: "m"[0].tool: the list is empty"#),
        (r#"{"m": [{"events": []}]}"#, r#":1:19: "m"[0].events: the list is empty"#),
        (
            r#"{"m": [{"events": [{"messageStart": {"role": "assistant"}}, {"nope": {}}]}]}"#,
            r#":1:61: "m"[0].events[1]: there is no event "nope"; there are messageStart, "#,
        ),
        (
            "{\"m\": [{\n\"stop\": \"nope\"}]}",
            r#":2:9: "m"[0].stop: there is no stop reason "nope"; there are end_turn, tool_use, "#,
        ),
        (r#"{"m": [{"usage": {"inputTokens": 1}}]}"#, r#""m"[0].usage: missing field `outputTokens`"#),
        (
            r#"{"m": [{"usage": {"inputTokens": 1, "outputTokens": -1}}]}"#,
            r#":1:54: "m"[0].usage: invalid value: integer `-1`"#,
        ),
        (
            r#"{"m": [{"usage": {"input": 1}}]}"#,
            r#""m"[0].usage: unknown field `input`, expected one of `inputTokens`"#,
        ),
        (r#"{"m": [{"redacted": "*"}]}"#, r#":1:21: "m"[0].redacted: it is not base64"#),
        (r#"{"m": [{"citations": []}]}"#, r#":1:22: "m"[0].citations: it needs "text""#),
        (r#"{"m": [{"text": "x", "citations": []}]}"#, r#":1:35: "m"[0].citations: the list is empty"#),
        (
            r#"{"m": [{"text": "x", "citations": [{"heading": "y"}]}]}"#,
            r#""m"[0].citations[0]: unknown field `heading`, expected one of `title`"#,
        ),
        (
            r#"{"m": [{"text": "x", "citations": {"location": {"page": {}}}}]}"#,
            r#""m"[0].citations: unknown variant `page`, expected one of `web`"#,
        ),
        (
            r#"{"m": [{"text": "x", "citations": 5}]}"#,
            r#":1:35: "m"[0].citations: invalid type: integer `5`, expected a citation: an object"#,
        ),
        (
            r#"{"m": [{"text": "x", "citations": {"sourceContent": [5]}}]}"#,
            r#""m"[0].citations: invalid type: integer `5`, expected an object with a text"#,
        ),
        (r#"{"m": [{"usage": 5}]}"#, r#"invalid type: integer `5`, expected token counts: an object"#),
        (
            r#"{"m": [{"tool": 5}]}"#,
            r#"invalid type: integer `5`, expected a tool call: an object with a name"#,
        ),
        (
            r#"{"m": [{"usage": {"inputTokens": 1, "outputTokens": 1}, "refuse": "throttling"}]}"#,
            r#"it cannot be combined with "refuse""#,
        ),
        (r#"{"m": []}"#, r#":1:7: "m": the list has no reply"#),
        (r#"{"m": [{}, 1]}"#, r#":1:12: "m"[1]: invalid type"#),
        (r#"{"m": [{"txt": ""}]}"#, r#":1:16: "m"[0].txt: a reply has no such member"#),
        ("{\"m\": [\n  {\"text\": 1}]}", r#":2:12: "m"[0].text: invalid type"#),
        (
            r#"{"m": [{"text": "", "events": [{"messageStop": {}}]}]}"#,
            r#""m"[0].text: it cannot be combined with "events""#,
        ),
        (
            r#"{"m": [{"refuse": "x"}]}"#,
            r#":1:19: "m"[0].refuse: there is no refusal "x"; there are AccessDenied"#,
        ),
        (r#"{"m": [{"retry_after": 1}]}"#, r#":1:24: "m"[0].retry_after: it needs "refuse""#),
        (r#"{"m": [{"message": "No."}]}"#, r#":1:20: "m"[0].message: it needs "refuse""#),
        (r#"{"m": [{"refuse": "throttling", "retry_after": -1}]}"#, r#""m"[0].retry_after: invalid value"#),
        (r#"{"m": [{"fault": "x"}]}"#, r#"1:18: "m"[0].fault: there is no fault "x""#),
        ("{\"m\": [{\"tool\":\n {\"input\": {}}}]}", r#":2:14: "m"[0].tool: missing field `name`"#),
        ("{\"m\": [{\"events\": [{\"messageStop\": {}},\n\n 1]}]}", r#":3:2: "m"[0].events[1]: "#),
        (r#"{"m": [{"recording": "no.bin"}]}"#, r#":1:22: "m"[0].recording: cannot read "#),
        (
            "{\"m\": [{\"when\":\n{\"prompt\": \"x\",\n \"trun\": 1}}]}",
            r#":3:7: "m"[0].when: unknown field `trun`"#,
        ),
        (
            r#"{"m": [{"when": {"turn": 0}, "text": "x"}]}"#,
            r#":1:26: "m"[0].when: invalid value: integer `0`"#,
        ),
        (r#"{"m": [{"replies": [{}]}]}"#, r#":1:20: "m"[0].replies: it needs "when""#),
        (r#"{"m": [{"when": {}, "replies": []}]}"#, r#":1:32: "m"[0].replies: the list has no reply"#),
        (
            r#"{"m": [{"when": {}, "replies": [{}], "text": ""}]}"#,
            r#""m"[0].replies: it cannot be combined with "text""#,
        ),
        (
            r#"{"m": [{"when": {}, "replies": [{}, {"text": 1}]}]}"#,
            r#":1:46: "m"[0].replies[1].text: invalid type"#,
        ),
        (
            r#"{"m": [{"when": {}, "replies": [{"when": {}}]}]}"#,
            r#""m"[0].replies[0].when: a reply has no such member"#,
        ),
    ] {
        let (_folder, path) = file("script.json", script);
        let run = run_alone(&["serve", "--script", &path]);
        let failure = run.failure();
        assert_eq!(failure["kind"], "input", "{script}");
        let message = failure["message"].as_str().expect("a failure has a message");
        assert!(message.starts_with(&path) && message.contains(place), "{script}: {message}");
        assert!(!message.contains(" at line "), "{script}: {message}");
    }
    assert_eq!(run_alone(&["serve", "--script", "no/such/file"]).failure()["kind"], "input");
    let (folder, _) = file("script.json", "");
    let path = folder.path().join("latin1.json");
    fs::write(&path, b"{\n \"m\": [{\"text\": \"\xfc\"}]}").expect("the folder can be written");
    let failure = run_alone(&["serve", "--script", path.to_str().expect("it is UTF-8")]).failure();
    let message = failure["message"].as_str().expect("a failure has a message");
    assert!(message.ends_with("latin1.json:2:18: it is not UTF-8"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_script_follows_an_agent_and_tells_what_never_matched() {
    let script = r#"{
        "weather": [
            {"when": {"turn": 1, "prompt": "Paris"}, "tool": {"name": "look", "input": {"city": "Paris"}, "id": "t1"}},
            {"when": {"tool_result": {"name": "look", "contains": "rain"}}, "text": "Take an umbrella."},
            {"when": {"tool_result": {"error": true}}, "text": "I cannot tell."},
            {"when": {"prompt": "busy"}, "replies": [{"refuse": "throttling", "retry_after": 0}, {"text": "Now."}]},
            {"text": "Where?"}
        ],
        "*": [{"when": {"model": {"starts_with": "us."}, "dialect": "converse"}, "text": "From the US."}]
    }"#;
    for signal in ["-INT", "-TERM"] {
        let (_folder, path) = file("script.json", script);
        let mut server = Running::spawn(program(&["serve", "--script", &path]).stderr(Stdio::piped()));
        let url = server.line();
        let ask = |model: &str, messages: Value| {
            let look = json!({"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}});
            let request = json!({"messages": messages, "toolConfig": {"tools": [look]}});
            let (_folder, request) = file("request.json", &request.to_string());
            let args =
                ["--credentials", "a:b", "--as", "message", "--model", model, "--request", &request, "-"];
            let run = converse(&url, &args[..args.len() - 1], &[]);
            assert_eq!(run.status, 0, "{}", run.stderr);
            run.lines().remove(0)["output"]["message"]["content"].clone()
        };
        let user = |text: &str| json!({"role": "user", "content": [{"text": text}]});
        let called = ask("weather", json!([user("Rain in Paris?")]));
        assert_eq!(called[0]["toolUse"]["input"], json!({"city": "Paris"}));
        let result = json!({"role": "user", "content": [
            {"toolResult": {"toolUseId": "t1", "content": [{"text": "heavy rain"}]}}]});
        let said =
            ask("weather", json!([user("Rain in Paris?"), {"role": "assistant", "content": called}, result]));
        assert_eq!(said[0]["text"], "Take an umbrella.");
        assert_eq!(ask("weather", json!([user("Hello")]))[0]["text"], "Where?");
        // The program's own client comes again after the refusal.
        assert_eq!(ask("weather", json!([user("busy?")]))[0]["text"], "Now.");
        let other =
            converse(&url, &["--credentials", "a:b", "--as", "message", "--model", "eu.x", "Hi"], &[]);
        assert!(other.stderr.contains("No reply of the script"), "{}", other.stderr);

        let id = server.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("there is kill").success());
        assert_eq!(server.child.wait().expect("it ends").code(), Some(0), "{signal}");
        let mut told = String::new();
        let mut stderr = server.child.stderr.take().expect("it was piped");
        stderr.read_to_string(&mut told).expect("it speaks UTF-8");
        let warning =
            |place: &str, when: &str| format!("warning: no request matched {path}:{place}: {when}\n");
        let expected = [
            warning("9:15", r#"{"model":{"starts_with":"us."},"dialect":"converse"}"#),
            warning("5:13", r#"{"tool_result":{"error":true}}"#),
        ];
        let told: Vec<&str> = told.lines().filter(|line| line.starts_with("warning: no request")).collect();
        assert_eq!(told, expected.iter().map(|line| line.trim_end()).collect::<Vec<_>>());
    }
}

#[test]
fn a_tool_call_that_a_format_has_no_place_for_is_told_once() {
    let (_folder, script) = file("script.json", r#"{"*": [{"text": "Sunny.", "tool": {"name": "look"}}]}"#);
    let mut server = Running::spawn(program(&["serve", "--script", &script]).stderr(Stdio::piped()));
    let url = server.line();
    let (_folder, request) = file("request.json", r#"{"prompt": "Hi"}"#);
    for _ in 0..2 {
        let args = [
            "--credentials",
            "a:b",
            "--dialect",
            "invoke",
            "--model",
            "meta.llama3-8b",
            "--request",
            &request,
        ];
        assert_eq!(converse(&url, &args, &[]).text().trim_end(), "Sunny.");
    }
    server.child.kill().expect("it runs");
    let mut text = String::new();
    let mut stderr = server.child.stderr.take().expect("it was piped");
    stderr.read_to_string(&mut text).expect("it speaks UTF-8");
    let warning =
        "warning: the format of \"meta.llama3-8b\" has no tool calls: 1 of the reply are left out\n";
    assert_eq!(text, warning);
}
