#!/usr/bin/env python3
"""Writes sigv4.json and endpoints.json: what botocore sends and resolves, for our tests to compare with.

    python3 -m venv venv && venv/bin/pip install botocore && venv/bin/python golden.py

No network and no AWS account: every request is caught before it is sent, under a fixed clock.
"""

import datetime
import json
import pathlib
from unittest import mock

import botocore
import botocore.auth
import botocore.compat
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 11, 22, 15, 53, 55, tzinfo=datetime.timezone.utc)
KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJ=="
ARN = "arn:aws:bedrock:us-east-1:123456789012:"

SIGNED = [
    # name, model id, region, endpoint URL, session token
    ("plain id", "anthropic.claude-3-haiku-20240307-v1:0", "us-east-1", None, None),
    ("id without a colon", "amazon.nova-lite", "eu-central-1", None, None),
    ("inference profile", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-west-2", None, None),
    ("global inference profile", "global.anthropic.claude-opus-4-7", "ap-northeast-1", None, None),
    ("foundation model ARN", "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", "us-east-1", None, None),
    ("inference profile ARN", ARN + "inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1", None, None),
    ("application inference profile ARN", ARN + "application-inference-profile/a1b2c3d4e5f6", "us-east-1", None, None),
    ("provisioned model ARN", ARN + "provisioned-model/a1b2c3d4e5f6", "us-east-1", None, None),
    ("custom model deployment ARN", ARN + "custom-model-deployment/a1b2c3d4e5f6", "us-east-1", None, None),
    ("imported model ARN", ARN + "imported-model/a1b2c3d4e5f6", "us-east-1", None, None),
    ("prompt ARN with a version", ARN + "prompt/ABCDE12345:1", "us-east-1", None, None),
    ("prompt router ARN", ARN + "default-prompt-router/anthropic.claude:1", "us-east-1", None, None),
    ("China", "arn:aws-cn:bedrock:cn-north-1:123456789012:imported-model/a1b2c3d4e5f6", "cn-north-1", None, None),
    ("session token", "anthropic.claude-3-haiku-20240307-v1:0", "us-east-1", None, TOKEN),
    ("host with a port", "anthropic.claude-3-haiku-20240307-v1:0", "us-east-1", "http://127.0.0.1:8080", None),
    ("default port", "anthropic.claude-3-haiku-20240307-v1:0", "us-east-1", "https://bedrock.example.com:443", None),
    ("path prefix", ARN + "prompt/ABCDE12345:1", "us-east-1", "https://proxy.example.com/aws/bedrock/", TOKEN),
    ("encoded path prefix", "amazon.nova-lite-v1:0", "us-east-1", "https://proxy.example.com/a%20b/c+d", None),
    ("every other character", "a b+c=d&e?f#g%h@i!j$k'l(m)n*o,p;q[r]s|t\\u~v_w.x-yé", "us-east-1", None, None),
]


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW if tz else NOW.replace(tzinfo=None)

    @classmethod
    def utcnow(cls):
        return NOW.replace(tzinfo=None)


def caught(model, region, endpoint, token):
    """The request that botocore sends for one converse_stream call, and the path that it signed."""
    session = botocore.session.Session()
    client = session.create_client(
        "bedrock-runtime",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}),
    )
    requests = []

    def catch(request, **_):
        requests.append(request)
        return AWSResponse(request.url, 400, {}, None)

    canonical = []
    original = botocore.auth.SigV4Auth.canonical_request

    def canonical_request(self, request):
        canonical.append(original(self, request))
        return canonical[-1]

    client.meta.events.register("before-send.*.*", catch)
    with mock.patch.object(botocore.auth.SigV4Auth, "canonical_request", canonical_request):
        try:
            client.converse_stream(modelId=model, messages=[{"role": "user", "content": [{"text": "Hi"}]}])
        except Exception:  # The answer that was made up above has no body.
            pass

    def text(value):
        return value.decode() if isinstance(value, bytes) else value

    assert requests, f"nothing was sent for {model}"
    request = requests[-1]
    headers = {name.lower(): value for name, value in request.headers.items()}
    return {
        "url": request.url,
        "body": text(request.body),
        "amz_date": text(headers["x-amz-date"]),
        "authorization": text(headers["authorization"]),
        "canonical_path": canonical[-1].split("\n")[1],
    }


def signatures():
    cases = []
    with mock.patch("datetime.datetime", FixedTime), mock.patch(
        "botocore.auth.get_current_datetime", lambda *args, **kwargs: NOW.replace(tzinfo=None), create=True
    ):
        for name, model, region, endpoint, token in SIGNED:
            case = {"name": name, "model_id": model, "region": region, "endpoint_url": endpoint, "session_token": token}
            cases.append(case | caught(model, region, endpoint, token))
    assert all(case["amz_date"] == NOW.strftime("%Y%m%dT%H%M%SZ") for case in cases), cases[0]["amz_date"]
    return {
        "botocore": botocore.__version__,
        "unix_time": int(NOW.timestamp()),
        "access_key_id": KEY,
        "secret_access_key": SECRET,
        "cases": cases,
    }


def endpoints():
    session = botocore.session.Session()
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    regions = [region for partition in partitions for region in partition["regions"]]
    # Regions that are in no list: the pattern determines the partition, or the first one is used.
    regions += ["us-north-9", "cn-east-7", "us-gov-north-3", "eusc-de-west-2", "us-isof-west-4", "xx-made-up-1", "us-iso-1"]
    client = session.create_client(
        "bedrock-runtime", region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
    )
    resolve = client._ruleset_resolver._provider.resolve_endpoint
    cases = []
    for region in regions:
        for fips in (False, True):
            for dual_stack in (False, True):
                url = resolve(Region=region, UseFIPS=fips, UseDualStack=dual_stack).url
                cases.append({"region": region, "fips": fips, "dual_stack": dual_stack, "url": url})
    return {"botocore": botocore.__version__, "cases": cases}


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


write("sigv4.json", signatures())
write("endpoints.json", endpoints())
