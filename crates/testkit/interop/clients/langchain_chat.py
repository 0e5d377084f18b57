"""langchain-aws: ChatBedrockConverse, and ChatBedrock, which invokes: Anthropic's models, and Llama; signed."""

import importlib.metadata

from botocore.config import Config
from cases import ACCESS_KEY, QUESTION, REASONING, REGION, RESULTS, SECRET_KEY, SIGNATURE, TEXT, TOOL_SCHEMA
from langchain_aws import ChatBedrock, ChatBedrockConverse
from langchain_core.messages import HumanMessage, ToolMessage
from pydantic import BaseModel
from row import BOTH, CALLED, URL, Row, counts, has_results, model, once

ASKED = [HumanMessage(QUESTION)]
TOOLS = [{"name": "look", "description": "Looks at a city.", "input_schema": TOOL_SCHEMA}]


class Weather(BaseModel):
    """A forecast."""

    city: str
    days: int


def connector(kind):
    def connect(case, secret=SECRET_KEY, attempts=1, family="claude", provider="anthropic", **more):
        return kind(
            model=model(case, family),
            provider=provider,
            region_name=REGION,
            endpoint_url=URL,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=secret,
            max_tokens=2048,
            config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
            **more,
        )

    return connect


def whole(chat, messages=ASKED):
    return chat.invoke(messages)


def streamed(chat, messages=ASKED):
    """Its chunks, added up."""
    chunks = list(chat.stream(messages))
    message = chunks[0]
    for chunk in chunks[1:]:
        message += chunk
    return message


def blocks(message, kind):
    return [block for block in message.content_blocks if block["type"] == kind]


def ask(name, connect):
    row = Row(f"langchain-aws {name}", importlib.metadata.version("langchain-aws"))
    for ask in (whole, streamed):
        with row.asks("text") as expect:
            message = ask(connect("text"))
            stop = message.response_metadata.get("stopReason") or message.response_metadata.get("stop_reason")
            expect((message.text, stop), (TEXT, "end_turn"))
        with row.asks("usage") as expect:
            usage = message.usage_metadata
            expect(counts(usage["input_tokens"], usage["output_tokens"]), BOTH)
        with row.asks("tools") as expect:
            message = ask(connect("tools").bind_tools(TOOLS))
            calls = [(call["id"], call["name"], call["args"]) for call in message.tool_calls]
            expect((message.text, calls), (TEXT, CALLED))
        with row.asks("tool result") as expect:
            results = [ToolMessage(result, tool_call_id=id) for (id, _, _), result in zip(CALLED, RESULTS)]
            answer = ask(connect("echo").bind_tools(TOOLS), [*ASKED, message, *results])
            expect(has_results(answer.text), BOTH)
        with row.asks("reasoning") as expect:
            message = ask(connect("reasoning", **thinking(name)))
            [block] = blocks(message, "reasoning")
            signature = block.get("signature") or block.get("extras", {}).get("signature")
            expect((block["reasoning"], signature, message.text), (REASONING, SIGNATURE, TEXT))
            expect(ask(connect("text", **thinking(name)), [*ASKED, message, *ASKED]).text, TEXT)
        if name == "ChatBedrock":
            with row.asks("text") as expect:
                expect(ask(connect("text", family="llama", provider="meta")).text, TEXT)
        row.raises("throttled", lambda: ask(connect("busy")), "ThrottlingException")
        row.raises("refused", lambda: ask(connect("text", secret="wrong")), "ClientError")
        row.raises("fails", lambda: ask(connect("fails")), "ClientError")
    with row.asks("structured") as expect:
        expect(type(connect("echo").with_structured_output(Weather).invoke(QUESTION)), Weather)
    with row.asks("structured") as expect:
        chat = connect("echo").with_structured_output(Weather, method="json_schema")
        expect(type(chat.invoke(QUESTION)), Weather)
    with row.asks("waits") as expect:
        expect(whole(connect(once("busy-once"), attempts=2)).text, TEXT)


def thinking(name):
    fields = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    return {"additional_model_request_fields" if name == "ChatBedrockConverse" else "model_kwargs": fields}


if __name__ == "__main__":
    ask("ChatBedrockConverse", connector(ChatBedrockConverse))
    ask("ChatBedrock", connector(ChatBedrock))
