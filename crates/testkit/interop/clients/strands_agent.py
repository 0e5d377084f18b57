"""Strands: an agent on ConverseStream, and on Converse with `streaming=False`; signed."""

import importlib.metadata

import boto3
from botocore.config import Config
from cases import ACCESS_KEY, CITIES, QUESTION, REASONING, REGION, RESULTS, SECRET_KEY, SIGNATURE, TEXT
from pydantic import BaseModel
from row import BOTH, URL, Row, counts, has_results, model, once
from strands import Agent, ModelRetryStrategy, tool
from strands.models.bedrock import BedrockModel

THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


class Weather(BaseModel):
    """A forecast."""

    city: str
    days: int


def agent(case, is_streamed, secret=SECRET_KEY, attempts=1, **more):
    session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=secret, region_name=REGION)
    bedrock = BedrockModel(
        boto_session=session,
        boto_client_config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
        endpoint_url=URL,
        model_id=model(case),
        streaming=is_streamed,
        additional_request_fields=more.pop("fields", None),
    )
    retry = ModelRetryStrategy(max_attempts=1)
    return Agent(model=bedrock, callback_handler=None, retry_strategy=retry, **more)


def text_of(result):
    return "".join(block.get("text", "") for block in result.message["content"])


def ask(is_streamed):
    name = "ConverseStream" if is_streamed else "Converse"
    row = Row(f"strands {name}", importlib.metadata.version("strands-agents"))
    seen = []

    @tool
    def look(city: str) -> str:
        """Looks at a city.

        Args:
            city: Its name.
        """
        seen.append(city)
        return RESULTS[CITIES.index(city)]

    with row.asks("text") as expect:
        result = agent("text", is_streamed)(QUESTION)
        expect((text_of(result), result.stop_reason), (TEXT, "end_turn"))
    with row.asks("usage") as expect:
        usage = result.metrics.accumulated_usage
        expect(counts(usage["inputTokens"], usage["outputTokens"]), BOTH)
    with row.asks("tools") as expect:
        result = agent(once("loop"), is_streamed, tools=[look])(QUESTION)
        expect(sorted(seen), sorted(CITIES))
    with row.asks("tool result") as expect:
        expect(has_results(text_of(result)), BOTH)
    with row.asks("reasoning") as expect:
        made = agent("reasoning", is_streamed, fields=THINKING)
        result = made(QUESTION)
        text = result.message["content"][0]["reasoningContent"]["reasoningText"]
        expect((text, text_of(result)), ({"text": REASONING, "signature": SIGNATURE}, TEXT))
        # The conversation goes on with the reasoning in it.
        expect(text_of(made(QUESTION)), TEXT)
    with row.asks("structured") as expect:
        result = agent("echo", is_streamed)(QUESTION, structured_output_model=Weather)
        expect(type(result.structured_output), Weather)
    row.raises("throttled", lambda: agent("busy", is_streamed)(QUESTION), "ModelThrottledException")
    row.raises("refused", lambda: agent("text", is_streamed, secret="wrong")(QUESTION), "ClientError")
    row.raises("fails", lambda: agent("fails", is_streamed)(QUESTION), "ModelThrottledException", "EventStreamError")
    with row.asks("waits") as expect:
        expect(text_of(agent(once("busy-once"), is_streamed, attempts=2)(QUESTION)), TEXT)


if __name__ == "__main__":
    ask(True)
    ask(False)
