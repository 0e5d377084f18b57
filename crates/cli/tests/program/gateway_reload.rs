//! What SIGHUP does to `gateway`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{ChildStderr, Stdio};

use rustix::process::Signal;

use crate::gateway::{certificate, chat, send};
use crate::run::{Running, program, wait};

/// A gateway, where it listens, and its log.
fn logging(args: &[&str]) -> (Running, String, BufReader<ChildStderr>) {
    let mut command = program(&[&["gateway", "--demo", "--log", "never"], args].concat());
    let mut running = Running::spawn(command.stderr(Stdio::piped()));
    let log = BufReader::new(running.child.stderr.take().unwrap());
    let url = running.line();
    (running, url, log)
}

/// Sends SIGHUP; what the log says of it.
fn hang_up(running: &Running, log: &mut BufReader<ChildStderr>) -> String {
    running.signal(Signal::HUP);
    let mut line = String::new();
    assert_ne!(log.read_line(&mut line).unwrap(), 0, "it has ended");
    line
}

#[test]
fn it_reads_the_keys_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // With the mark that editors on Windows begin a file with.
    fs::write(path("keys"), "\u{feff}sk-old\n").unwrap();
    fs::write(path("gateway.toml"), "api_keys = \"sk-toml\"\n").unwrap();
    let (mut running, url, mut log) = logging(
        &[
            &["--api-key", "sk-flag", "--api-key-file", &path("keys")][..],
            &["--config", &path("gateway.toml")],
        ]
        .concat(),
    );
    let address = url.replace("http://", "");
    let allowed = || {
        let keys = ["sk-flag", "sk-old", "sk-toml", "sk-new", "sk-toml-2"];
        keys.map(|key| send(&address, key, "/v1/chat/completions", &chat("demo", false)).0 == 200)
    };
    assert_eq!(allowed(), [true, true, true, false, false]);

    fs::write(path("keys"), "new = sk-new\n").unwrap();
    fs::write(path("gateway.toml"), "api_keys = \"sk-toml-2\"\n").unwrap();
    let told = hang_up(&running, &mut log);
    assert!(told.ends_with(" the keys were read again: 3 keys, 2 new, 2 gone\n"), "{told}");
    assert_eq!(allowed(), [true, false, false, true, true]);

    // As where a container still has the old file.
    let told = hang_up(&running, &mut log);
    assert!(told.ends_with(" the keys were read again: 3 keys, 0 new, 0 gone\n"), "{told}");

    fs::write(path("keys"), "new = sk-new\nsearch = sk-1\nchat = sk-2\n").unwrap();
    let told = hang_up(&running, &mut log);
    assert!(told.ends_with(" the keys were read again: 5 keys, 2 new, 0 gone\n"), "{told}");
    fs::write(path("keys"), "new = sk-new\n").unwrap();
    let told = hang_up(&running, &mut log);
    assert!(told.ends_with(" the keys were read again: 3 keys, 0 new, 2 gone\n"), "{told}");

    // What cannot be used changes nothing.
    for (file, text, reason) in [
        ("keys", "", "has no key"),
        ("keys", "sk-1\nname =\n", "line 2"),
        ("keys", "sk-1\nname=sk-2\n", "line 2"),
        ("keys", "sk-1\nname =sk-2\n", "line 2"),
        ("keys", "sk-1 # of search\n", "line 1"),
        ("gateway.toml", "api_keys = \"\"", "`api_keys`"),
        ("gateway.toml", "api_keys =", "line 1"),
    ] {
        let before = fs::read(path(file)).unwrap();
        fs::write(path(file), text).unwrap();
        let told = hang_up(&running, &mut log);
        assert!(told.contains("nothing was read again") && told.contains(reason), "{text}: {told}");
        assert!(!told.contains("sk-"), "{told}");
        assert_eq!(allowed(), [true, false, false, true, true], "{text}");
        fs::write(path(file), before).unwrap();
    }
    running.signal(Signal::TERM);
    assert_eq!(running.end(), Some(0));
}

#[test]
fn it_does_not_open_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.toml");
    fs::write(&config, "api_keys = \"sk-1\"\n").unwrap();
    let (running, url, mut log) = logging(&["--config", config.to_str().unwrap()]);
    fs::write(&config, "").unwrap();
    let told = hang_up(&running, &mut log);
    assert!(told.contains("nothing was read again") && told.contains("no keys any more"), "{told}");
    let address = url.replace("http://", "");
    assert_eq!(send(&address, "any", "/v1/chat/completions", &chat("demo", false)).0, 401);
}

#[test]
fn it_says_that_there_is_nothing_to_read_again() {
    let (running, _, mut log) = logging(&["--api-key", "sk-1"]);
    let told = hang_up(&running, &mut log);
    assert!(told.ends_with(" there is no file of keys and no certificate to read again\n"), "{told}");
}

/// `SSL_CERT_FILE` names the certificates that the program trusts where those of the system are files.
#[cfg(target_os = "linux")]
#[test]
fn it_reads_the_certificate_again() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate_path, key_path) = certificate(folder.path());
    let (running, url, mut log) = logging(&["--tls-cert", &certificate_path, "--tls-key", &key_path]);
    let url = url.replace("127.0.0.1", "localhost");
    let is_trusted = |trusted: &str| {
        let args = ["--endpoint-url", &url, "--region", "us-east-1", "--credentials", "a:b", "--model", "m"];
        let mut command = program(&[&["converse"], &args[..], &["Hi"]].concat());
        wait(command.env("SSL_CERT_FILE", trusted).stderr(Stdio::piped()).spawn().unwrap()).status == 0
    };
    let other = tempfile::tempdir().unwrap();
    let (renewed_certificate, renewed_key) = certificate(other.path());
    assert!(is_trusted(&certificate_path) && !is_trusted(&renewed_certificate));

    // The one without the other cannot be used.
    let old = folder.path().join("old.pem");
    fs::copy(&certificate_path, &old).unwrap();
    fs::copy(&renewed_certificate, &certificate_path).unwrap();
    let told = hang_up(&running, &mut log);
    assert!(told.contains("nothing was read again") && told.contains("cannot be used"), "{told}");
    assert!(is_trusted(old.to_str().unwrap()));

    fs::copy(&renewed_key, &key_path).unwrap();
    let told = hang_up(&running, &mut log);
    assert!(told.ends_with(" the certificate was read again\n"), "{told}");
    assert!(is_trusted(&renewed_certificate) && !is_trusted(old.to_str().unwrap()));
}
