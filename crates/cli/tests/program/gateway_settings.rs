//! Which settings `gateway` refuses.

use std::fs;
use std::path::Path;

use crate::run::{Run, run_alone};

/// Runs a gateway that must not start. If it does, the test ends at the time limit.
fn refused(args: &[&str]) -> Run {
    run_alone(&[&["gateway", "--demo"], args].concat())
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_empty_key_does_not_open_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| file(folder.path(), name, text);
    let (none, comments) = (file("none", ""), file("comments", "# sk-1\n\n  # sk-2\n"));
    let (empty, blank) = (file("empty.toml", "api_keys = [\"\"]"), file("blank.toml", "api_keys = \" \""));
    let nameless = file("nameless", "sk-1\nsearch =\n");
    // Without the spaces it would be a key of its own. One that ends in `=` is Base64.
    let unclear = file("unclear", "c2s=\nsearch=sk-1\n");
    let list = file("list.toml", "api_keys = []");
    for (args, told) in [
        (&["--api-key", ""][..], "--api-key is empty"),
        (&["--api-key", " "], "--api-key is empty"),
        (&["--api-key", "sk-1", "--api-key", ""], "--api-key is empty"),
        (&["--api-key-file", &none], "has no key"),
        (&["--api-key-file", &comments], "has no key"),
        (&["--api-key", "sk-1", "--api-key-file", &none], "has no key"),
        (&["--api-key-file", &nameless], "name without a key in line 2"),
        (&["--api-key", "search = "], "--api-key is empty"),
        (&["--api-key", "sk-1 sk-2"], "--api-key has a key with a space"),
        (&["--api-key-file", &unclear], "line 2 of"),
        (&["--config", &empty], "`api_keys`"),
        (&["--config", &blank], "`api_keys`"),
        (&["--config", &list], "`api_keys`"),
        (&["--api-key", "sk-1", "--config", &list], "`api_keys`"),
    ] {
        let run = refused(args);
        assert!(run.status == 2 && run.stderr.contains(told), "{args:?} {}", run.stderr);
        assert!(!run.stderr.contains("sk-"), "{}", run.stderr);
    }
}

/// A slip of copying, after which the log would name the wrong client.
#[test]
fn a_key_has_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| file(folder.path(), name, text);
    let twice = file("twice", "search = sk-1\nchat = sk-1\n");
    let config = file("gateway.toml", "api_keys = [\"chat = sk-1\"]");
    for args in [&["--api-key-file", &twice][..], &["--api-key", "search = sk-1", "--config", &config]] {
        let run = refused(args);
        assert!(
            run.status == 2 && run.stderr.contains("`search` and `chat` have the same key"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("sk-"), "{}", run.stderr);
    }
}

#[test]
fn an_alias_has_one_model() {
    let run = refused(&["--alias", "a=m", "--alias", "b=m", "--alias", "a=n"]);
    assert!(run.status == 2 && run.stderr.contains("`a` two models, m and n"), "{}", run.stderr);
}

#[test]
fn cors_wants_an_origin() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in ["not an origin", "app.example", "https://app.example/", "https://", "file:///a", ""] {
        let config = file(folder.path(), "gateway.toml", &format!("cors = '{wrong}'"));
        for args in [["--cors", wrong], ["--config", &config]] {
            let run = refused(&args);
            assert!(run.status == 2 && run.stderr.contains("https://app.example"), "{args:?} {}", run.stderr);
        }
    }
}

#[test]
fn a_wrong_member_of_an_alias_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = file(folder.path(), "gateway.toml", "[aliases.mine]\nmodel = \"m\"\nfamily = \"foo\"\n");
    let failure = refused(&["--config", &config]).failure();
    let message = failure["message"].as_str().unwrap();
    for told in [", line 3", "`aliases.mine.family`", "`foo`", "`anthropic`", "`nova`", "`plain`"] {
        assert!(message.contains(told), "{message}");
    }
}
