"""OpenAI's and Anthropic's own packages through the gateway, before the fake: what a user does with them works.

Usage: python sdks.py BEDROCK_STREAM [NODE SDKS_MJS]

The fake answers by a script, refuses what Bedrock would refuse, and records what it is sent. With NODE and SDKS_MJS, which is
`js/sdks.mjs` in a folder where its packages are installed, the npm packages are asked the same. No AWS account, no network
beyond loopback.
"""

import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import anthropic
import openai
from readers import READERS
from running import gateway, started

TEXT = "Żółw 🐢 says \"hi\"\nand\tgoes. \u2028 End"
CALLS = [
    {"name": "get_weather", "input": {"city": "Zürich", "n": 12345678901234567890}, "id": "tooluse_a"},
    {"name": "get_time", "input": {}, "id": "tooluse_b"},
]
PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
).decode()
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
CLAUDE = "anthropic.claude-sonnet-4-20250514-v1:0"
USAGE = {
    "inputTokens": 10, "outputTokens": 5, "totalTokens": 1065, "cacheReadInputTokens": 1000, "cacheWriteInputTokens": 50,
}


def ended(reason, *more):
    return [{"messageStop": {"stopReason": reason}}, {"metadata": {"usage": USAGE, "metrics": {"latencyMs": 1}}}, *more]


