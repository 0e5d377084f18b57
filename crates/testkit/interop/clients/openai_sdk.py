"""OpenAI's package on Chat Completions and on Responses: with an API key on the paths of bedrock-runtime and of
bedrock-mantle, and signed by its own provider for Bedrock."""

import json

import openai
from cases import ACCESS_KEY, API_KEY, QUESTION, REASONING, REGION, RESULTS, SECRET_KEY, TEXT, TOOL_SCHEMA
from openai.providers import bedrock
from pydantic import BaseModel
from row import BOTH, CALLED, URL, Row, counts, has_results, model, once

ASKED = [{"role": "user", "content": QUESTION}]
FUNCTION = {"name": "look", "parameters": TOOL_SCHEMA}


class Weather(BaseModel):
    city: str
    days: int


def keyed(path):
    def connect(secret=API_KEY, retries=0):
        return openai.OpenAI(base_url=URL + path, api_key=secret, max_retries=retries)

    return connect


def signed(secret=SECRET_KEY, retries=0):
    provider = bedrock(region=REGION, base_url=URL + "/openai/v1", access_key_id=ACCESS_KEY, secret_access_key=secret)
    return openai.OpenAI(provider=provider, max_retries=retries)


class Chat:
    """Chat Completions: an answer is (text, calls, reasoning, finish reason, usage, message)."""

    name, finish = "Chat Completions", {"text": "stop", "tools": "tool_calls"}
    tools = [{"type": "function", "function": FUNCTION}]

    @staticmethod
    def whole(client, case, messages=ASKED, **more):
        response = client.chat.completions.create(model=model(case, "openai"), messages=messages, **more)
        [choice], usage = response.choices, response.usage
        return Chat.read(choice.message, choice.finish_reason, usage)

    @staticmethod
    def streamed(client, case, messages=ASKED, **more):
        """By the package's own helper, which puts the answer together."""
        asked = {"stream_options": {"include_usage": True}, **more}
        with client.chat.completions.stream(model=model(case, "openai"), messages=messages, **asked) as stream:
            reasoning = "".join(
                getattr(event.chunk.choices[0].delta, "reasoning", None) or ""
                for event in stream
                if event.type == "chunk" and event.chunk.choices
            )
            response = stream.get_final_completion()
        [choice] = response.choices
        return Chat.read(choice.message, choice.finish_reason, response.usage, reasoning)

    @staticmethod
    def read(message, finish, usage, reasoning=None):
        calls = [(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
        reasoning = reasoning if reasoning is not None else getattr(message, "reasoning", None)
        return {
            "text": message.content,
            "calls": calls,
            "reasoning": reasoning,
            "finish": finish,
            "usage": usage and counts(usage.prompt_tokens, usage.completion_tokens),
            "turn": [message.model_dump(exclude_none=True, include={"role", "content", "tool_calls"})],
        }

    @staticmethod
    def results(answer):
        results = [
            {"role": "tool", "tool_call_id": id, "content": result} for (id, _, _), result in zip(CALLED, RESULTS)
        ]
        return [*ASKED, *answer["turn"], *results]

    @staticmethod
    def parsed(client):
        response = client.chat.completions.parse(
            model=model("echo", "openai"), messages=ASKED, response_format=Weather
        )
        return response.choices[0].message.parsed

    @staticmethod
    def bad(client):
        return client.chat.completions.create(model=model("text", "openai"), messages=[])

    @staticmethod
    def incomplete(client):
        response = client.chat.completions.create(model=model("cut", "openai"), messages=ASKED, stream=True)
        return [choice.finish_reason for chunk in response for choice in chunk.choices if choice.finish_reason]


class Responses:
    name, finish = "Responses", {"text": "completed", "tools": "completed"}
    tools = [{"type": "function", "strict": False, **FUNCTION}]

    @staticmethod
    def whole(client, case, messages=ASKED, **more):
        return Responses.read(client.responses.create(model=model(case, "openai"), input=messages, **more))

    @staticmethod
    def streamed(client, case, messages=ASKED, **more):
        with client.responses.stream(model=model(case, "openai"), input=messages, **more) as stream:
            stream.until_done()
            return Responses.read(stream.get_final_response())

    @staticmethod
    def read(response):
        calls = [item for item in response.output if item.type == "function_call"]
        reasoning = [item for item in response.output if item.type == "reasoning"]
        parts = [part.text for item in reasoning for part in item.content or item.summary or []]
        return {
            "text": response.output_text,
            "calls": [(call.call_id, call.name, json.loads(call.arguments)) for call in calls],
            "reasoning": "".join(parts),
            "finish": response.status,
            "usage": response.usage and counts(response.usage.input_tokens, response.usage.output_tokens),
            "turn": [item.model_dump(exclude_none=True) for item in response.output],
        }

    @staticmethod
    def results(answer):
        results = [
            {"type": "function_call_output", "call_id": id, "output": result}
            for (id, _, _), result in zip(CALLED, RESULTS)
        ]
        return [*ASKED, *answer["turn"], *results]

    @staticmethod
    def parsed(client):
        return client.responses.parse(model=model("echo", "openai"), input=ASKED, text_format=Weather).output_parsed

    @staticmethod
    def bad(client):
        return client.responses.create(model=model("text", "openai"))

    @staticmethod
    def incomplete(client):
        """The helper raises if the terminal event is missing."""
        try:
            Responses.streamed(client, "cut")
        except RuntimeError:
            return []
        return ["completed"]


def ask(api, name, connect):
    row = Row(f"openai {api.name}, {name}", openai.__version__)
    client = connect()
    for ask in (api.whole, api.streamed):
        with row.asks("text") as expect:
            answer = ask(client, "text")
            expect((answer["text"], answer["finish"]), (TEXT, api.finish["text"]))
        with row.asks("usage") as expect:
            expect(answer["usage"], BOTH)
        with row.asks("tools") as expect:
            answer = ask(client, "tools", tools=api.tools)
            expect((answer["text"], answer["calls"], answer["finish"]), (TEXT, CALLED, api.finish["tools"]))
        with row.asks("tool result") as expect:
            expect(has_results(ask(client, "echo", api.results(answer), tools=api.tools)["text"]), BOTH)
        with row.asks("reasoning") as expect:
            answer = ask(client, "reasoning")
            expect((answer["reasoning"], answer["text"]), (REASONING, TEXT))
            expect(ask(client, "text", [*ASKED, *answer["turn"], *ASKED])["text"], TEXT)
        row.raises("throttled", lambda: ask(client, "busy"), "RateLimitError")
        row.raises("refused", lambda: ask(connect("wrong"), "text"), "PermissionDeniedError")
        row.raises("fails", lambda: ask(client, "fails"), "APIError")
    with row.asks("structured") as expect:
        expect(type(api.parsed(client)).__name__, "Weather")
    row.raises("refused", lambda: api.bad(client), "BadRequestError")
    row.waits("waits", lambda: api.streamed(connect(retries=2), once("busy-once"))["text"], TEXT)
    with row.asks("fails") as expect:
        expect(api.incomplete(client), [])


def repeats_the_request():
    """Responses has what was asked in its answers."""
    row = Row("openai Responses, mantle path", openai.__version__)
    with row.asks("text") as expect:
        asked = {"tools": Responses.tools, "instructions": "Be short.", "temperature": 0.5}
        response = keyed("/v1")().responses.create(model=model("text", "openai"), input=QUESTION, **asked)
        expect((response.tools[0].name, response.instructions, response.temperature), ("look", "Be short.", 0.5))


if __name__ == "__main__":
    repeats_the_request()
    ask(Chat, "runtime path", keyed("/openai/v1"))
    ask(Chat, "mantle path", keyed("/v1"))
    ask(Chat, "signed", signed)
    ask(Responses, "runtime path", keyed("/openai/v1"))
    ask(Responses, "mantle path", keyed("/v1"))
    ask(Responses, "signed", signed)
