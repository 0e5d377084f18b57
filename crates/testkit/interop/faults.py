"""What clients conclude from each fault: writes docs/faults.md, or checks that it is current.

Usage: python faults.py EVERY_FAULT BEDROCK_STREAM [--check]      (boto3 must be importable)

EVERY_FAULT is the test kit's example of that name, BEDROCK_STREAM our program. Exits 0 if our program is never wrong and,
with --check, the table is current. No AWS account, no network beyond loopback.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

TABLE = Path(__file__).resolve().parents[3] / "docs" / "faults.md"
WAIT = 3  # seconds that a client waits for more
KINDS = {
    "prelude_checksum": "damaged",
    "message_checksum": "damaged",
    "length": "damaged",
    "too_long": "damaged",
    "header": "damaged",
    "truncated": "incomplete",
    "incomplete": "incomplete",
}
# What says that an event could not be used, while the stream goes on.
SPOILED = {"message", "payload", "unexpected"}
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDFAULTS",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
HEAD = """# What clients conclude from each fault

Written by `crates/testkit/interop/faults.py`, which CI runs to see that it is current. Each row is a model of the test
kit's fake Bedrock; what the faults do is said in the documentation of `Fault`. boto3 waits {wait} seconds for more, and
does not try again. Our program tries again as it does by default; it waits 300 seconds, so here it counts as stalled when it
still waits after twice as long.

A conclusion in **bold** is wrong: the client says nothing where something was wrong, or fails where the answer is complete.
"ok" is what must be concluded; of another client's error it is enough that there is one.

| fault | must conclude | bedrock-stream | boto3 {boto3} |
|---|---|---|---|
"""


def ours(program, url, model):
    """Our program's conclusion, in the words of the test kit."""
    command = [program, "converse", "--endpoint-url", url, "--model", model, "--as", "chunks", "How is the weather?"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(command, env=clean | ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = [json.loads(line) for line in process.communicate(timeout=2 * WAIT)[0].splitlines()]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "stalled"  # it waits, and would for 300 seconds
    failures = [line["failure"] for line in lines if "failure" in line]
    if lines and lines[-1].get("type") == "done":
        return "spoiled" if lines[-1]["skipped_events"] and failures else "complete"
    failure = failures[-1] if failures else {"kind": "nothing"}
    kind = failure["kind"]
    if kind == "exception":
        return f"exception {failure['exception']}" if "exception" in failure else f"error message {failure.get('code')}"
    if kind == "refusal":
        return f"refused {failure['status']}" if failure["status"] != 200 else "not an event stream"
    if kind == "transport":
        return "not an event stream" if "event stream" in failure["message"] else "broken"
    return KINDS.get(kind, kind)


def botos(url, model):
    """What boto3 reports: an error's name, or that there was none."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=WAIT)
    client = boto3.client("bedrock-runtime", region_name=ENVIRONMENT["AWS_REGION"], endpoint_url=url, config=config)
    messages = [{"role": "user", "content": [{"text": "How is the weather?"}]}]
    try:
        for _ in client.converse_stream(modelId=model, messages=messages)["stream"]:
            pass
    except ClientError as error:  # exceptions inside the stream are of a subclass
        return error.response["Error"].get("Code") or "error without a code"
    except Exception as error:
        return type(error).__name__
    return "no error"


def row(fault, must, our, boto):
    our_cell = "ok" if our == must else f"**{our}**"
    noticed = (boto == "no error") == (must == "complete")
    boto_cell = boto if noticed else f"**{boto}**"
    return f"| `{fault}` | {must} | {our_cell} | {boto_cell} |\n"


def main(every_fault, program, check):
    os.environ.update(ENVIRONMENT)
    server = subprocess.Popen([every_fault], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    table, wrong = HEAD.format(wait=WAIT, boto3=boto3.__version__), []
    try:
        url = server.stdout.readline().strip()
        faults = [line.rstrip("\n").split("\t") for line in iter(server.stdout.readline, "\n")]
        for fault, must in faults:
            our = ours(program, url, fault)
            if our != must:
                wrong.append(fault)
                print(f"FAILED  {fault}: our program concludes {our}, and must conclude {must}")
            table += row(fault, must, our, botos(url, fault))
    finally:
        server.stdin.close()
        server.wait(10)
    print(f"{len(faults)} faults, {len(wrong)} wrong conclusions of our program")
    if not check:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(table)
    elif TABLE.read_text() != table:
        sys.exit(f"FAILED  {TABLE.name} is not current: run this without --check")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--check" in sys.argv[3:])
