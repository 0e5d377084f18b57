"""LiteLLM's client and Vercel's AI SDK through the gateway, before the fake: what their streams say, and that a broken one raises.

Usage: python frameworks.py BEDROCK_STREAM [NODE STREAMS_MJS]

LiteLLM asks as it asks OpenAI (Chat Completions and Responses) and Anthropic (Messages). NODE runs STREAMS_MJS, which is
`js/streams.mjs` in a folder where its packages are installed. No AWS account, no network beyond loopback.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Before it is imported: otherwise it downloads the prices of all models.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
from running import gateway, started

# With all that Python's `splitlines` takes for the end of a line, as LiteLLM's reader of Messages does.
TEXT = "Żółw 🐢 says \"hi\"\nand\tgoes. \u2028 \u2029 \x85 \x1e End"
CALLS = [
    {"name": "get_weather", "input": {"city": "Zürich"}, "id": "tooluse_a"},
    {"name": "get_time", "input": {}, "id": "tooluse_b"},
]
USAGE = {
    "inputTokens": 10, "outputTokens": 5, "totalTokens": 1065, "cacheReadInputTokens": 1000, "cacheWriteInputTokens": 50,
}
CLAUDE = "anthropic.claude-sonnet-4-20250514-v1:0"
REASONING = "Think of the city."
FAULTS = ["exception", "no-stop", "cut", "bad-crc"]
SCRIPT = {
    "text": [{"text": TEXT}],
    "tools": [{"text": "Wait.", "tool": CALLS}],
    "usage": [{
        "events": [
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "cached"}}},
            {"contentBlockStop": {"contentBlockIndex": 0}},
            {"messageStop": {"stopReason": "end_turn"}},
            {"metadata": {"usage": USAGE, "metrics": {"latencyMs": 1}}},
        ]
    }],
    CLAUDE: [{"reasoning": REASONING, "signature": "c2lnMQ==", "text": "Thought."}],
    **{fault: [{"text": "word " * 50, "fault": fault}] for fault in FAULTS},
}
HI = [{"role": "user", "content": "Hi"}]
TOOLS = [
    {"type": "function", "function": {"name": call["name"], "parameters": {"type": "object", "properties": {}}}}
    for call in CALLS
]


class LiteLlm:
    """One of its providers, asked by `completion`."""

    def __init__(self, provider, base):
        self.provider, self.base = provider, base

    def read(self, model, **more):
        """Put together by its own helper."""
        chunks = litellm.completion(
            model=f"{self.provider}/{model}", messages=HI, api_base=self.base, api_key="any", max_tokens=1000, stream=True,
            stream_options={"include_usage": True}, num_retries=0, max_retries=0, timeout=30, **more,
        )
        return litellm.stream_chunk_builder(list(chunks), messages=HI)

    def text(self):
        [choice] = self.read("text").choices
        assert (choice.message.content, choice.finish_reason) == (TEXT, "stop"), choice

    def tools(self):
        [choice] = self.read("tools", tools=TOOLS).choices
        calls = [(call.function.name, json.loads(call.function.arguments or "{}")) for call in choice.message.tool_calls]
        assert calls == [(call["name"], call["input"]) for call in CALLS], calls
        assert (choice.message.content, choice.finish_reason) == ("Wait.", "tool_calls"), choice

    def usage(self):
        usage = self.read("usage").usage
        told = usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details.cached_tokens
        assert told == (1060, 5, 1000), usage

    def reasoning(self):
        message = self.read(CLAUDE).choices[0].message
        assert (message.reasoning_content, message.content) == (REASONING, "Thought."), message

    def an_error_in_the_middle(self):
        for fault in FAULTS:
            raises(lambda: self.read(fault), fault)


class LiteLlmResponses:
    """Its own Responses."""

    def __init__(self, base):
        self.base = base

    def read(self, model, **more):
        stream = litellm.responses(
            model=f"openai/{model}", input="Hi", api_base=self.base, api_key="any", stream=True, timeout=30, **more
        )
        text, end = "", None
        for event in stream:
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type == "response.completed":
                end = event.response
            elif event.type in ("error", "response.failed"):
                raise RuntimeError(event)
        if end is None:
            raise RuntimeError("the stream has no end")
        return text, end

    def text(self):
        assert self.read("text")[0] == TEXT

    def tools(self):
        tools = [{"type": "function", **tool["function"], "strict": False} for tool in TOOLS]
        _, response = self.read("tools", tools=tools)
        calls = [(item.name, json.loads(item.arguments)) for item in response.output if item.type == "function_call"]
        assert calls == [(call["name"], call["input"]) for call in CALLS], calls

    def usage(self):
        usage = self.read("usage")[1].usage
        told = usage.input_tokens, usage.output_tokens, usage.input_tokens_details.cached_tokens
        assert told == (1060, 5, 1000), usage

    def an_error_in_the_middle(self):
        for fault in FAULTS:
            raises(lambda: self.read(fault), fault)


def raises(read, fault):
    try:
        answer = read()
    except Exception:  # noqa: BLE001: whatever it raises
        return
    raise AssertionError(f"{fault} was read as {answer}")


def main():
    program, *js = sys.argv[1:]
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.json")
        script.write_text(json.dumps(SCRIPT))
        with (
            started(program, "serve", "--strict", "--script", str(script)) as (fake, _),
            gateway(program, fake) as url,
        ):
            clients = {
                "litellm openai/": LiteLlm("openai", f"{url}/v1"),
                "litellm anthropic/": LiteLlm("anthropic", url),
                "litellm responses": LiteLlmResponses(f"{url}/v1"),
            }
            for name, client in clients.items():
                for case in ("text", "tools", "usage", "reasoning", "an_error_in_the_middle"):
                    if not hasattr(client, case):
                        continue
                    try:
                        getattr(client, case)()
                        print(f"ok      {name}: {case}")
                    except Exception as error:  # noqa: BLE001: one line a case, and the rest go on
                        failed += 1
                        print(f"FAILED  {name}: {case}: {type(error).__name__}: {str(error)[:1500]}")
            sys.stdout.flush()
            if js:
                known = {"text": TEXT, "calls": CALLS, "usage": [1060, 5, 1000], "claude": CLAUDE, "reasoning": REASONING}
                cases = Path(folder, "cases.json")
                cases.write_text(json.dumps({"url": url, **known}))
                failed += subprocess.run([*js, str(cases)]).returncode
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
