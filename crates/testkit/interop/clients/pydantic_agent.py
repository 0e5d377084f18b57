"""pydantic-ai: agents on Converse with tools and an `output_type`, by a tool call and by a schema of the answer; signed."""

import asyncio
import importlib.metadata
import os

from cases import ACCESS_KEY, CITIES, QUESTION, REASONING, REGION, RESULTS, SECRET_KEY, SIGNATURE, TEXT
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.messages import ThinkingPart
from pydantic_ai.models.bedrock import BedrockConverseModel
from pydantic_ai.providers.bedrock import BedrockProvider
from row import BOTH, URL, Row, counts, has_results, model, once

THINKING = {"bedrock_additional_model_requests_fields": {"thinking": {"type": "enabled", "budget_tokens": 1024}}}


class Weather(BaseModel):
    city: str
    days: int


def agent(case, secret=SECRET_KEY, seen=None, **more):
    """Its tool notes the cities that it was called with."""
    provider = BedrockProvider(
        base_url=URL, region_name=REGION, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=secret
    )
    made = Agent(BedrockConverseModel(model(case), provider=provider), **more)
    if seen is not None:

        @made.tool_plain
        def look(city: str) -> str:
            """Looks at a city."""
            seen.append(city)
            return RESULTS[CITIES.index(city)]

    return made


def whole(made, prompt=QUESTION, **more):
    return made.run_sync(prompt, **more)


def streamed(made, prompt=QUESTION, **more):
    async def run():
        async with made.run_stream(prompt, **more) as result:
            await result.get_output()
            # As `run_sync` gives it.
            result.output = await result.get_output()
            return result

    return asyncio.run(run())


def thoughts(result):
    parts = [part for message in result.all_messages() for part in message.parts if isinstance(part, ThinkingPart)]
    return [(part.content, part.signature) for part in parts]


def main():
    row = Row("pydantic-ai", importlib.metadata.version("pydantic-ai-slim"))
    for ask in (whole, streamed):
        with row.asks("text") as expect:
            result = ask(agent("text"))
            expect(result.output, TEXT)
        with row.asks("usage") as expect:
            usage = result.usage() if callable(result.usage) else result.usage
            expect(counts(usage.input_tokens, usage.output_tokens), BOTH)
        with row.asks("tools") as expect:
            seen = []
            result = whole(agent(once("loop"), seen=seen))
            expect(sorted(seen), sorted(CITIES))
        with row.asks("tool result") as expect:
            expect(has_results(result.output), BOTH)
        with row.asks("reasoning") as expect:
            result = ask(agent("reasoning", model_settings=THINKING))
            expect((thoughts(result), result.output), ([(REASONING, SIGNATURE)], TEXT))
            again = ask(agent("text", model_settings=THINKING), message_history=result.all_messages())
            expect(again.output, TEXT)
        with row.asks("structured") as expect:
            # The tools, and the output as a call of one more tool.
            seen = []
            result = ask(agent(once("typed"), seen=seen, output_type=Weather))
            expect((sorted(seen), result.output), (sorted(CITIES), Weather(city=CITIES[0], days=3)))
        with row.asks("structured") as expect:
            expect(type(ask(agent("echo", output_type=ToolOutput(Weather))).output), Weather)
        with row.asks("structured") as expect:
            expect(type(ask(agent("echo", output_type=NativeOutput(Weather))).output), Weather)
        row.raises("throttled", lambda: ask(agent("busy")), "ModelRateLimitError")
        row.raises("refused", lambda: ask(agent("text", secret="wrong")), "ModelHTTPError")
        row.raises("fails", lambda: ask(agent("fails")), "ModelAPIError")
    with row.asks("waits") as expect:
        # botocore asks again.
        os.environ["AWS_MAX_ATTEMPTS"] = "2"
        expect(whole(agent(once("busy-once"))).output, TEXT)


if __name__ == "__main__":
    os.environ |= {"AWS_MAX_ATTEMPTS": "1", "AWS_RETRY_MODE": "standard"}
    main()
