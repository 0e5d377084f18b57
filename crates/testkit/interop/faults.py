"""What clients conclude from each fault: writes docs/faults.md, or checks that it is current.

Usage: python faults.py EVERY_FAULT BEDROCK_STREAM [--js FAULTS_MJS] [--rust SDK_CONCLUSIONS] [--check]

EVERY_FAULT is the test kit's example of that name, BEDROCK_STREAM our program, FAULTS_MJS `js/faults.mjs` in a folder where
its packages are installed, SDK_CONCLUSIONS the example of the benches of that name. boto3 must be importable. A client that
is left out keeps its column. Exits 0 if our program is never wrong and, with --check, the table is current. No AWS account,
no network beyond loopback.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

TABLE = Path(__file__).resolve().parents[3] / "docs" / "faults.md"
TRANSPORTS = ("reqwest", "hyper")
WAIT = 3  # seconds that a client waits for more
CLIENTS = {"boto3": "boto3", "js": "AWS SDK for JavaScript", "rust": "AWS SDK for Rust"}
WAITS = "**waits on**"
KINDS = {
    "prelude_checksum": "damaged",
    "message_checksum": "damaged",
    "length": "damaged",
    "too_long": "damaged",
    "header": "damaged",
    "truncated": "incomplete",
    "incomplete": "incomplete",
    "timeout": "stalled",
}
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDFAULTS",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
HEAD = """# What clients conclude from each fault

Written by `crates/testkit/interop/faults.py`: real clients, over real HTTP, against the test kit's fake Bedrock. CI runs our
clients and boto3 to check that this page is up to date; `.ci/full` runs all of them.

{summary}

Reading the table:

- Each fault is a model id of the fake, and an argument of `bedrock-stream serve --fault`; the
  documentation of `Fault` says what it does. It is applied to an answer with reasoning, text and a tool call.
- "must conclude" is what a correct client concludes: *complete*; *skipped*: complete except for an event that could not be used;
  *incomplete*: it ended without proof that it is complete; *damaged*; *stalled*; *broken*: the connection; or the
  exception, `error` message or refusal that was sent.
- "ours" is `bedrock-stream` over reqwest and over hyper; "ok" means that both conclude what the second column says.
- For an SDK, the table shows the error's name, or its message if it has no name. Any error is accepted, whatever it is called.
- **Bold is wrong**: no error although something is wrong, an error after the answer was proven complete, or an endless
  wait. "no stop reason" means that a program can notice the problem itself by checking whether `messageStop` came.
- Every SDK was configured with a timeout of {wait} seconds and without retries. "late" is an error that came only after that
  timeout, although the problem is visible at once. "waits on" means that it was still waiting after three times as long.
- By default, boto3 waits for 60 seconds, and the SDK for JavaScript has no limit. The SDK for Rust has no timeout that
  applies inside an event stream: here all of its timeouts and its stalled stream protection were set. Our clients wait for
  300 seconds.