def text_events(text, reason):
    delta = {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": text}}}
    return {
        "events": [{"messageStart": {"role": "assistant"}}, delta, {"contentBlockStop": {"contentBlockIndex": 0}}, *ended(reason)]
    }


SCRIPT = {
    "text": [{"text": TEXT}],
    "tools": [{"text": "Wait.", "tool": CALLS}],
    "usage": [text_events("cached", "end_turn")],
    "limit": [text_events("cut he", "max_tokens")],
    "guardrail": [text_events("Sorry.", "guardrail_intervened")],
    # By turn, so that every conversation gets all three.
    CLAUDE: [
        {"when": {"turn": 1}, "reasoning": "Think of the city.", "signature": "c2lnMQ==", "text": "Wait.", "tool": CALLS[:1]},
        {"when": {"turn": 2}, "reasoning": "Now the time.", "signature": "c2lnMg==", "tool": CALLS[1:]},
        {"when": {"turn": 3}, "reasoning": "Done.", "signature": "c2lnMw==", "text": "It is late and warm."},
    ],
    "throttled": [{"refuse": "throttling", "retry_after": 2}],
    "*": [{}],
}
CHAT_TOOLS = [
    {"type": "function", "function": {"name": call["name"], "parameters": {"type": "object", "properties": {}}}}
    for call in CALLS
]
RESPONSES_TOOLS = [{"type": "function", **tool["function"], "strict": False} for tool in CHAT_TOOLS]
MESSAGES_TOOLS = [{"name": call["name"], "input_schema": {"type": "object", "properties": {}}} for call in CALLS]


class Cases:
    def __init__(self, url, record):
        self.record = record
        self.url = url
        self.openai = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, timeout=30)
        self.anthropic = anthropic.Anthropic(base_url=url, api_key="any", max_retries=0, timeout=30)

    def client(self, dialect):
        return self.anthropic if dialect == "messages" else self.openai

    def sent(self):
        """The body of the latest request that the fake got."""
        body = json.loads(self.record.read_text().splitlines()[-1])["body"]
        return json.loads(body) if isinstance(body, str) else body

    def text_is_exact(self):
        for dialect, readers in READERS.items():
            for read in readers:
                assert read(self.client(dialect), "text") == {"text": TEXT, "calls": [], "ended": True}, read

    def two_tools_in_parallel(self):
        calls = [[call["name"], call["input"]] for call in CALLS]
        tools = {"chat": CHAT_TOOLS, "responses": RESPONSES_TOOLS, "messages": MESSAGES_TOOLS}
        for dialect, readers in READERS.items():
            for read in readers:
                got = read(self.client(dialect), "tools", tools=tools[dialect])
                assert got == {"text": "Wait.", "calls": calls, "ended": True}, (read, got)

    def results_go_back_in_chat(self):
        messages = [{"role": "user", "content": "What is the weather?"}]
        message = self.openai.chat.completions.create(model="tools", messages=messages, tools=CHAT_TOOLS).choices[0].message
        messages.append(message)
        for call in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": call.id, "content": f"result of {call.function.name}"})
        self.openai.chat.completions.create(model="m", messages=messages, tools=CHAT_TOOLS)
        *_, assistant, results = self.sent()["messages"]
        ids = [block["toolUse"]["toolUseId"] for block in assistant["content"] if "toolUse" in block]
        assert ids == ["tooluse_a", "tooluse_b"], assistant
        # The results of one turn stand in one message.
        assert [block["toolResult"]["toolUseId"] for block in results["content"]] == ids, results

    def results_go_back_in_responses(self):
        given = [{"role": "user", "content": "What is the weather?"}]
        for model in ("tools", "m"):
            response = self.openai.responses.create(model=model, input=given, tools=RESPONSES_TOOLS)
            calls = [item for item in response.output if item.type == "function_call"]
            given += response.output
            given += [{"type": "function_call_output", "call_id": call.call_id, "output": "fine"} for call in calls]
        *_, assistant, results = self.sent()["messages"]
        ids = [block["toolUse"]["toolUseId"] for block in assistant["content"] if "toolUse" in block]
        assert ids == ["tooluse_a", "tooluse_b"], assistant
        assert [block["toolResult"]["toolUseId"] for block in results["content"]] == ids, results

    def thinking_over_three_turns_in_messages(self):
        messages = [{"role": "user", "content": "What is the weather?"}]
        for turn in range(3):
            with self.anthropic.messages.stream(
                model=CLAUDE, max_tokens=4000, messages=messages, tools=MESSAGES_TOOLS,
                thinking={"type": "enabled", "budget_tokens": 1024},
            ) as stream:
                message = stream.get_final_message()
            assert message.content[0].type == "thinking" and message.content[0].signature, message
            messages.append({"role": "assistant", "content": message.content})
            results = [
                {"type": "tool_result", "tool_use_id": block.id, "content": "fine"}
                for block in message.content if block.type == "tool_use"
            ]
            if results:
                messages.append({"role": "user", "content": results})
        assert turn == 2 and message.stop_reason == "end_turn", message
        sent = self.sent()
        signatures = [
            block["reasoningContent"]["reasoningText"]["signature"]
            for message in sent["messages"] if message["role"] == "assistant"
            for block in message["content"] if "reasoningContent" in block
        ]
        assert signatures == ["c2lnMQ==", "c2lnMg=="], sent
        assert sent["additionalModelRequestFields"]["thinking"]["budget_tokens"] == 1024, sent

    def a_tool_runner_goes_on_without_a_thread(self):
        """It asks for a conversation that the server keeps, and sends the whole one once that is refused."""

        @anthropic.beta_tool
        def get_weather(city: str, n: int = 0) -> str:
            """The weather."""
            return f"fine in {city}"

        @anthropic.beta_tool
        def get_time() -> str:
            """The time."""
            return "late"

        message = self.anthropic.beta.messages.tool_runner(
            model=CLAUDE, max_tokens=4000, messages=[{"role": "user", "content": "What is the weather?"}],
            tools=[get_weather, get_time],
        ).until_done()
        assert (message.stop_reason, message.content[-1].text) == ("end_turn", "It is late and warm."), message
        sent = self.sent()["messages"]
        assert [message["role"] for message in sent] == ["user", "assistant", "user", "assistant", "user"], sent
        thread = self.anthropic.beta.messages.thread(
            model="m", max_tokens=100, unsupported_request_behavior="continue_unthreaded"
        )
        for turn, question in enumerate(["My name is Ada.", "What is my name?"]):
            thread.send({"role": "user", "content": question})
            assert len(self.sent()["messages"]) == 1 + 2 * turn, self.sent()

    def reasoning_over_three_turns_in_responses(self):
        given = [{"role": "user", "content": "What is the weather?"}]
        for _ in range(3):
            with self.openai.responses.stream(
                model=CLAUDE, input=given, tools=RESPONSES_TOOLS, include=["reasoning.encrypted_content"], store=False,
            ) as stream:
                response = stream.get_final_response()
            given += [item.model_dump(exclude_none=True) for item in response.output]
            given += [
                {"type": "function_call_output", "call_id": item.call_id, "output": "fine"}
                for item in response.output if item.type == "function_call"
            ]
        signatures = [
            block["reasoningContent"]["reasoningText"]["signature"]
            for message in self.sent()["messages"] if message["role"] == "assistant"
            for block in message["content"] if "reasoningContent" in block
        ]
        assert signatures == ["c2lnMQ==", "c2lnMg=="], self.sent()

    def structured_output(self):
        completion = self.openai.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Where?"}],
            response_format={"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}},
        )
        assert set(json.loads(completion.choices[0].message.content)) == {"city"}, completion
        response = self.openai.responses.create(
            model="m", input="Where?", text={"format": {"type": "json_schema", "name": "place", "schema": SCHEMA}},
        )
        assert set(json.loads(response.output_text)) == {"city"}, response
        with self.anthropic.messages.stream(
            model="m", max_tokens=1000, messages=[{"role": "user", "content": "Where?"}],
            output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
        ) as stream:
            message = stream.get_final_message()
        assert set(json.loads(message.content[-1].text)) == {"city"}, message

    def images(self):
        url = f"data:image/png;base64,{PNG}"
        self.openai.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": url}}]}],
        )
        assert self.sent()["messages"][0]["content"][1]["image"]["source"]["bytes"] == PNG, self.sent()
        self.openai.responses.create(
            model="m",
            input=[{"role": "user", "content": [{"type": "input_text", "text": "See"}, {"type": "input_image", "image_url": url, "detail": "auto"}]}],
        )
        assert self.sent()["messages"][0]["content"][1]["image"]["format"] == "png", self.sent()
        source = {"type": "base64", "media_type": "image/png", "data": PNG}
        self.anthropic.messages.create(
            model="m", max_tokens=100,
            messages=[{"role": "user", "content": [{"type": "image", "source": source}, {"type": "text", "text": "See"}]}],
        )
        assert self.sent()["messages"][0]["content"][0]["image"]["format"] == "png", self.sent()
        try:
            self.openai.chat.completions.create(
                model="m",
                messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}],
            )
            raise AssertionError("an image by URL was taken")
        except openai.BadRequestError as error:
            assert error.param == "messages[0].content[0].image_url.url" or "image_url" in error.param, error.param

    def usage_with_cached_tokens(self):
        completion = self.openai.chat.completions.create(model="usage", messages=[{"role": "user", "content": "Hi"}])
        usage = completion.usage
        assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (1060, 5, 1065), usage
        assert usage.prompt_tokens_details.cached_tokens == 1000, usage
        with self.openai.chat.completions.stream(
            model="usage", messages=[{"role": "user", "content": "Hi"}], stream_options={"include_usage": True}
        ) as stream:
            streamed = stream.get_final_completion().usage
        assert streamed == usage, streamed
        response = self.openai.responses.create(model="usage", input="Hi")
        assert (response.usage.input_tokens, response.usage.input_tokens_details.cached_tokens) == (1060, 1000), response
        with self.anthropic.messages.stream(
            model="usage", max_tokens=100, messages=[{"role": "user", "content": "Hi"}]
        ) as stream:
            usage = stream.get_final_message().usage
        told = usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.output_tokens
        assert told == (10, 1000, 50, 5), usage

    def limits_and_guardrails(self):
        hi = [{"role": "user", "content": "Hi"}]
        for model, chat, responses, messages in [
            ("limit", "length", "max_output_tokens", "max_tokens"),
            ("guardrail", "content_filter", "content_filter", "refusal"),
        ]:
            assert self.openai.chat.completions.create(model=model, messages=hi).choices[0].finish_reason == chat
            response = self.openai.responses.create(model=model, input="Hi")
            assert (response.status, response.incomplete_details.reason) == ("incomplete", responses), response
            message = self.anthropic.messages.create(model=model, max_tokens=100, messages=hi)
            assert message.stop_reason == messages, message
            # As streams too.
            chunks = list(self.openai.chat.completions.create(model=model, messages=hi, stream=True))
            assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == chat, chunks
            last = list(self.openai.responses.create(model=model, input="Hi", stream=True))[-1]
            assert (last.type, last.response.incomplete_details.reason) == ("response.incomplete", responses), last
            with self.anthropic.messages.stream(model=model, max_tokens=100, messages=hi) as stream:
                assert stream.get_final_message().stop_reason == messages

    def errors_have_their_classes(self):
        hi = [{"role": "user", "content": "Hi"}]
        for call in (
            lambda: self.openai.chat.completions.create(model="throttled", messages=hi, stream=True),
            lambda: self.openai.responses.create(model="throttled", input="Hi"),
            lambda: self.anthropic.messages.create(model="throttled", max_tokens=9, messages=hi, stream=True),
        ):
            try:
                call()
                raise AssertionError("it was not throttled")
            except (openai.RateLimitError, anthropic.RateLimitError) as error:
                assert error.response.headers["retry-after"] == "2", error.response.headers
                assert error.request_id.startswith("req_"), error.request_id
        try:
            self.openai.chat.completions.create(model="m", messages=hi, n=2)
            raise AssertionError("n was taken")
        except openai.BadRequestError as error:
            assert error.param == "n", error.param

    def other_endpoints(self):
        assert [model.id for model in self.openai.models.list()] == ["short"]
        assert [model.id for model in self.anthropic.models.list()] == ["short"]
        assert self.openai.chat.completions.create(
            model="short", messages=[{"role": "user", "content": "Hi"}]
        ).model == "short"
        counted = self.anthropic.messages.count_tokens(model="m", messages=[{"role": "user", "content": "Hi"}])
        assert counted.input_tokens > 0, counted


def npm(node, script, url, record):
    """Asks the same by the npm packages: whether all went well."""
    known = {"text": TEXT, "calls": CALLS, "png": PNG, "schema": SCHEMA, "claude": CLAUDE}
    cases = record.with_name("cases.json")
    cases.write_text(json.dumps({"url": url, "record": str(record), **known}))
    return subprocess.run([node, script, str(cases)]).returncode == 0


def main():
    program, *js = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        script, record = Path(folder, "script.json"), Path(folder, "requests.jsonl")
        script.write_text(json.dumps(SCRIPT))
        with (
            started(program, "serve", "--strict", "--script", str(script), "--record", str(record)) as (fake, _),
            gateway(program, fake, "--alias", f"short={CLAUDE}") as url,
        ):
            cases = Cases(url, record)
            failed = 0
            for name, case in vars(Cases).items():
                if name not in ("__init__", "client", "sent") and callable(case):
                    try:
                        case(cases)
                        print(f"ok      {name}")
                    except Exception as error:  # noqa: BLE001: one line a case, and the rest go on
                        failed += 1
                        print(f"FAILED  {name}: {type(error).__name__}: {str(error)[:1500]}")
            sys.stdout.flush()
            if js and not npm(*js, url, record):
                failed += 1
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
