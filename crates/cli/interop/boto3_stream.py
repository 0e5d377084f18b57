"""boto3 streams from `bedrock-stream serve`, and reads what our own client reads.

Usage: python boto3_stream.py PATH_TO_BEDROCK_STREAM      (boto3 must be importable)
Exits 0 if everything agrees. No AWS account, no network beyond loopback.
"""

import json
import os
import subprocess
import sys

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

ACCESS_KEY, SECRET_KEY, TOKEN = "AKIDINTEROP", "interop-secret", "interop-bearer-token"
MODEL = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0"
PROMPT = "Why is the sky blue?"
TOOLS = [
    {
        "toolSpec": {
            "name": "get_weather",
            "inputSchema": {"json": {"type": "object", "properties": {"city": {"type": "string"}}}},
        }
    }
]


def client(url, secret):
    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def stream(url, **more):
    """The events that boto3 reads, in order."""
    messages = [{"role": "user", "content": [{"text": PROMPT}]}]
    response = client(url, SECRET_KEY).converse_stream(modelId=MODEL, messages=messages, **more)
    return list(response["stream"])


def text_of(events):
    deltas = (event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event)
    return "".join(delta.get("text", "") for delta in deltas)


def our_text(program, url, environment):
    """The events that our own program reads from the same server."""
    command = [program, "converse", "--endpoint-url", url, "--region", "us-east-1", "--model", MODEL, "--as", "text", PROMPT]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    run = subprocess.run(command, env=clean | environment, capture_output=True, text=True, timeout=120)
    check("our program exits 0" + (": " + run.stderr if run.returncode else ""), run.returncode == 0)
    return run.stdout.rstrip("\n")


def check(what, holds):
    print(("ok      " if holds else "FAILED  ") + what)
    if not holds:
        sys.exit(1)


def main(program):
    print(f"boto3 {boto3.__version__}, botocore {botocore.__version__}")
    serve = [program, "serve", "--listen", "127.0.0.1:0", "--credentials", f"{ACCESS_KEY}:{SECRET_KEY}", "--bearer", TOKEN]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    try:
        url = next(word for word in server.stdout.readline().split() if word.startswith("http://"))

        events = stream(url)
        text = text_of(events)
        check(f"boto3 reads text ({len(text)} characters)", len(text) > 20)
        check("the first event is messageStart", "messageStart" in events[0])
        check("messageStop says end_turn", {"messageStop": {"stopReason": "end_turn"}} in events)
        check("the last event is metadata with usage", events[-1]["metadata"]["usage"]["outputTokens"] > 0)

        ours = our_text(program, url, {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY})
        check("our client, signed, reads the same text", ours == text.rstrip("\n"))
        ours = our_text(program, url, {"AWS_BEARER_TOKEN_BEDROCK": TOKEN})
        check("our client, with a bearer token, reads the same text", ours == text.rstrip("\n"))

        events = stream(url, toolConfig={"tools": TOOLS})
        starts = [event["contentBlockStart"]["start"] for event in events if "contentBlockStart" in event]
        check("a tool call begins with its name", starts and starts[0]["toolUse"]["name"] == "get_weather")
        deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
        arguments = "".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta)
        check(f"its arguments are JSON: {arguments}", "city" in json.loads(arguments))
        check("messageStop says tool_use", {"messageStop": {"stopReason": "tool_use"}} in events)

        try:
            client(url, "wrong").converse_stream(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "x"}]}])
            check("a wrong secret is refused", False)
        except ClientError as error:
            refusal = error.response
            check("a wrong secret is refused with 403", refusal["ResponseMetadata"]["HTTPStatusCode"] == 403)
            check("and with its code", refusal["Error"]["Code"] == "InvalidSignatureException")
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main(sys.argv[1])
