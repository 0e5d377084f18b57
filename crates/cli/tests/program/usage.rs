use crate::run::run_alone;

#[test]
fn wrong_usage_has_status_2_and_prints_nothing() {
    for args in [
        &[][..],
        &["unknown"],
        &["decode", "--as", "text"],
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
fn help_and_version_are_results() {
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
