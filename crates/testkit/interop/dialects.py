"""The official SDKs of OpenAI and Anthropic read what `bedrock-stream serve` answers in their dialects.

Usage: python dialects.py PATH_TO_BEDROCK_STREAM      (openai, anthropic and boto3 must be importable)
Text, tools, a refusal and a cut, streamed and whole. Exits 0 if every SDK reads what was scripted.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import anthropic
import openai

KEY, ACCESS_KEY, SECRET_KEY = "interop-key", "AKIDINTEROP", "interop-secret"
TEXT = "Let me look at both cities."
CITIES = ["Paris", "Rome"]
SCRIPT = {
    "text": [{"text": TEXT}],
    "tools": [{"text": TEXT, "tool": [{"id": f"tooluse_{city}", "name": "look", "input": {"city": city}} for city in CITIES]}],
    "busy": [{"refuse": "ThrottlingException"}],
    "cut": [{"text": TEXT, "fault": "no-stop"}],
    "fails": [{"text": TEXT, "fault": "exception:throttlingException@middle"}],
}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
FUNCTION = {"name": "look", "parameters": SCHEMA}
failed = 0


def check(what, found, expected):
    global failed
    if found != expected:
        failed += 1
        print(f"FAILED  {what}: {found!r}, expected {expected!r}")


def raised(call):
    """The class of the exception that a call raises; none if it gives something."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return None


def model(case, is_invoked):
    """Invoke takes the vendor from the id."""
    return f"us.anthropic.claude-{case}" if is_invoked else case


def chat(client):
    def ask(case, **more):
        messages = [{"role": "user", "content": "Paris and Rome?"}]
        return client.chat.completions.create(model=case, messages=messages, **more)

    def streamed(case):
        text, calls, finish, usage = "", {}, None, None
        for chunk in ask(case, stream=True, stream_options={"include_usage": True}):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                finish = choice.finish_reason or finish
                text += choice.delta.content or ""
                for call in choice.delta.tool_calls or []:
                    calls.setdefault(call.index, [call.id, ""])[1] += call.function.arguments or ""
        return text, [(id, json.loads(arguments)["city"]) for id, arguments in calls.values()], finish, usage

    text, calls, finish, usage = streamed("text")
    check("chat: text", (text, calls, finish, usage.completion_tokens > 0), (TEXT, [], "stop", True))
    text, calls, finish, _ = streamed("tools")
    check("chat: tools", (text, calls, finish), (TEXT, [(f"tooluse_{city}", city) for city in CITIES], "tool_calls"))
    check("chat: refusal", raised(lambda: streamed("busy")), "RateLimitError")
    check("chat: error in the stream", raised(lambda: streamed("fails")), "APIError")
    check("chat: cut", streamed("cut")[2], None)
    whole = ask("tools", tools=[{"type": "function", "function": FUNCTION}]).choices[0]
    check("chat: whole", (whole.message.content, len(whole.message.tool_calls), whole.finish_reason), (TEXT, 2, "tool_calls"))
    check("chat: bad request", raised(lambda: client.chat.completions.create(model="text", messages=[])), "BadRequestError")
    turn = [
        {"role": "user", "content": "Paris?"},
        {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "sunny"},
    ]
    check("chat: tool result", client.chat.completions.create(model="text", messages=turn).choices[0].message.content, TEXT)


def responses(client):
    def final(case):
        with client.responses.stream(model=case, input="Paris and Rome?") as stream:
            stream.until_done()
            return stream.get_final_response()

    check("responses: text", (final("text").output_text, final("text").status), (TEXT, "completed"))
    calls = [(item.call_id, json.loads(item.arguments)["city"]) for item in final("tools").output if item.type == "function_call"]
    check("responses: tools", calls, [(f"tooluse_{city}", city) for city in CITIES])
    check("responses: refusal", raised(lambda: final("busy")), "RateLimitError")
    check("responses: error in the stream", raised(lambda: final("fails")), "APIError")
    check("responses: cut", raised(lambda: final("cut")), "RuntimeError")
    whole = client.responses.create(model="tools", input="Paris?", tools=[{"type": "function", "strict": False, **FUNCTION}])
    check("responses: whole", (whole.output_text, len(whole.output), whole.tools[0].name), (TEXT, 3, "look"))
    check("responses: bad request", raised(lambda: client.responses.create(model="text")), "BadRequestError")


def messages(what, client, is_invoked):
    question = [{"role": "user", "content": "Paris and Rome?"}]

    def final(case, **more):
        with client.messages.stream(model=model(case, is_invoked), max_tokens=99, messages=question, **more) as stream:
            return stream.get_final_message()

    message = final("text")
    check(f"{what}: text", (message.content[0].text, message.stop_reason), (TEXT, "end_turn"))
    check(f"{what}: usage", message.usage.output_tokens > 0, True)
    message = final("tools", tools=[{"name": "look", "input_schema": SCHEMA}])
    calls = [(block.id, block.input["city"]) for block in message.content if block.type == "tool_use"]
    check(f"{what}: tools", (calls, message.stop_reason), ([(f"tooluse_{city}", city) for city in CITIES], "tool_use"))
    check(f"{what}: refusal", raised(lambda: final("busy")), "RateLimitError")
    # The SDK takes the end of the bytes for the end of the answer; the stop reason came before the cut.
    check(f"{what}: cut", raised(lambda: final("cut")), None)
    check(f"{what}: error in the stream", raised(lambda: final("fails")) is not None, True)
    whole = client.messages.create(model=model("tools", is_invoked), max_tokens=99, messages=question)
    check(f"{what}: whole", (whole.content[0].text, len(whole.content), whole.stop_reason), (TEXT, 3, "tool_use"))
    bad = lambda: client.messages.create(model=model("text", is_invoked), max_tokens=99, messages=[])
    check(f"{what}: bad request", raised(bad), "BadRequestError")


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.json"
        script.write_text(json.dumps(SCRIPT | {model(case, True): replies for case, replies in SCRIPT.items()}))
        command = [program, "serve", "--script", str(script)]
        command += ["--bearer", KEY, "--credentials", f"{ACCESS_KEY}:{SECRET_KEY}"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = server.stdout.readline().strip()
            for prefix in ["/openai/v1", "/v1"]:
                client = openai.OpenAI(base_url=url + prefix, api_key=KEY, max_retries=0)
                chat(client)
                responses(client)
            messages("messages", anthropic.Anthropic(base_url=url + "/anthropic", api_key=KEY, max_retries=0), False)
            bedrock = anthropic.AnthropicBedrock(
                aws_access_key=ACCESS_KEY, aws_secret_key=SECRET_KEY, aws_region="us-east-1", base_url=url, max_retries=0
            )
            messages("AnthropicBedrock", bedrock, True)
            wrong = openai.OpenAI(base_url=url + "/v1", api_key="wrong", max_retries=0)
            check("wrong key", raised(lambda: wrong.responses.create(model="text", input="x")), "PermissionDeniedError")
        finally:
            server.terminate()
            server.wait()
    print(f"openai {openai.__version__}, anthropic {anthropic.__version__}: {failed} wrong")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1])
