"""docs/faults.md: what the page says, and what it has from the last time."""

import re
from pathlib import Path

PATH = Path(__file__).resolve().parents[3] / "docs" / "faults.md"
WAITS = "**waits on**"
NOT_RUN = "not run yet"
# What is wrong can be seen at once, but the connection stays open: a client that does not look waits for its timeout.
HELD_OPEN = {"wrong-length", "huge-length"}
DIALECTS = {
    "converse": ("ConverseStream", "as an event stream of Converse's events."),
    "invoke": (
        "InvokeModelWithResponseStream, Anthropic's models",
        "as an event stream of Messages' events. boto3 gives each payload's bytes; its column is a loop that reads their JSON.",
    ),
    "messages": ("Messages", "as server-sent events; read by the SDK's `messages.stream`."),
    "chat": ("Chat Completions", "as server-sent events; read chunk by chunk."),
    "responses": ("Responses", "as server-sent events; read by the SDK's `responses.stream`."),
}
# Invoked models of other vendors: the heading, and the body of a request.
ASK = "How is the weather?"
MESSAGES = {"messages": [{"role": "user", "content": ASK}]}
VENDORS = {
    "nova": ("Nova", {"messages": [{"role": "user", "content": [{"text": ASK}]}]}),
    "titan": ("Titan", {"inputText": ASK}),
    "llama": ("Llama", {"prompt": ASK}),
    "mistral": ("Mistral", MESSAGES),
    "cohere": ("Cohere", {"message": ASK}),
    "jamba": ("Jamba", MESSAGES),
    "gpt-oss": ("gpt-oss", MESSAGES),
    "deepseek-r1": ("DeepSeek R1", {"prompt": ASK}),
}
VENDORS_HEAD = """
## InvokeModelWithResponseStream, models of other vendors

The answer comes as an event stream of the vendor's payloads; read by `bedrock-stream` over hyper. "ok" means that it concludes what
the second column says, or what stands beside it in brackets. A dash: the fault changes nothing there, as where an answer has
neither a start nor tool calls. Mistral is asked with messages; asked with a prompt, its answers have the pieces of Titan's, and so
have those to the prompts of Claude 2.

"""
HEAD = """# What clients conclude from each fault

Written by `crates/testkit/interop/faults.py`: real clients, over real HTTP, against the test kit's fake Bedrock. CI runs our
clients and those of Python's packages to check that this page is up to date; `.ci/full` runs all of them.

Reading the tables:

- Each fault is an argument of `bedrock-stream serve --fault`; the documentation of `Fault` says what it does. It is applied to an
  answer with reasoning, text and a tool call. A dialect's table has the faults that change something there, and of which a
  client can tell what they change.
- `bedrock-stream serve --fault cut` gives every answer that fault, whichever model is asked for. In the repository,
  `cargo run -p bedrock-stream-testkit --example every_fault` serves the tables' own answer, with each fault as a model of its name
  (`cut`; `anthropic.cut` and so on for an invoked one), and prints its URL.
- "must conclude" is what a correct client concludes: *complete*; *skipped*: complete except for an event that could not be used;
  *incomplete*: it ended without proof that it is complete; *damaged*; *stalled*; *broken*: the connection; or the
  exception, `error` message or refusal that was sent. What proves an answer complete depends on the dialect: the terminal
  event in Converse, Messages and Responses, the finish reason in Chat Completions.
- "ours" is `bedrock-stream` over reqwest and over hyper; "ok" means that both conclude what the second column says.
- For an SDK, the table shows the error's name, or its message if it has no name. Any error is accepted, whatever it is called.
- **Bold is wrong**: no error although something is wrong, an error after the answer was proven complete, or an endless
  wait. "no stop reason" means that a program can notice the problem itself by checking whether a stop reason came.
- Every SDK was configured with a timeout of {wait} seconds and without retries. "late" is an error that came only after that
  timeout, although the problem is visible at once: two faults also hold the connection open. "waits on" means that it was
  still waiting after three times as long.
- By default, boto3 waits for 60 seconds, the packages `anthropic` and `openai` for 600, and the SDK for JavaScript has no limit.
  The SDK for Rust has no timeout that applies inside an event stream: here all of its timeouts and its stalled stream
  protection were set. `@ai-sdk` has no timeout: here it was given an `AbortSignal`. Our clients wait for 300 seconds.
"""


