"""Anthropic's package: Messages with an API key, AnthropicBedrock on InvokeModel, AnthropicBedrockMantle; the last two sign."""

import anthropic
from cases import ACCESS_KEY, API_KEY, QUESTION, REASONING, REGION, RESULTS, SECRET_KEY, SIGNATURE, TEXT, TOOL_SCHEMA
from pydantic import BaseModel
from row import BOTH, CALLED, URL, Row, counts, has_results, model, once

ASKED = [{"role": "user", "content": QUESTION}]
TOOLS = [{"name": "look", "input_schema": TOOL_SCHEMA}]
THINKING = {"type": "enabled", "budget_tokens": 1024}


class Weather(BaseModel):
    city: str
    days: int


def bare(secret=API_KEY, retries=0):
    return anthropic.Anthropic(base_url=URL + "/anthropic", api_key=secret, max_retries=retries)


def signed(kind, base_url):
    def connect(secret=SECRET_KEY, retries=0):
        return kind(
            aws_access_key=ACCESS_KEY,
            aws_secret_key=secret,
            aws_region=REGION,
            base_url=base_url,
            max_retries=retries,
        )

    return connect


def whole(client, case, messages=ASKED, **more):
    return client.messages.create(model=model(case), max_tokens=2048, messages=messages, **more)


def streamed(client, case, messages=ASKED, **more):
    with client.messages.stream(model=model(case), max_tokens=2048, messages=messages, **more) as stream:
        return stream.get_final_message()


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def ask(name, connect):
    row = Row(f"anthropic {name}", anthropic.__version__)
    client = connect()
    for ask in (whole, streamed):
        with row.asks("text") as expect:
            message = ask(client, "text")
            expect((text_of(message), message.stop_reason, message.role), (TEXT, "end_turn", "assistant"))
        with row.asks("usage") as expect:
            expect(counts(message.usage.input_tokens, message.usage.output_tokens), BOTH)
        with row.asks("tools") as expect:
            message = ask(client, "tools", tools=TOOLS)
            calls = [(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"]
            expect((text_of(message), calls, message.stop_reason), (TEXT, CALLED, "tool_use"))
        with row.asks("tool result") as expect:
            results = [
                {"type": "tool_result", "tool_use_id": id, "content": [{"type": "text", "text": result}]}
                for (id, _, _), result in zip(CALLED, RESULTS)
            ]
            turns = [*ASKED, {"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
            expect(has_results(text_of(ask(client, "echo", turns, tools=TOOLS))), BOTH)
        with row.asks("reasoning") as expect:
            message = ask(client, "reasoning", thinking=THINKING)
            thinking = message.content[0]
            expect((thinking.type, thinking.thinking, thinking.signature), ("thinking", REASONING, SIGNATURE))
            turns = [*ASKED, {"role": "assistant", "content": message.content}, *ASKED]
            expect(text_of(ask(client, "text", turns, thinking=THINKING)), TEXT)
        row.raises("throttled", lambda: ask(client, "busy"), "RateLimitError")
        row.raises("refused", lambda: ask(connect("wrong"), "text"), "PermissionDeniedError")
        row.raises("fails", lambda: ask(client, "fails"), "APIError")
    with row.asks("structured") as expect:
        parsed = client.messages.parse(model=model("echo"), max_tokens=2048, messages=ASKED, output_format=Weather)
        expect(type(parsed.parsed_output).__name__, "Weather")
    with row.asks("structured") as expect:
        message = whole(client, "echo", tools=TOOLS, tool_choice={"type": "tool", "name": "look"})
        expect([list(block.input) for block in message.content if block.type == "tool_use"], [["city"]])
    row.raises("refused", lambda: whole(client, "text", []), "BadRequestError")
    row.waits("waits", lambda: text_of(streamed(connect(retries=2), once("busy-once"))), TEXT)
    with row.asks("fails") as expect:
        # The package takes the end of the bytes for the end of the answer.
        expect(text_of(streamed(client, "cut")), TEXT)
    if name != "AnthropicBedrock":
        with row.asks("usage") as expect:
            expect(client.messages.count_tokens(model=model("text"), messages=ASKED).input_tokens > 0, True)


if __name__ == "__main__":
    ask("Messages", bare)
    ask("AnthropicBedrock", signed(anthropic.AnthropicBedrock, URL))
    ask("AnthropicBedrockMantle", signed(anthropic.AnthropicBedrockMantle, URL + "/anthropic"))
