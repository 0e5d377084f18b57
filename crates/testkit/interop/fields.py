"""boto3 streams an answer with every field from the test kit's fake Bedrock, and reads each as it was sent.

Usage: python fields.py EVERY_FIELD      (boto3 must be importable; EVERY_FIELD is the test kit's example of that name)
Exits 0 if every event agrees, member by member. No AWS account, no network beyond loopback.
"""

import base64
import json
import subprocess
import sys

import boto3
from botocore.config import Config

MODEL = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.fake-v1:0"


def read(url):
    """The events that boto3 reads, with bytes as the base64 text that they are in JSON."""
    client = boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="AKIDFIELDS",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    messages = [{"role": "user", "content": [{"text": "Everything, please."}]}]
    stream = client.converse_stream(modelId=MODEL, messages=messages)["stream"]
    return [json.loads(json.dumps(event, default=lambda data: base64.b64encode(data).decode())) for event in stream]


def main(every_field):
    server = subprocess.Popen([every_field], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        url = server.stdout.readline().strip()
        sent = [json.loads(line) for line in iter(server.stdout.readline, "\n")]
        received = read(url)
    finally:
        server.stdin.close()
        server.wait(10)
    wrong = [(ours, theirs) for ours, theirs in zip(sent, received) if ours != theirs]
    for ours, theirs in wrong:
        print(f"FAILED  sent {json.dumps(ours)}\n        read {json.dumps(theirs)}")
    print(f"boto3 {boto3.__version__}: {len(sent)} events sent, {len(received)} read, {len(wrong)} differ")
    sys.exit(1 if wrong or len(sent) != len(received) else 0)


if __name__ == "__main__":
    main(sys.argv[1])