def current():
    """The columns as the page has them: by dialect, by heading without its version: (heading, {fault: cell})."""
    columns, dialect, headings = {}, None, None
    titles = {f"## {title}": name for name, (title, _) in DIALECTS.items()}
    for line in PATH.read_text().splitlines() if PATH.exists() else []:
        dialect = titles.get(line) if line.startswith("## ") else dialect
        if not line.startswith("|"):
            headings = None
            continue
        row = [part.strip() for part in line.strip("|").split("|")]
        if headings is None:
            headings = row
        elif headings[0] == "fault" and dialect and not row[0].startswith("---"):
            for heading, cell in zip(headings[2:], row[2:]):
                name = re.sub(r" [\d.]+$", "", heading)
                columns.setdefault(dialect, {}).setdefault(name, (heading, {}))[1][row[0].strip("`")] = cell
    return columns


def cell(fault, must, wait, report):
    error, complete = report["error"], must == "complete"
    if error == "hangs":
        return WAITS
    if error is None:
        text = "no error" if report["stop"] else "no error, no stop reason"
        return text if complete else f"**{text}**"
    late = fault in HELD_OPEN and report["seconds"] >= wait
    return f"**{error}**" if complete else f"{error}, late" if late else error


def summary(faults, columns):
    """How often each client is wrong, in which way. `faults`: {fault: what must be concluded}."""

    def silent(text):
        return text.startswith("**no error") or text.startswith("**") and ": complete" in text

    def count(kind, *musts):
        return [sum(kind(cells[fault]) for fault, must in faults.items() if must in musts) for _, cells in columns]

    broken = {must for must in faults.values() if must != "complete"}
    numbers = len([must for must in faults.values() if must != "complete"])
    rows = {
        f"something is wrong ({numbers}), and it says so": count(lambda text: not text.startswith("**"), *broken),
        "it says nothing: the answer ended too early": count(silent, "incomplete"),
        "it says nothing: an event could not be used": count(silent, "skipped"),
        "it says nothing: an error was sent, or bytes were damaged": count(silent, *broken - {"incomplete", "skipped"}),
        "it waits on": count(lambda text: text == WAITS, *broken, "complete"),
        f"the answer is proven complete ({len(faults) - numbers}), and it fails": count(
            lambda text: text.startswith("**"), "complete"
        ),
    }
    lines = [f"Of {len(faults)} faults:", "", row("", *(heading for heading, _ in columns)), "|" + "---|" * (len(columns) + 1)]
    return "\n".join(lines + [row(name, *counts) for name, counts in rows.items()])


def row(*cells):
    return f"| {' | '.join(map(str, cells))} |".replace("|  |", "| |")


def vendors(faults, ours):
    """The table of the vendors. `faults`: {vendor: {fault: must}}; `ours`: {vendor: {fault: cell}}."""
    headings = [heading for heading, _ in VENDORS.values()]
    wrong = [sum(cell != "ok" for cell in ours[vendor].values()) for vendor in VENDORS]
    text = row("", *headings) + "\n|" + "---|" * (len(headings) + 1) + "\n"
    text += row("faults", *(len(faults[vendor]) for vendor in VENDORS)) + "\n" + row("wrong", *wrong) + "\n\n"
    text += row("fault", "must conclude", *headings) + "\n|" + "---|" * (len(headings) + 2) + "\n"
    for fault in dict.fromkeys(fault for of in faults.values() for fault in of):
        musts = [faults[vendor].get(fault) for vendor in VENDORS]
        usual = max(filter(None, musts), key=musts.count)
        cells = [
            "-" if must is None else ours[vendor][fault] + ("" if must == usual else f" ({must})")
            for vendor, must in zip(VENDORS, musts)
        ]
        text += row(f"`{fault}`", usual, *cells) + "\n"
    return text


def page(wait, faults, columns, vendors_table):
    """The whole page. `faults`: {dialect: {fault: must}}; `columns`: {dialect: [(heading, {fault: cell})]}."""
    text = HEAD.format(wait=wait)
    for dialect, (title, about) in DIALECTS.items():
        text += f"\n## {title}\n\nThe answer comes {about}\n\n{summary(faults[dialect], columns[dialect])}\n\n"
        text += row("fault", "must conclude", *(heading for heading, _ in columns[dialect])) + "\n"
        text += "|" + "---|" * (len(columns[dialect]) + 2) + "\n"
        for fault, must in faults[dialect].items():
            text += row(f"`{fault}`", must, *(cells[fault] for _, cells in columns[dialect])) + "\n"
    return text + VENDORS_HEAD + vendors_table
