"""Real Python clients as users configure them: each asks the fake for a model whose answer has a fault, and reports.

A report is {"error": the error's name or None, "stop": the stop reason that it read or None, "seconds": how long it took}. None
of them tries again, and each waits WAIT seconds for more.
"""

import json
import time

import anthropic
import boto3
import openai
from botocore.config import Config
from botocore.exceptions import ClientError

WAIT = 3
QUESTION = "How is the weather?"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDFAULTS", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
ASK = [{"role": "user", "content": QUESTION}]


def report(ask):
    """Runs `ask`, which takes a function to be told the stop reason."""
    began, stops, name = time.monotonic(), [None], None
    try:
        ask(stops.append)
    except ClientError as error:  # exceptions inside the stream are of a subclass
        name = error.response["Error"].get("Code") or "error without a code"
    except Exception as error:
        name = type(error).__name__
    return {"error": name, "stop": stops[-1], "seconds": time.monotonic() - began}


def bedrock_runtime(url):
    """A client of its own for each fault, so that no connection that one broke serves another; made before the clock starts."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=WAIT)
    return boto3.session.Session().client(
        "bedrock-runtime", region_name=KEYS["AWS_REGION"], endpoint_url=url, config=config
    )


def boto3_converse(url, model):
    client = bedrock_runtime(url)

    def ask(stop):
        messages = [{"role": "user", "content": [{"text": QUESTION}]}]
        for event in client.converse_stream(modelId=model, messages=messages)["stream"]:
            if "messageStop" in event:
                stop(event["messageStop"]["stopReason"])

    return report(ask)


def boto3_invoke(url, model):
    """boto3 gives each payload's bytes; the loop is the one of AWS's examples."""
    client = bedrock_runtime(url)

    def ask(stop):
        body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99, "messages": ASK}
        response = client.invoke_model_with_response_stream(modelId=model, body=json.dumps(body))
        reason = None
        for event in response["body"]:
            payload = json.loads(event["chunk"]["bytes"])
            if payload["type"] == "message_delta":
                reason = payload["delta"].get("stop_reason")
            if payload["type"] == "message_stop":
                stop(reason)

    return report(ask)


def anthropic_bedrock(url, model):
    client = anthropic.AnthropicBedrock(
        aws_access_key=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        aws_region=KEYS["AWS_REGION"],
        base_url=url,
        max_retries=0,
        timeout=WAIT,
    )
    return anthropic_stream(client, model)


def anthropic_messages(url, model):
    client = anthropic.Anthropic(base_url=url + "/anthropic", api_key="key", max_retries=0, timeout=WAIT)
    return anthropic_stream(client, model)


def anthropic_stream(client, model):
    def ask(stop):
        with client.messages.stream(model=model, max_tokens=99, messages=ASK) as stream:
            stop(stream.get_final_message().stop_reason)

    return report(ask)


def openai_client(url):
    return openai.OpenAI(base_url=url + "/v1", api_key="key", max_retries=0, timeout=WAIT)


def openai_chat(url, model):
    client = openai_client(url)

    def ask(stop):
        usage = {"include_usage": True}
        chunks = client.chat.completions.create(model=model, messages=ASK, stream=True, stream_options=usage)
        for chunk in chunks:
            for choice in chunk.choices:
                if choice.finish_reason:
                    stop(choice.finish_reason)

    return report(ask)


def openai_responses(url, model):
    client = openai_client(url)

    def ask(stop):
        with client.responses.stream(model=model, input=QUESTION) as stream:
            stop(stream.get_final_response().status)

    return report(ask)


VERSIONS = {
    "boto3": boto3.__version__,
    "anthropic": anthropic.__version__,
    "openai": openai.__version__,
}
# By dialect: the heading without its version, the package, and what asks.
CLIENTS = {
    "converse": [("boto3", "boto3", boto3_converse)],
    "invoke": [("boto3", "boto3", boto3_invoke), ("anthropic AnthropicBedrock", "anthropic", anthropic_bedrock)],
    "messages": [("anthropic", "anthropic", anthropic_messages)],
    "chat": [("openai", "openai", openai_chat)],
    "responses": [("openai", "openai", openai_responses)],
}
