#!/usr/bin/env python3
"""Writes profiles.json: what botocore reads from the shared files, for our tests to compare with.

    python3 -m venv venv && venv/bin/pip install botocore && venv/bin/python profiles.py

No network and no AWS account: clients are made, and nothing is asked of them.
"""

import json
import os
import pathlib
import tempfile
from unittest import mock

import botocore
import botocore.session

HERE = pathlib.Path(__file__).parent
KEYS = "aws_access_key_id = AKID{0}\naws_secret_access_key = secret/{0}+=\n"
SERVICES = """[services here]
s3 =
  endpoint_url = http://s3.example.com
bedrock_runtime =
  endpoint_url = https://bedrock.example.com/prefix

[services elsewhere]
s3 =
  endpoint_url = http://s3.example.com
"""

CASES = [
    # name, config, credentials, variables
    ("default profile", "[default]\nregion = eu-west-1\n", "[default]\n" + KEYS.format(1), {}),
    ("named profile", "[default]\nregion = eu-west-1\n[profile dev]\nregion=eu-west-2\n", "[default]\n" + KEYS.format(1) + "[dev]\n" + KEYS.format(2), {"AWS_PROFILE": "dev"}),
    ("profile in quotes", '[profile "my dev"]\nregion = eu-west-3\n', "[my dev]\n" + KEYS.format(3), {"AWS_PROFILE": "my dev"}),
    ("a section without the word profile is none", "[default]\nregion=eu-west-1\n[dev]\nregion=eu-west-2\n", "[default]\n" + KEYS.format(1), {}),
    ("profile in one file only", "[profile dev]\nregion = eu-west-1\n" + KEYS.format(1), "", {"AWS_PROFILE": "dev"}),
    ("no such profile", "[default]\nregion = eu-west-1\n", "[default]\n" + KEYS.format(1), {"AWS_PROFILE": "dev"}),
    ("keys in both files", "[default]\nregion = eu-west-1\n" + KEYS.format(1), "[default]\n" + KEYS.format(2), {}),
    ("region in the credentials file", "[default]\nregion = eu-west-1\n", "[default]\nregion = eu-west-2\n" + KEYS.format(2), {}),
    ("session token", "[default]\nregion = eu-west-1\n", "[default]\n" + KEYS.format(2) + "aws_session_token = tok/en==\n", {}),
    ("security token", "[default]\nregion = eu-west-1\n", "[default]\n" + KEYS.format(2) + "aws_security_token = tok/old==\n", {}),
    ("half of the keys", "[default]\nregion = eu-west-1\n", "[default]\naws_access_key_id = AKID\n", {}),
    ("variables win", "[default]\nregion = eu-west-1\nendpoint_url = http://file\n", "[default]\n" + KEYS.format(2), {"AWS_DEFAULT_REGION": "eu-west-9", "AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env", "AWS_ENDPOINT_URL": "http://variable"}),
    ("endpoint for everything", "[default]\nregion = eu-west-1\nendpoint_url = http://localhost:8080/a\n", "[default]\n" + KEYS.format(1), {}),
    ("endpoint of a service", "[default]\nregion = eu-west-1\nservices = here\nendpoint_url = http://all\n" + SERVICES, "[default]\n" + KEYS.format(1), {}),
    ("endpoint of another service", "[default]\nregion = eu-west-1\nservices = elsewhere\nendpoint_url = http://all\n" + SERVICES, "[default]\n" + KEYS.format(1), {}),
    ("services that are not there", "[default]\nregion = eu-west-1\nservices = nowhere\n" + SERVICES, "[default]\n" + KEYS.format(1), {}),
    ("a variable wins over services", "[default]\nregion = eu-west-1\nservices = here\n" + SERVICES, "[default]\n" + KEYS.format(1), {"AWS_ENDPOINT_URL": "http://variable"}),
    ("endpoints ignored by the profile", "[default]\nregion = eu-west-1\nignore_configured_endpoint_urls = true\nservices = here\n" + SERVICES, "[default]\n" + KEYS.format(1), {}),
    ("endpoints ignored by a variable", "[default]\nregion = eu-west-1\nendpoint_url = http://all\n", "[default]\n" + KEYS.format(1), {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "http://variable"}),
    ("FIPS", "[default]\nregion = us-east-1\nuse_fips_endpoint = true\n", "[default]\n" + KEYS.format(1), {}),
    ("FIPS and dual-stack", "[default]\nregion = us-east-1\nuse_fips_endpoint = TRUE\nuse_dualstack_endpoint = true\n", "[default]\n" + KEYS.format(1), {}),
    ("a variable wins over FIPS", "[default]\nregion = us-east-1\nuse_fips_endpoint = true\n", "[default]\n" + KEYS.format(1), {"AWS_USE_FIPS_ENDPOINT": "false"}),
    ("layout", "# one\n; two\n\n[default]\n\n  Region:us-west-2\nother =\n  region = eu-west-1\n", "[default]\n\n# no\nAWS_ACCESS_KEY_ID=AKIDX\naws_secret_access_key   =   a=b:c#d;e  \n", {}),
    ("Windows line ends", "[default]\r\nregion = us-west-2\r\n", ("[default]\n" + KEYS.format(1)).replace("\n", "\r\n"), {}),
    ("no section", "region = us-west-2\n", "[default]\n" + KEYS.format(1), {}),
    ("no property", "[default]\nregion\n", "[default]\n" + KEYS.format(1), {}),
    ("no files' keys", "[default]\nregion = us-west-2\n", "", {}),
]


def read(config, credentials, variables):
    with tempfile.TemporaryDirectory() as home:
        paths = {"AWS_CONFIG_FILE": f"{home}/config", "AWS_SHARED_CREDENTIALS_FILE": f"{home}/credentials"}
        for path, text in zip(paths.values(), (config, credentials)):
            pathlib.Path(path).write_bytes(text.encode())
        environment = {"HOME": home, "AWS_EC2_METADATA_DISABLED": "true", **paths, **variables}
        with mock.patch.dict(os.environ, environment, clear=True):
            try:
                session = botocore.session.Session()
                client = session.create_client("bedrock-runtime")
                keys = session.get_credentials()
            except Exception as error:
                return {"error": type(error).__name__}
            if keys is None:
                return {"error": "NoCredentials"}
            return {
                "region": client.meta.region_name,
                "endpoint": client.meta.endpoint_url,
                "access_key_id": keys.access_key,
                "secret_access_key": keys.secret_key,
                "session_token": keys.token,
            }


cases = []
for name, config, credentials, variables in CASES:
    case = {"name": name, "config": config, "credentials": credentials, "variables": variables}
    cases.append(case | read(config, credentials, variables))
text = json.dumps({"botocore": botocore.__version__, "cases": cases}, indent=1) + "\n"
(HERE / "profiles.json").write_text(text, encoding="utf-8")
