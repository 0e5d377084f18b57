"""boto3 on Converse and ConverseStream, and on InvokeModel with Anthropic's payloads. Signed, and with an API key."""

import json
import os

import boto3
from botocore.config import Config
from cases import ACCESS_KEY, API_KEY, QUESTION, REASONING, REGION, RESULTS, SCHEMA, SECRET_KEY, SIGNATURE, TEXT, TOOL_SCHEMA
from row import AUTHORITY, BOTH, CALLED, TLS_URL, URL, Row, counts, has_results, model, once

TOOLS = {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": TOOL_SCHEMA}}}]}
ASKED = [{"role": "user", "content": [{"text": QUESTION}]}]


def connect(secret=SECRET_KEY, attempts=1):
    return boto3.client(
        "bedrock-runtime",
        region_name=REGION,
        endpoint_url=URL,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret,
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )


def calls_of(content):
    uses = [block["toolUse"] for block in content if "toolUse" in block]
    return [(use["toolUseId"], use["name"], use["input"]) for use in uses]


def text_of(content):
    return "".join(block.get("text", "") for block in content)


def reasoning_of(content):
    texts = [block["reasoningContent"]["reasoningText"] for block in content if "reasoningContent" in block]
    return [(text["text"], text.get("signature")) for text in texts]


def whole(client, case, messages=ASKED, **more):
    response = client.converse(modelId=model(case), messages=messages, **more)
    return response["output"]["message"]["content"], response["stopReason"], response["usage"]


def streamed(client, case, messages=ASKED, **more):
    """The same, put together from the events."""
    blocks, stop, usage = {}, None, None
    for event in client.converse_stream(modelId=model(case), messages=messages, **more)["stream"]:
        if "contentBlockStart" in event:
            start = event["contentBlockStart"]
            blocks[start["contentBlockIndex"]] = {"toolUse": {**start["start"]["toolUse"], "input": ""}}
        if "contentBlockDelta" in event:
            at, delta = event["contentBlockDelta"]["contentBlockIndex"], event["contentBlockDelta"]["delta"]
            if "text" in delta:
                block = blocks.setdefault(at, {"text": ""})
                block["text"] += delta["text"]
            elif "toolUse" in delta:
                blocks[at]["toolUse"]["input"] += delta["toolUse"]["input"]
            else:
                block = blocks.setdefault(at, {"reasoningContent": {"reasoningText": {"text": ""}}})
                text = block["reasoningContent"]["reasoningText"]
                for member, value in delta["reasoningContent"].items():
                    text[member] = text.get(member, "") + value
        stop = event.get("messageStop", {}).get("stopReason", stop)
        usage = event.get("metadata", {}).get("usage", usage)
    content = [blocks[at] for at in sorted(blocks)]
    for block in content:
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return content, stop, usage


def converse():
    row = Row("boto3 Converse", boto3.__version__)
    client = connect()
    for ask in (whole, streamed):
        with row.asks("text") as expect:
            content, stop, usage = ask(client, "text")
            expect((text_of(content), stop), (TEXT, "end_turn"))
        with row.asks("usage") as expect:
            expect(counts(usage["inputTokens"], usage["outputTokens"]), BOTH)
            expect(usage["totalTokens"], usage["inputTokens"] + usage["outputTokens"])
        with row.asks("tools") as expect:
            content, stop, _ = ask(client, "tools", toolConfig=TOOLS)
            expect((text_of(content), calls_of(content), stop), (TEXT, CALLED, "tool_use"))
        with row.asks("tool result") as expect:
            results = [
                {"toolResult": {"toolUseId": id, "content": [{"text": result}], "status": "success"}}
                for (id, _, _), result in zip(CALLED, RESULTS)
            ]
            turns = [*ASKED, {"role": "assistant", "content": content}, {"role": "user", "content": results}]
            content, stop, _ = ask(client, "echo", turns, toolConfig=TOOLS)
            expect((has_results(text_of(content)), stop), (BOTH, "end_turn"))
        with row.asks("reasoning") as expect:
            content, _, _ = ask(client, "reasoning")
            expect((reasoning_of(content), text_of(content)), ([(REASONING, SIGNATURE)], TEXT))
            # The block goes back as it came.
            content, _, _ = ask(client, "text", [*ASKED, {"role": "assistant", "content": content}, *ASKED])
            expect(text_of(content), TEXT)
        with row.asks("structured") as expect:
            text_format = {
                "type": "json_schema",
                "structure": {"jsonSchema": {"schema": json.dumps(SCHEMA), "name": "weather"}},
            }
            content, _, _ = ask(client, "echo", outputConfig={"textFormat": text_format})
            found = json.loads(text_of(content))
            expect([type(found["city"]), type(found["days"])], [str, int])
        row.raises("throttled", lambda: ask(client, "busy"), "ThrottlingException")
        row.raises("refused", lambda: ask(connect("wrong"), "text"), "ClientError")
    row.raises("refused", lambda: whole(client, "text", [{"role": "user", "content": []}]), "ValidationException")
    row.raises("fails", lambda: streamed(client, "fails"), "EventStreamError")
    row.raises("fails", lambda: whole(client, "fails"), "ThrottlingException")
    with row.asks("waits") as expect:
        # botocore does not read Retry-After.
        content, _, _ = streamed(connect(attempts=2), once("busy-once"))
        expect(text_of(content), TEXT)
    with row.asks("text") as expect:
        os.environ["AWS_BEARER_TOKEN_BEDROCK"] = API_KEY
        try:
            by_key = boto3.client("bedrock-runtime", region_name=REGION, endpoint_url=TLS_URL, verify=AUTHORITY)
            content, _, _ = streamed(by_key, "text")
        finally:
            del os.environ["AWS_BEARER_TOKEN_BEDROCK"]
        expect(text_of(content), TEXT)


def main():
    converse()
    invoke()


def invoke():
    """Anthropic's payloads, put together by hand."""
    row = Row("boto3 InvokeModel", boto3.__version__)
    client = connect()

    def body(messages, **more):
        return json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 999, "messages": messages, **more})

    def whole(case, messages, **more):
        response = client.invoke_model(modelId=model(case), body=body(messages, **more))
        headers = response["ResponseMetadata"]["HTTPHeaders"]
        counted = [int(headers[f"x-amzn-bedrock-{kind}-token-count"]) for kind in ("input", "output")]
        message = json.loads(response["body"].read())
        return message["content"], message["stop_reason"], message["usage"], counted

    def streamed(case, messages, **more):
        blocks, stop, usage, counted = {}, None, {}, None
        response = client.invoke_model_with_response_stream(modelId=model(case), body=body(messages, **more))
        for event in response["body"]:
            payload = json.loads(event["chunk"]["bytes"])
            kind = payload["type"]
            if kind == "message_start":
                usage |= payload["message"]["usage"]
            elif kind == "content_block_start":
                blocks[payload["index"]] = payload["content_block"]
            elif kind == "content_block_delta":
                block, delta = blocks[payload["index"]], payload["delta"]
                member, value = next((name, value) for name, value in delta.items() if name != "type")
                block[member] = (block.get(member) or "") + value
            elif kind == "message_delta":
                stop = payload["delta"]["stop_reason"]
                usage |= payload["usage"]
            metrics = payload.get("amazon-bedrock-invocationMetrics")
            counted = [metrics["inputTokenCount"], metrics["outputTokenCount"]] if metrics else counted
        for block in blocks.values():
            if "partial_json" in block:
                block["input"] = json.loads(block.pop("partial_json"))
        return list(blocks.values()), stop, usage, counted

    question = [{"role": "user", "content": QUESTION}]
    tools = [{"name": "look", "input_schema": TOOL_SCHEMA}]
    for ask in (whole, streamed):
        with row.asks("text") as expect:
            content, stop, usage, counted = ask("text", question)
            expect((content[0]["text"], stop), (TEXT, "end_turn"))
        with row.asks("usage") as expect:
            expect([usage["input_tokens"], usage["output_tokens"]], counted)
            expect(counts(*counted), BOTH)
        with row.asks("tools") as expect:
            content, stop, _, _ = ask("tools", question, tools=tools)
            calls = [(block["id"], block["name"], block["input"]) for block in content if block["type"] == "tool_use"]
            expect((calls, stop), (CALLED, "tool_use"))
        with row.asks("tool result") as expect:
            results = [
                {"type": "tool_result", "tool_use_id": id, "content": result}
                for (id, _, _), result in zip(CALLED, RESULTS)
            ]
            turns = [*question, {"role": "assistant", "content": content}, {"role": "user", "content": results}]
            content, _, _, _ = ask("echo", turns, tools=tools)
            expect(has_results("".join(block.get("text", "") for block in content)), BOTH)
        with row.asks("reasoning") as expect:
            thinking = ask("reasoning", question)[0][0]
            expect(thinking, {"type": "thinking", "thinking": REASONING, "signature": SIGNATURE})
        with row.asks("structured") as expect:
            output = {"format": {"type": "json_schema", "schema": SCHEMA}}
            content, _, _, _ = ask("echo", question, output_config=output)
            found = json.loads("".join(block.get("text", "") for block in content))
            expect([type(found["city"]), type(found["days"])], [str, int])
        row.raises("throttled", lambda: ask("busy", question), "ThrottlingException")
    row.raises("fails", lambda: streamed("fails", question), "EventStreamError")
    row.raises("fails", lambda: whole("fails", question), "ThrottlingException")
    client = connect("wrong")
    row.raises("refused", lambda: streamed("text", question), "ClientError")
    client = connect(attempts=2)
    with row.asks("waits") as expect:
        expect(streamed(once("busy-once"), question)[0][0]["text"], TEXT)


if __name__ == "__main__":
    main()
