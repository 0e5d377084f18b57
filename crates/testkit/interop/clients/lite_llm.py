"""LiteLLM: `bedrock/converse/` and `bedrock/invoke/`, signed; the latter with Anthropic's payloads, and with Nova's."""

import importlib.metadata
import json

import litellm
from cases import ACCESS_KEY, QUESTION, REASONING, REGION, RESULTS, SECRET_KEY, SIGNATURE, TEXT, TOOL_SCHEMA
from pydantic import BaseModel
from row import BOTH, CALLED, URL, Row, counts, has_results, model, once

ASKED = [{"role": "user", "content": QUESTION}]
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": TOOL_SCHEMA}}]
THINKING = {"type": "enabled", "budget_tokens": 1024}


class Weather(BaseModel):
    city: str
    days: int


def completion(route, case, messages=ASKED, secret=SECRET_KEY, family="claude", **more):
    return litellm.completion(
        model=f"bedrock/{route}/{model(case, family)}",
        messages=messages,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret,
        aws_region_name=REGION,
        aws_bedrock_runtime_endpoint=URL,
        max_tokens=2048,
        **{"num_retries": 0, "max_retries": 0, **more},
    )


def streamed(route, case, messages=ASKED, **more):
    """Put together by LiteLLM's own helper."""
    chunks = list(completion(route, case, messages, stream=True, stream_options={"include_usage": True}, **more))
    return litellm.stream_chunk_builder(chunks, messages=messages)


def calls_of(message):
    return [(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]


def ask(route):
    row = Row(f"litellm bedrock/{route}", importlib.metadata.version("litellm"))
    for ask in (completion, streamed):
        with row.asks("text") as expect:
            [choice], usage = (response := ask(route, "text")).choices, response.usage
            expect((choice.message.content, choice.finish_reason), (TEXT, "stop"))
        with row.asks("usage") as expect:
            expect(counts(usage.prompt_tokens, usage.completion_tokens), BOTH)
        with row.asks("tools") as expect:
            [choice] = ask(route, "tools", tools=TOOLS).choices
            found = choice.message.content, calls_of(choice.message), choice.finish_reason
            expect(found, (TEXT, CALLED, "tool_calls"))
        with row.asks("tool result") as expect:
            results = [
                {"role": "tool", "tool_call_id": id, "content": result} for (id, _, _), result in zip(CALLED, RESULTS)
            ]
            [choice] = ask(route, "echo", [*ASKED, choice.message, *results], tools=TOOLS).choices
            expect(has_results(choice.message.content), BOTH)
        with row.asks("reasoning") as expect:
            message = ask(route, "reasoning", thinking=THINKING).choices[0].message
            expect((message.reasoning_content, message.content), (REASONING, TEXT))
            expect(message.thinking_blocks[0]["signature"], SIGNATURE)
            expect(ask(route, "text", [*ASKED, message, *ASKED], thinking=THINKING).choices[0].message.content, TEXT)
        with row.asks("structured") as expect:
            content = ask(route, "echo", response_format=Weather).choices[0].message.content
            expect(type(Weather.model_validate_json(content)), Weather)
        row.raises("throttled", lambda: ask(route, "busy"), "RateLimitError")
        row.raises("refused", lambda: ask(route, "text", secret="wrong"), "PermissionDeniedError", "AuthenticationError")
        row.raises("fails", lambda: ask(route, "fails"), "APIError", "RateLimitError", "APIConnectionError")
        if route == "invoke":
            with row.asks("text") as expect:
                [choice], usage = (response := ask(route, "text", family="nova")).choices, response.usage
                expect((choice.message.content, choice.finish_reason), (TEXT, "stop"))
                expect(counts(usage.prompt_tokens, usage.completion_tokens), BOTH)
            with row.asks("tools") as expect:
                [choice] = ask(route, "tools", tools=TOOLS, family="nova").choices
                expect((choice.message.content, calls_of(choice.message)), (TEXT, CALLED))
    with row.asks("waits") as expect:
        expect(completion(route, once("busy-once"), num_retries=2).choices[0].message.content, TEXT)


if __name__ == "__main__":
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    ask("converse")
    ask("invoke")
