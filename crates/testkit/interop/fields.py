"""boto3 streams an answer with every field from the test kit's fake Bedrock, and each exception; what it reads is compared
with what was sent, member by member.

Usage: python fields.py EVERY_FIELD      (boto3 must be importable; EVERY_FIELD is the test kit's example of that name)
Exits 0 if all of it agrees. No AWS account, no network beyond loopback.
"""

import base64
import json
import subprocess
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import EventStreamError

MODEL = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.fake-v1:0"
# Exceptions that the model of the operation's stream does not have: boto3 then knows neither name nor message.
UNTYPED = {"modelTimeoutException", "unheardOfException"}


def ask(client, model):
    """The events that boto3 reads, with bytes as the base64 text that they are in JSON."""
    messages = [{"role": "user", "content": [{"text": "Everything, please."}]}]
    for event in client.converse_stream(modelId=model, messages=messages)["stream"]:
        yield json.loads(json.dumps(event, default=lambda data: base64.b64encode(data).decode()))


def until_blank(lines):
    return [json.loads(line) for line in iter(lines.readline, "\n")]


def mistakes(client, name, payload):
    """What is wrong about an exception that boto3 raises, and what it leaves out."""
    before = ""
    try:
        for event in ask(client, name):
            before += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    except EventStreamError as error:
        read = error.response["Error"]
        wanted = {"Code": "", "Message": ""} if name in UNTYPED else {"Code": name, "Message": payload["message"]}
        if before != "So far.":
            yield f"before it came {before!r}"
        if read != wanted:
            yield f"it is {read}"
        left_out = [member for member in payload if member != "message"] if name not in UNTYPED else ["everything"]
        if left_out:
            print(f"{name}: boto3 leaves out {', '.join(left_out)}")
    else:
        yield "nothing was raised"


def main(every_field):
    server = subprocess.Popen([every_field], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        client = boto3.client(
            "bedrock-runtime",
            region_name="us-east-1",
            endpoint_url=server.stdout.readline().strip(),
            aws_access_key_id="AKIDFIELDS",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )
        sent = until_blank(server.stdout)
        exceptions = until_blank(server.stdout)
        received = list(ask(client, MODEL))
        wrong = [
            f"sent {json.dumps(ours)}\n        read {json.dumps(theirs)}"
            for ours, theirs in zip(sent, received)
            if ours != theirs
        ]
        if len(sent) != len(received):
            wrong.append(f"{len(received)} events are not {len(sent)}")
        for exception in exceptions:
            name, payload = exception["name"], exception["payload"]
            wrong += [f"{name}: {mistake}" for mistake in mistakes(client, name, payload)]
    finally:
        server.stdin.close()
        server.wait(10)
    for mistake in wrong:
        print(f"FAILED  {mistake}")
    counts = f"{len(sent)} events sent, {len(received)} read, {len(exceptions)} exceptions, {len(wrong)} differ"
    print(f"boto3 {boto3.__version__}: {counts}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(sys.argv[1])