"""


def ours(program, url, fault, transport):
    """Our program's conclusion, in the words of the test kit."""
    command = [program, "converse", "--endpoint-url", url, "--model", fault, "--transport", transport]
    command += ["--idle-timeout", str(WAIT), "--as", "chunks", "How is the weather?"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(command, env=clean | ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = [json.loads(line) for line in process.communicate(timeout=3 * WAIT)[0].splitlines()]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return WAITS
    failures = [line["failure"] for line in lines if "failure" in line]
    if lines and lines[-1].get("type") == "done":
        return "skipped" if lines[-1]["skipped_events"] and failures else "complete"
    failure = failures[-1] if failures else {"kind": "nothing"}
    kind = failure["kind"]
    if kind == "exception":
        return f"exception {failure['exception']}" if "exception" in failure else f"error message {failure.get('code')}"
    if kind == "refusal":
        return f"refused {failure['status']}" if failure["status"] != 200 else "not an event stream"
    if kind == "transport":
        return "not an event stream" if "event stream" in failure["message"] else "broken"
    return KINDS.get(kind, kind)


def ours_over_both(pool, program, url, faults):
    """A cell for each fault: "ok", or what is wrong over which transport."""
    concluded = {
        (fault, transport): pool.submit(ours, program, url, fault, transport)
        for fault, _ in faults
        for transport in TRANSPORTS
    }
    cells = {}
    for fault, must in faults:
        conclusions = {transport: concluded[fault, transport].result() for transport in TRANSPORTS}
        wrong = [f"{transport}: {conclusion}" for transport, conclusion in conclusions.items() if conclusion != must]
        cells[fault] = f"**{', '.join(wrong)}**" if wrong else "ok"
    return cells


def botos(url, fault):
    """What boto3 reports: as the programs for the other SDKs say it."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=WAIT)
    client = boto3.session.Session().client(
        "bedrock-runtime", region_name=ENVIRONMENT["AWS_REGION"], endpoint_url=url, config=config
    )
    messages = [{"role": "user", "content": [{"text": "How is the weather?"}]}]
    began, stop, name = time.monotonic(), None, None
    try:
        for event in client.converse_stream(modelId=fault, messages=messages)["stream"]:
            stop = event.get("messageStop", {}).get("stopReason", stop)
    except ClientError as error:  # exceptions inside the stream are of a subclass
        name = error.response["Error"].get("Code") or "error without a code"
    except Exception as error:
        name = type(error).__name__
    return {"fault": fault, "error": name, "stop": stop, "seconds": time.monotonic() - began}


def others(command, url, faults):
    """The version of an SDK, and what it reports of each fault."""
    lines = subprocess.run([*command, url, str(WAIT)], input="\n".join(faults), stdout=subprocess.PIPE, text=True, check=True)
    first, *rest = map(json.loads, lines.stdout.splitlines())
    return first["version"], {line["fault"]: line for line in rest}


def cell(must, report):
    error, complete = report["error"], must == "complete"
    if error == "hangs":
        return WAITS
    if error is None:
        text = "no error" if report["stop"] else "no error, no stop reason"
        return text if complete else f"**{text}**"
    late = report["seconds"] >= WAIT and must != "stalled"
    return f"**{error}**" if complete else f"{error}, late" if late else error


def current():
    """The columns as the page has them, each by its name without the version: (heading, {fault: cell})."""
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("|")] if TABLE.exists() else []
    rows = [[part.strip() for part in line.strip("|").split("|")] for line in lines]
    start = next((at for at, row in enumerate(rows) if row[0] == "fault"), len(rows))
    columns = {}
    for at, heading in enumerate(rows[start] if start < len(rows) else []):
        name = re.sub(r" [\d.]+$", "", heading)
        columns[name] = heading, {row[0].strip("`"): row[at] for row in rows[start + 2 :]}
    return columns


def summary(faults, columns):
    """How often each client is wrong, in which way."""

    def count(cells, kind, *musts):
        return sum(kind(cells[fault]) for fault, must in faults if not musts or must in musts)

    def silent(text):
        return text.startswith("**no error") or text.startswith("**") and ": complete" in text

    def waits(text):
        return text == WAITS

    def wrong(text):
        return text.startswith("**")

    broken = [fault for fault, must in faults if must != "complete"]
    rows = {
        f"something is wrong ({len(broken)}), and it says so": [
            sum(not wrong(cells[fault]) for fault in broken) for _, cells in columns
        ],
        "it says nothing: the answer ended too early": [count(cells, silent, "incomplete") for _, cells in columns],
        "it says nothing: an event could not be used": [count(cells, silent, "skipped") for _, cells in columns],
        "it waits on": [count(cells, waits) for _, cells in columns],
        f"the answer is proven complete ({len(faults) - len(broken)}), and it fails": [
            count(cells, wrong, "complete") for _, cells in columns
        ],
    }
    text = f"Of {len(faults)} faults:\n\n| | {' | '.join(heading for heading, _ in columns)} |\n|---|{'---|' * len(columns)}\n"
    return text + "\n".join(f"| {name} | {' | '.join(map(str, counts))} |" for name, counts in rows.items())


def measure(arguments):
    """The faults with what must be concluded, and the columns."""
    server = subprocess.Popen([arguments.every_fault], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        faults = [line.rstrip("\n").split("\t") for line in iter(server.stdout.readline, "\n")]
        names = [fault for fault, _ in faults]
        reports = {}
        if arguments.js:
            reports["js"] = others(["node", "--no-warnings", arguments.js], url, names)
        if arguments.rust:
            reports["rust"] = others([arguments.rust], url, names)
        with ThreadPoolExecutor(8) as pool:
            reports["boto3"] = boto3.__version__, dict(zip(names, pool.map(lambda fault: botos(url, fault), names)))
        with ThreadPoolExecutor(16) as pool:
            our = ours_over_both(pool, arguments.bedrock_stream, url, faults)
    finally:
        server.stdin.close()
        server.wait(10)
    columns, old = [("ours", our)], current()
    for client, title in CLIENTS.items():
        if client in reports:
            version, report = reports[client]
            columns.append((f"{title} {version}", {fault: cell(must, report[fault]) for fault, must in faults}))
        else:
            heading, cells = old.get(title, (title, {}))
            columns.append((heading, {fault: cells.get(fault, "not run yet") for fault in names}))
    return faults, columns


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("every_fault")
    parser.add_argument("bedrock_stream")
    parser.add_argument("--js")
    parser.add_argument("--rust")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)

    faults, columns = measure(arguments)
    page = HEAD.format(summary=summary(faults, columns), wait=WAIT)
    headings = ["fault", "must conclude", *(heading for heading, _ in columns)]
    page += f"| {' | '.join(headings)} |\n|{'---|' * len(headings)}\n"
    for fault, must in faults:
        page += f"| `{fault}` | {must} | {' | '.join(cells[fault] for _, cells in columns)} |\n"

    wrong = {fault: conclusion for fault, conclusion in columns[0][1].items() if conclusion != "ok"}
    for fault, conclusion in wrong.items():
        print(f"FAILED  {fault}: our program concludes {conclusion}, and must conclude {dict(faults)[fault]}")
    print(f"{len(faults)} faults, {len(wrong)} wrong conclusions of our program")
    print(summary(faults, columns))
    if not arguments.check:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(page)
    elif TABLE.read_text() != page:
        was = set(TABLE.read_text().splitlines())
        print("\n".join(line for line in page.splitlines() if line not in was))
        sys.exit(f"FAILED  {TABLE.name} is not current: run this without --check")
    sys.exit(1 if wrong or "not run yet" in page else 0)


if __name__ == "__main__":
    main()
