//! What `--help` prints below the options, at most 80 columns wide.

pub(crate) const CONVENTIONS: &str = "\
Examples:
  bedrock-stream converse --demo \"Why is the sky blue?\"
  bedrock-stream converse --model us.amazon.nova-lite-v1:0 \"Hello\"
  bedrock-stream converse --model ID --record answer.bin \"Hello\"
  bedrock-stream inspect answer.bin

Results go to standard output, everything else to standard error. A failure is
a line {\"failure\":{\"kind\":\"..\",\"message\":\"..\",..}} in its place among the
results; a final failure is the last line.

Exit status: 0 if the answer is complete and nothing was skipped (with
`--as messages`: the stream ended at the end of a message), 1 otherwise, 2 for
wrong usage, 130 if Ctrl-C ended it (0 for `serve`, which ends that way).
Closing the pipe early is not a failure.";

pub(crate) const CONVERSE: &str = "\
Examples:
  bedrock-stream converse --demo \"Why is the sky blue?\"
  bedrock-stream converse --model us.amazon.nova-lite-v1:0 \"Hello\"
  git diff | bedrock-stream converse --model ID --system \"Review this change.\"
  git diff | bedrock-stream converse --model ID \"Review this change:\" -
  bedrock-stream converse --model ID --as chunks Hi | jq -r 'select(.text).text'
  bedrock-stream converse --model ID --request turn.json --record answer.bin
  bedrock-stream converse --dialect messages --model ID --record a.sse Hi
  bedrock-stream converse --dialect chat --request chat.json

Dialects: --dialect chooses the API that is called; every answer is shown in the
same way. With invoke, a prompt becomes a request for Anthropic's models; for
any other vendor, pass the body with --request. A request in a dialect other
than Converse is sent as it is, so options that would change it are rejected.

Timeouts: 10 s to connect, and 300 s for the first byte and for each next one
(--idle-timeout). The total time is not limited (--timeout).

Ctrl-C cancels the request. The part of the answer that has arrived is kept, on
standard output and in the recording; the exit status is 130.";

pub(crate) const DECODE: &str = "\
Examples:
  bedrock-stream decode answer.bin
  bedrock-stream decode --as text answer.bin
  bedrock-stream decode --as message answer.bin | jq .usage
  curl -sN .. | bedrock-stream decode --as events
  bedrock-stream decode --from chat --as text answer.sse
  bedrock-stream decode --to chat answer.bin > answer.sse
  bedrock-stream decode --to converse answer.sse > answer.bin
  bedrock-stream decode --as messages a.bin | bedrock-stream encode > b.bin

Server-sent events begin with an empty line, `:`, or `data:`, `event:`, `id:` or
`retry:`; everything else is read as an event stream. If the dialect cannot be
detected, the result is a failure of the kind `dialect`: set it with --from.";

pub(crate) const INSPECT: &str = "\
Examples:
  bedrock-stream inspect answer.bin
  bedrock-stream inspect --html -o answer.html answer.bin
  bedrock-stream inspect --full --color always answer.bin | less -R
  bedrock-stream inspect answer.sse
  curl -sN .. | bedrock-stream inspect";

pub(crate) const ENCODE: &str = r#"Examples:
  echo '{"headers":[[":message-type","string","event"]],"payload":"e30="}' |
    bedrock-stream encode > one.bin
  bedrock-stream decode --as messages a.bin | head -n 3 | bedrock-stream encode"#;

pub(crate) const GATEWAY: &str = r#"Examples:
  bedrock-stream gateway --demo
  bedrock-stream gateway --alias nova=us.amazon.nova-lite-v1:0
  bedrock-stream gateway --listen 0.0.0.0:8080 --api-key-file keys \
    --config gateway.toml

Clients:
  OPENAI_BASE_URL=URL/v1 OPENAI_API_KEY=any        OpenAI's packages
  ANTHROPIC_BASE_URL=URL ANTHROPIC_API_KEY=any     Anthropic's packages"#;

pub(crate) const GATEWAY_CONFIG: &str = r#"Examples:
  bedrock-stream gateway --demo
  bedrock-stream gateway --alias nova=us.amazon.nova-lite-v1:0
  bedrock-stream gateway --listen 0.0.0.0:8080 --api-key-file keys \
    --config gateway.toml

Clients:
  OPENAI_BASE_URL=URL/v1 OPENAI_API_KEY=any        OpenAI's packages
  ANTHROPIC_BASE_URL=URL ANTHROPIC_API_KEY=any     Anthropic's packages

The file of --config, of which the other options override single members:
  listen = "127.0.0.1:8080"
  api_keys = ["sk-..", "search = sk-.."]  # the log names the second
  api_key_file = "keys"
  region = "us-east-1"
  endpoint_url = "https://.."
  idle_timeout = 300        # seconds, of Bedrock's or a client's
  timeout = 900             # seconds
  max_streams = 1024
  max_connections = 8192
  max_body = 33554432       # bytes
  body_timeout = 300        # seconds, for a client to send it
  lenient = false
  cors = "https://app.example"
  native = false
  tls_cert = "gateway.pem"
  tls_key = "gateway.key"
  metrics_listen = "127.0.0.1:9090"
  log = "auto"              # always, never

  [aliases]
  claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

  [aliases.mine]            # what the id does not say; each is optional
  model = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1"
  family = "anthropic"      # nova, openai, deepseek, plain or unknown
  reasoning = "budget"      # adaptive, effort, reasoning-config, unmapped, none
  thinking_budgets = { low = 1024, medium = 2048, high = 4096 }  # xhigh, max
  allowed_betas = ["context-1m-2025-08-07"]  # of anthropic-beta
  native = ["messages"]     # chat, responses; with or without --native

  [guardrail]
  id = "gr-1"
  version = "1""#;

pub(crate) const GATEWAY_IDLE_TIMEOUT: &str = "How long to wait for Bedrock's first byte, and then for each next one, and for a \
client that does not read [default: 300]";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  source <(bedrock-stream completions bash)
  bedrock-stream completions zsh > ~/.zfunc/_bedrock-stream
  bedrock-stream completions fish | source";

pub(crate) const MAN: &str = "\
Examples:
  bedrock-stream man | man -l -
  bedrock-stream man converse > bedrock-stream-converse.1";

pub(crate) const JUDGE: &str = "\
Examples:
  bedrock-stream judge -- python client.py
  bedrock-stream judge --dialect chat -- node client.mjs
  bedrock-stream judge --fault cut --fault exception -- ./client
  bedrock-stream judge --dialect invoke --model amazon.nova-pro-v1:0 -- ./client

The command sends one request of --dialect, with any prompt, streams the answer
to its end, and says what it concludes:
  Exit status 0: the answer is complete. Any other: something is wrong with it.
  It may also print a line `conclusion: WORD`; the last one counts, and its word
  must be the right one. Without one, any failure is right if something is
  wrong. WORD is one of: complete, skipped (complete except for an event that
  could not be used), incomplete, damaged, stalled, broken (the connection),
  exception NAME, error message CODE, refused STATUS, not an event stream,
  failed.
  Only `complete` goes with status 0. To be killed by a signal is always wrong.

Its environment, besides that of this program:
  BEDROCK_STREAM_URL       the fake: http://127.0.0.1:PORT
  BEDROCK_STREAM_MODEL     the model id
  BEDROCK_STREAM_DIALECT   converse, invoke, chat, responses or messages
  BEDROCK_STREAM_FAULT     the fault, or none; for logs only
  BEDROCK_STREAM_TIMEOUT   how long it may run, in seconds; its own timeout for
                           the next byte must be shorter, and longer than 0.5
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME, AWS_REGION, AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY; OPENAI_BASE_URL, OPENAI_API_KEY; ANTHROPIC_BASE_URL,
  ANTHROPIC_API_KEY, ANTHROPIC_BEDROCK_BASE_URL: the same URL, with the path
  that these clients expect, and placeholder keys. Other variables that begin
  with AWS_, OPENAI_ or ANTHROPIC_ are removed, so that no real service is
  reached.

Every attempt meets the fault, so a client may retry as it likes. Standard input
is empty. For a wrong run, the last line of its standard error is shown.";

pub(crate) const SERVE: &str = "\
Examples:
  bedrock-stream serve
  bedrock-stream serve --listen 127.0.0.1:8000 --fault cut-at:1000
  bedrock-stream serve --recordings . --as-recorded=2

See `--help` for the format of scripts.";

pub(crate) const SCRIPT: &str = r#"Examples:
  bedrock-stream serve
  bedrock-stream serve --listen 127.0.0.1:8000 --credentials test:secret \
    --fault cut-at:1000
  bedrock-stream serve --recordings . --as-recorded=2
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8000 python my_client.py

The script: {"MODEL": [REPLY, ..], ..}
  MODEL is a model id, or * for all others. Replies are sent in order, each
  once; the last one is then repeated. A REPLY is one of
    {"text": "..", "reasoning": "..", "signature": "..", "stop": "end_turn",
     "tool": {"name": "..", "input": {..}, "id": ".."}, "redacted": "BASE64",
     "citations": [{"title": "..", "location": {"web": {"url": ".."}}}],
     "usage": {"inputTokens": 7, "outputTokens": 5}}
        an answer; each member is optional, and "tool" may be a list. Citations,
        which need a text, and usage are written as Converse has them
    {"events": [{"messageStart": {"role": "assistant"}}, ..]}
        a whole stream, as `converse --as events` prints it
    {"recording": "FILE"}
        a recorded body of any dialect; the path is relative to the script
    {"refuse": "throttling", "retry_after": 2}
        a refusal, by its code with or without "Exception"
    {}  an answer generated from the prompt
  and may also have a "fault": one, or a list, written as for --fault.
  Events and recordings are sent unchanged to requests in their own dialect; a
  request in another dialect, or without a stream, gets the same answer in its
  own, or is refused if they cannot be read.
  With "when": {..} a reply is given whenever all of these conditions hold. The
  first such reply comes before those without. Each condition is optional:
    "prompt", "system", "model": "TEXT"
        the user's last text, the system prompt, the model id contains TEXT; or
        {"is": ".."} equals it, {"starts_with": ".."} begins it
    "turn": 2
        which answer of the conversation is asked for, from 1; {"at_least": 2}
    "tool_result": "TEXT", true, false
        a tool result since the last answer; {"name": "TOOL", "id": "..",
        "error": true, "contains": ".."}, or a list: each must match one
    "dialect": converse, invoke, chat, responses or messages
  "replies": [REPLY, ..] beside "when" are given in order to each conversation,
  which is identified by its model and first user message. A request that
  matches no reply is refused. When `serve` ends, it lists each "when" that
  never held."#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_a_terminal() {
        for text in [
            CONVENTIONS,
            CONVERSE,
            DECODE,
            INSPECT,
            ENCODE,
            JUDGE,
            COMPLETIONS,
            SERVE,
            SCRIPT,
            GATEWAY,
            GATEWAY_CONFIG,
        ] {
            assert_eq!(text.lines().find(|line| line.chars().count() > 80), None);
        }
    }
}
