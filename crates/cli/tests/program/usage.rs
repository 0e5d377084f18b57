use crate::run::run_alone;

#[test]
fn wrong_usage_has_status_2_and_prints_nothing() {
    for args in [
        &[][..],
        &["unknown"],
        &["decode", "--as", "words"],
        &["decode", "--wrong"],
        &["decode", "one", "two"],
        &["encode", "one", "two"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--fault", "none"],
        &["serve", "--split", "0"],
        &["serve", "--fault", "cut", "--fault", "drop:x"],
        &["serve", "--fault-first", "1"],
        &["serve", "--fault", "cut", "--fault-first", "0"],
        &["serve", "--tokens-per-second", "0"],
        &["serve", "--tokens-per-second", "9", "--delay", "9"],
        &["serve", "--seed", "x"],
        &["serve", "--session-token", "t"],
        &["converse", "--demo"],
        &["converse", "no model"],
        &["converse", "--demo", "--endpoint-url", "http://127.0.0.1:1", "x"],
        &["converse", "--demo", "--temperature", "NaN", "x"],
        &["converse", "--demo", "--temperature", "-1", "x"],
        &["converse", "--demo", "--timeout", "0", "x"],
        &["converse", "--demo", "--idle-timeout", "-5", "x"],
        &["converse", "--demo", "--max-tokens", "0", "x"],
        &["converse", "--demo", "--transport", "curl", "x"],
        &["converse", "--model", "m", "no region"],
        &["converse", "--model", "m", "--region", "us-east-1", "no credentials"],
        &["converse", "--model", "..", "--region", "us-east-1", "--credentials", "a:b", "no model id"],
    ] {
        let run = run_alone(args);
        assert_eq!((run.status, run.text()), (2, ""), "{args:?}");
        assert!(!run.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn wrong_numbers_are_reported_as_such() {
    for (args, part) in [
        (&["converse", "--demo", "--temperature", "-1", "x"][..], "it must be 0 or more"),
        (&["converse", "--demo", "--temperature", "warm", "x"], "it must be a number, such as 0.5"),
        (&["converse", "--demo", "--timeout", "-1", "x"], "it must be more than 0"),
        (&["converse", "--demo", "--max-tokens", "-3", "x"], "a whole number of at least 1"),
        (&["serve", "--split", "0"], "a whole number of at least 1"),
        (&["serve", "--fault", "cut", "--fault-first", "-1"], "a whole number of at least 1"),
    ] {
        let run = run_alone(args);
        assert_eq!(run.status, 2, "{args:?}");
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}

#[test]
fn wrong_credentials_are_not_repeated() {
    for args in [
        &["converse", "--demo", "--credentials", ":hush", "x"][..],
        &["converse", "--demo", "--credentials", "hush", "x"],
        &["serve", "--credentials", "hush:"],
    ] {
        let run = run_alone(args);
        assert_eq!(run.status, 2, "{args:?}");
        assert!(run.stderr.contains("ID:SECRET") && !run.stderr.contains("hush"), "{}", run.stderr);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for args in [
        &["--help"][..],
        &["--version"],
        &["decode", "--help"],
        &["serve", "--help"],
        &["converse", "--help"],
    ] {
        let run = run_alone(args);
        assert_eq!((run.status, &*run.stderr), (0, ""), "{args:?}");
        assert!(!run.stdout.is_empty());
    }
}
