use std::process::Stdio;

use crate::run::{Running, program, wait};

/// The fake answers every dialect from the same script, so the program must show the same text in every dialect and
/// over both clients; a wrong secret is refused in each.
#[test]
fn the_fake_answers_in_every_dialect_over_both_clients() {
    let args = ["serve", "--listen", "127.0.0.1:0", "--credentials", "demo:secret"];
    let mut fake = Running::start(&args);
    let line = fake.line();
    let url =
        line.split_whitespace().find(|word| word.starts_with("http://")).expect("it says where it listens");
    let mut texts = Vec::new();
    for (dialect, model) in [
        ("converse", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("invoke", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("messages", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("chat", "openai.gpt-oss-120b-1:0"),
        ("responses", "openai.gpt-oss-120b-1:0"),
    ] {
        for transport in ["hyper", "reqwest"] {
            let ask = |secret: &str| {
                let args =
                    ["converse", "--dialect", dialect, "--transport", transport, "--endpoint-url", url];
                let mut command = program(&args);
                command.args(["--model", model, "Why is the sky blue?"]).stderr(Stdio::piped());
                command.env("AWS_REGION", "us-east-1").env("AWS_ACCESS_KEY_ID", "demo");
                command.env("AWS_SECRET_ACCESS_KEY", secret).env("AWS_EC2_METADATA_DISABLED", "true");
                wait(command.spawn().expect("the program starts"))
            };
            let run = ask("secret");
            assert_eq!(run.status, 0, "{dialect} {transport}: {}", run.stderr);
            texts.push(run.text().trim_end().to_owned());
            let refused = ask("wrong");
            assert_eq!((refused.status, refused.text()), (1, ""), "{dialect} {transport}");
            assert!(refused.stderr.contains("403"), "{dialect} {transport}: {}", refused.stderr);
        }
    }
    assert!(texts[0].contains("Why is the sky blue?"), "{}", texts[0]);
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}
