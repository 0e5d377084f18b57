#!/usr/bin/env python3
"""Writes vendors.json: what OpenAI's, Anthropic's and AWS's own Python packages send to Bedrock, for our tests to compare with.

    python3 -m venv venv && venv/bin/pip install 'openai[bedrock]' 'anthropic[bedrock]' aws-bedrock-token-generator
    venv/bin/python vendors.py

No network and no AWS account: every request is caught before it is sent, under a fixed clock.
"""

import datetime
import importlib.metadata
import json
import os
import pathlib
from unittest import mock

import aws_bedrock_token_generator
import httpx2
from anthropic import AnthropicBedrockMantle
from botocore.credentials import Credentials
from openai import OpenAI
from openai.providers import bedrock

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 11, 22, 15, 53, 55, tzinfo=datetime.timezone.utc)
KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJ=="
PACKAGES = ["openai", "anthropic", "botocore", "aws-bedrock-token-generator"]

RUNTIME = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1"
OPENAI = [
    # name, region, base URL from the environment, session token
    ("mantle", "us-east-1", None, None),
    ("mantle in Europe with a session token", "eu-central-1", None, TOKEN),
    ("runtime by its base URL", "us-west-2", RUNTIME, None),
    ("runtime by the URL of a whole request", "us-west-2", RUNTIME + "/responses/", TOKEN),
    ("a base URL of no known host", "us-east-1", "https://proxy.example.com/aws/openai/v1/", None),
]
ANTHROPIC = [
    ("mantle", "us-east-1", None, None),
    ("mantle in Asia with a session token", "ap-northeast-1", None, TOKEN),
    ("a base URL of no known host", "us-east-1", "https://proxy.example.com/aws/anthropic", None),
]
TOKENS = [("us-east-1", None, 12 * 3600), ("eu-central-1", TOKEN, 900), ("cn-north-1", "a+b/c~d-e_f.=", 1)]


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW if tz else NOW.replace(tzinfo=None)

    @classmethod
    def utcnow(cls):
        return NOW.replace(tzinfo=None)


class Caught(Exception):
    pass


def caught(ask):
    """The request that a client sends."""
    requests = []

    def catch(request):
        requests.append(request)
        return httpx2.Response(200, json={})

    try:
        ask(httpx2.Client(transport=httpx2.MockTransport(catch)))
    except Exception:  # The answer that was made up above is empty.
        if not requests:
            raise
    request = requests[-1]
    headers = {name.lower(): value for name, value in request.headers.items()}
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    return {
        "url": str(request.url),
        "signed_headers": {name: headers[name] for name in names},
        "authorization": headers["authorization"],
        "body": request.content.decode(),
    }


def environment(name, url):
    return mock.patch.dict(os.environ, {name: url} if url else {})


def of_openai(region, token, operation):
    def ask(http_client):
        provider = bedrock(region=region, access_key_id=KEY, secret_access_key=SECRET, session_token=token)
        client = OpenAI(provider=provider, http_client=http_client, max_retries=0)
        if operation == "chat":
            client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
        else:
            client.responses.create(model="m", input="Hi")

    return ask


def of_anthropic(region, token):
    def ask(http_client):
        client = AnthropicBedrockMantle(
            aws_region=region,
            aws_access_key=KEY,
            aws_secret_key=SECRET,
            aws_session_token=token,
            http_client=http_client,
            max_retries=0,
        )
        client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])

    return ask


def requests():
    for name, region, url, token in OPENAI:
        for operation in ["chat", "responses"]:
            with environment("AWS_BEDROCK_BASE_URL", url):
                request = caught(of_openai(region, token, operation))
            case = {"name": name, "operation": operation, "region": region, "session_token": token}
            yield case | {"variable": "AWS_BEDROCK_BASE_URL", "base_url": url} | request
    for name, region, url, token in ANTHROPIC:
        with environment("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", url):
            request = caught(of_anthropic(region, token))
        case = {"name": name, "operation": "messages", "region": region, "session_token": token}
        yield case | {"variable": "ANTHROPIC_BEDROCK_MANTLE_BASE_URL", "base_url": url} | request


class Provider:
    def __init__(self, token):
        self.token = token

    def load(self):
        return Credentials(KEY, SECRET, self.token)


def tokens():
    for region, session_token, seconds in TOKENS:
        made = aws_bedrock_token_generator.provide_token(
            region, Provider(session_token), datetime.timedelta(seconds=seconds)
        )
        yield {"region": region, "session_token": session_token, "seconds": seconds, "token": made}


def main():
    for name in list(os.environ):
        if name.startswith(("AWS_", "ANTHROPIC_", "OPENAI_")):
            del os.environ[name]
    with mock.patch("datetime.datetime", FixedTime), mock.patch(
        "botocore.auth.get_current_datetime", lambda *args, **kwargs: NOW.replace(tzinfo=None), create=True
    ):
        golden = {
            "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
            "unix_time": int(NOW.timestamp()),
            "access_key_id": KEY,
            "secret_access_key": SECRET,
            "requests": list(requests()),
            "tokens": list(tokens()),
        }
    for request in golden["requests"]:
        assert request["signed_headers"]["x-amz-date"] == NOW.strftime("%Y%m%dT%H%M%SZ"), request
    (HERE / "vendors.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
