use serde_json::Value;

use crate::run::run;

#[test]
fn all_ten_header_types_survive_a_round_trip() {
    let line = concat!(
        r#"{"offset":0,"headers":[["a","bool",true],["b","bool",false],["c","byte",-1],["d","short",-2],"#,
        r#"["e","integer",-3],["f","long",-9223372036854775808],["g","byte_array","AP8="],["h","string","é\n"],"#,
        r#"["i","timestamp",1700000000000],["j","uuid","00010203-0405-0607-0809-0a0b0c0d0e0f"]],"payload":"AAE="}"#,
        "\n"
    );
    let encoded = run(&["encode"], line.as_bytes());
    assert_eq!((encoded.status, &*encoded.stderr), (0, ""));
    let decoded = run(&["decode", "--as", "messages"], &encoded.stdout);
    assert_eq!(decoded.text(), line);
}

#[test]
fn the_offset_may_be_missing_and_empty_lines_are_ignored() {
    let encoded =
        run(&["encode"], b"\n{\"headers\":[],\"payload\":\"\"}\r\n  \n{\"headers\":[],\"payload\":\"\"}");
    assert_eq!((encoded.status, encoded.stdout.len(), &*encoded.stderr), (0, 32, ""));
    assert_eq!(run(&["encode"], b"").status, 0);
}

#[test]
fn an_invalid_line_is_reported_and_not_written() {
    let good = r#"{"headers":[],"payload":""}"#;
    let long = format!(r#"{{"headers":[["n","string","{}"]],"payload":""}}"#, "x".repeat(32_768));
    for (bad, reason) in [
        ("{", "EOF while parsing an object at column 1"),
        (r#"[0,[],""]"#, "it is not a JSON object"),
        ("\0", "it is not a JSON object"),
        (r#"{"headers":[]}"#, "missing field `payload`"),
        (r#"{"headers":[],"payload":"","header":[]}"#, "unknown field `header`"),
        (r#"{"headers":[],"payload":"*"}"#, "not base64"),
        (r#"{"headers":[["n","byte",128]],"payload":""}"#, "header \"n\" has no value of type \"byte\""),
        (r#"{"headers":[["","bool",true]],"payload":""}"#, "the name of header 0 has 0 bytes"),
        (&long, "the value of header 0 has 32768 bytes"),
        (r#"{"failure":{"kind":"truncated","message":"x"}}"#, "unknown field `failure`"),
    ] {
        let run = run(&["encode"], format!("{good}\n{bad}\n{good}\n").as_bytes());
        assert_eq!(run.status, 1, "{bad}");
        assert_eq!(run.stdout.len(), 16, "only the message before it is written: {bad}");
        let (line, sentence) = run.stderr.split_once('\n').expect("a line and a sentence");
        let failure: Value = serde_json::from_str::<Value>(line).expect("it is JSON")["failure"].clone();
        assert_eq!(failure["kind"], "input", "{bad}");
        assert_eq!(failure["line"], 2, "{bad}");
        let message = failure["message"].as_str().expect("a failure has a message");
        assert!(message.starts_with("line 2 of standard input is not a message: "), "{message}");
        assert!(message.contains(reason), "{message}");
        assert_eq!(sentence, format!("bedrock-stream: {message}\n"));
    }
}

#[test]
fn an_endless_line_is_an_error() {
    let run = run(&["encode"], &vec![b'x'; 65 * 1024 * 1024]);
    assert_eq!((run.status, run.stdout.len()), (1, 0));
    assert!(run.stderr.contains("standard input has a line of more than 67108864 bytes"), "{}", run.stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let run = run(&["encode", "no/such/file"], b"");
    assert_eq!((run.status, run.stdout.len()), (1, 0));
    assert!(
        run.stderr
            .ends_with("bedrock-stream: cannot read no/such/file: No such file or directory (os error 2)\n")
    );
}
