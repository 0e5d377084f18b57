"""What the official SDKs conclude from recorded answers, and we: writes docs/sdk-differences.md, or checks that it is current.

Usage: python sdk_readers.py CONCLUSION SHARED [--check]

CONCLUSION is the example of that name of `crates/dialects`, SHARED the folder of the shared data. The packages `anthropic`,
`openai` and `boto3` must be importable: each reads the bytes by its own stream helper, over a transport that answers from
memory. Every answer is read whole, and cut at the end of every event. Exits 0 if every difference has its explanation
here, and every explanation its difference; with --check, also if the page is current. No network.
"""

import argparse
import base64
import json
import re
import subprocess
import sys
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import anthropic
import openai
from botocore.eventstream import EventStreamBuffer

PAGE = Path(__file__).resolve().parents[3] / "docs" / "sdk-differences.md"

# Whole answers from which the SDK and we conclude something else: who is right, and why.
OURS = "ours"
DIFFERENCES = {
    "chat-nochoices-oteljs": (OURS, "An event with `choices: null` has no content, and the answer is complete."),
    "chat-nofinish-snowflake-pydanticai": (
        "open",
        "`[DONE]` and usage arrived, but a finish reason never did. The answer was probably complete; but gateways also write"
        " `[DONE]` after a cut, so ours does not consider it proven. The SDK does not distinguish the two.",
    ),
    "chat-thinkingparts-mistral-rubyllm": (
        OURS,
        "The content comes as lists of parts and finally as a string. The SDK's final message has only that string.",
    ),
    "chat-tool-mistral-openinference": (OURS, "The call is complete in one delta, which has an id but no `index`."),
    "chat-tool-nodone-writer-openllmetry": (
        OURS,
        "Later deltas of the call repeat `id`, `type` and `name` as `null`. The SDK overwrites the type with `null`, and then"
        " asserts that it is `function`.",
    ),
    "chat-tool-truncated-length-rig": (
        "both",
        "The SDK's helper refuses every answer that was cut by `max_tokens`; ours is complete with that stop reason, and marks"
        " the input as unusable.",
    ),
    "messages-gateway-done-rig": (OURS, "A gateway wrote `[DONE]` after `message_stop`. The answer is proven complete by then."),
    "messages-spliced-start-vercel": (
        OURS,
        "A second message begins inside the call of the first. The SDK appends the arguments of both to one call, and its lenient"
        " parser turns them into a value that no model wrote.",
    ),
    "messages-tool-truncated-maxtokens-anthropicsdk": (
        OURS,
        "`max_tokens` cut the arguments. The SDK closes the JSON prefix and returns the value like any other; only the stop"
        " reason reveals the cut.",
    ),
    "responses-incomplete-ddpy": (
        OURS,
        "`response.incomplete` ends a response that reached its limit, with its text and usage. The helper knows only"
        " `response.completed`.",
    ),
    "responses-incomplete-tool-rig": (OURS, "The same; the input of the call that was cut is marked as unusable."),
    "responses-tool-output-empty-rig": (
        OURS,
        "The last event's `output` is empty although a call was streamed. The SDK's final response is that copy.",
    ),
    "invoke-claude-haiku-4-5-guardrail-reqllm": (
        OURS,
        "A guardrail blocked the input, so `message_delta` has no usage, which the SDK reads without a check. The answer is"
        " complete; ours reports `guardrail_intervened` in addition to the vendor's own stop reason.",
    ),
    "invoke-claude-instant-truncated-newrelic": (
        OURS,
        "The stream ends after `content_block_stop`, without `message_delta` and `message_stop`. A program that uses the SDK must"
        " check for a missing `stop_reason` itself.",
    ),
}

HEAD = """# What the official SDKs conclude from the same bytes

Written by `crates/dialects/interop/sdk_readers.py`; CI checks that it is up to date. The Python packages `anthropic` {anthropic}
and `openai` {openai} read recorded answers with their own stream helpers (`messages.stream`, `AnthropicBedrock`,
`chat.completions.stream`, `responses.stream`), and our decoders read the same bytes. The comparison covers the text, the tool
calls (id, name and input), the vendor's stop reason, and whether the answer counts as complete. For the SDK it does if nothing is
raised.

Of {count} complete answers, {same} have the same result. The others, one per row:

| answer | the SDK | ours | which is right | why |
|---|---|---|---|---|
"""

CUT = """
## Answers that end too early

The same answers, cut after each of their events, as a gateway or a lost connection cuts them. Whether the remainder has the
dialect's proof is determined by searching the events for it. Of the {proven} that have it, our decoders report all as complete, and of the {cut}
that do not, all as incomplete. Answers that end with an error are omitted.

| dialect | without proof | the SDK raises nothing | and has a stop reason, as if it were complete |
|---|---|---|---|
"""

CUT_WHY = """
Except for Responses, the helpers treat the end of the bytes as the end of the answer. A program notices only if it checks for a
missing stop reason, and that does not help in the last column: there the stop reason arrived, but not `message_stop`, or
another choice was still open.
"""


def transport(package, body, content_type):
    """A transport that answers every request with these bytes, in pieces of the size of a packet."""

    class Pieces(package.SyncByteStream):
        def __iter__(self):
            yield from (body[at : at + 1400] for at in range(0, len(body), 1400))

    def answer(_):
        return package.Response(200, headers={"content-type": content_type}, stream=Pieces())

    return package.Client(transport=package.MockTransport(answer))


def http_package(client_class):
    """The HTTP package that an SDK is built on: `httpx`, or what newer versions have in its place."""
    module = sys.modules[client_class.__mro__[1].__module__]
    return getattr(module, "httpx2", None) or module.httpx


def read_messages(client):
    arguments = {"model": "claude", "max_tokens": 100, "messages": [{"role": "user", "content": "?"}]}
    with client.messages.stream(**arguments) as stream:
        for _ in stream:
            pass
        message = stream.get_final_message()
    text = "".join(block.text for block in message.content if block.type == "text")
    calls = [
        (block.id, block.name, block.input)
        for block in message.content
        if block.type in ("tool_use", "server_tool_use", "mcp_tool_use")
    ]
    return {"text": text, "calls": calls, "stop": message.stop_reason}


def sdk_messages(body):
    package = http_package(anthropic.Anthropic)
    client = anthropic.Anthropic(
        api_key="key", http_client=transport(package, body, "text/event-stream"), max_retries=0
    )
    return read_messages(client)


def sdk_invoke(body):
    package = http_package(anthropic.Anthropic)
    client = anthropic.AnthropicBedrock(
        aws_access_key="AKID",
        aws_secret_key="secret",
        aws_region="us-east-1",
        http_client=transport(package, body, "application/vnd.amazon.eventstream"),
        max_retries=0,
    )
    return read_messages(client)


def sdk_chat(body):
    package = http_package(openai.OpenAI)
    client = openai.OpenAI(api_key="key", http_client=transport(package, body, "text/event-stream"), max_retries=0)
    with client.chat.completions.stream(model="gpt", messages=[{"role": "user", "content": "?"}]) as stream:
        for _ in stream:
            pass
        choice = stream.get_final_completion().choices[0]
    message = choice.message
    calls = [(call.id, call.function.name, loads(call.function.arguments)) for call in message.tool_calls or []]
    text = (message.content or "") + (message.refusal or "")
    return {"text": text, "calls": calls, "stop": choice.finish_reason}


def sdk_responses(body):
    package = http_package(openai.OpenAI)
    client = openai.OpenAI(api_key="key", http_client=transport(package, body, "text/event-stream"), max_retries=0)
    with client.responses.stream(model="gpt", input="?") as stream:
        for _ in stream:
            pass
        response = stream.get_final_response()
    text, calls = "", []
    for item in response.output or []:
        if item.type == "message":
            text += "".join(getattr(part, "text", None) or getattr(part, "refusal", "") for part in item.content)
        elif item.type == "function_call":
            calls.append((item.call_id, item.name, loads(item.arguments)))
        elif item.type == "custom_tool_call":
            calls.append((item.call_id, item.name, item.input))
    reason = response.incomplete_details and response.incomplete_details.reason
    return {"text": text, "calls": calls, "stop": f"incomplete:{reason}" if reason else response.status}


READERS = {"messages": sdk_messages, "invoke": sdk_invoke, "chat": sdk_chat, "responses": sdk_responses}


def loads(arguments):
    """A call's arguments as a value: their text where they are no JSON, and an object without members where there are none."""
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments


def sdk(carrier, body):
    """The SDK's conclusion."""
    try:
        return READERS[carrier](body) | {"complete": True}
    except Exception as error:
        message = re.sub(r"\s+", " ", str(error))
        return {"complete": False, "error": type(error).__name__, "message": message}


def ours(program, answers):
    """Our conclusion of each answer, in the same form."""
    lines = [
        json.dumps(
            {
                "dialect": "messages" if carrier == "invoke" else carrier,
                "carrier": "invoke" if carrier == "invoke" else "sse",
                "bytes": base64.b64encode(body).decode(),
            }
        )
        for carrier, body in answers
    ]
    output = subprocess.run([program], input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def differences(theirs, our):
    """In what the two conclusions differ: what the SDK says, and what we say."""
    if not theirs["complete"] or not our["complete"]:
        if theirs["complete"] == our["complete"]:
            return []
        failure = our["failure"] and our["failure"]["kind"]
        told = f"raises `{theirs['error']}`" if not theirs["complete"] else f"complete, `{theirs['stop']}`"
        said = failure if failure else f"complete, `{our['raw_stop_reason']}`"
        return [(told, said)]
    found = []
    if theirs["text"] != our["text"]:
        found.append((f"text of {len(theirs['text'])} characters", f"text of {len(our['text'])}"))
    calls = [(call["id"], call["name"], loads(call["arguments"])) for call in our["calls"]]
    if [tuple(call) for call in theirs["calls"]] != calls:
        found.append((f"calls {shown(theirs['calls'])}", f"calls {shown(calls)}"))
    unusable = [call["name"] for call in our["calls"] if not call["usable"]]
    if unusable:
        found.append((f"the input of `{unusable[0]}` as if it were complete", "its input is marked as unusable"))
    if theirs["stop"] != our["raw_stop_reason"]:
        found.append((f"stop reason `{theirs['stop']}`", f"`{our['raw_stop_reason']}`"))
    if our["errors"]:
        found.append(("no error", f"{len(our['errors'])} skipped ({', '.join(sorted(set(our['errors'])))})"))
    return found


def shown(calls):
    text = ", ".join(f"{name}({json.dumps(value) if not isinstance(value, str) else value})" for _, name, value in calls)
    return f"`{text[:80]}{'..' if len(text) > 80 else ''}`" if calls else "none"


def answers(shared):
    """Every recorded answer that an SDK can read: its name, how it is carried, its bytes."""
    for path in sorted((shared / "sse").glob("*.sse")):
        yield path.stem, path.stem.split("-")[0], path.read_bytes()
    for path in sorted((shared / "recordings").glob("invoke-claude*.bin")):
        yield path.stem, "invoke", path.read_bytes()


def event_ends(carrier, body):
    """Where each event of an answer ends."""
    if carrier != "invoke":
        return [match.end() for match in re.finditer(rb"\r?\n\r?\n", body)]
    buffer, ends, at = EventStreamBuffer(), [], 0
    buffer.add_data(body)
    for event in buffer:
        at += event.prelude.total_length
        ends.append(at)
    return ends


def payloads(carrier, body):
    """The JSON objects of an answer."""
    if carrier == "invoke":
        buffer = EventStreamBuffer()
        buffer.add_data(body)
        for event in buffer:
            chunk = json.loads(event.payload)
            if "bytes" in chunk:
                yield json.loads(base64.b64decode(chunk["bytes"]))
        return
    for block in re.split(r"\r?\n\r?\n", body.decode()):
        data = "\n".join(line[5:] for line in block.splitlines() if line.startswith("data:"))
        try:
            payload = json.loads(data)
        except ValueError:
            continue
        if isinstance(payload, dict):
            yield payload


def has_proof(carrier, body):
    """Whether the dialect's own proof that the answer is complete is in it."""
    read = list(payloads(carrier, body))
    types = {payload.get("type") for payload in read}
    if carrier == "responses":
        return bool(types & {"response.completed", "response.incomplete"})
    if carrier != "chat":
        return "message_stop" in types or any(payload.get("stop_reason") for payload in read)
    finished = {}
    for choice in (choice for payload in read for choice in payload.get("choices") or []):
        index = choice.get("index", 0)
        finished[index] = finished.get(index) or bool(choice.get("finish_reason"))
    return bool(finished) and all(finished.values())


def cut(program, whole):
    """How often the SDK says nothing of an answer without proof, by dialect; how many have one; and where we are wrong."""
    cases = [
        (name, carrier, body[:end]) for name, carrier, body in whole for end in [0, *event_ends(carrier, body)][:-1]
    ]
    counts, proven, wrong = defaultdict(Counter), 0, []
    for (name, carrier, body), our in zip(cases, ours(program, [case[1:] for case in cases])):
        if our["failure"] and our["failure"]["kind"] == "exception":
            continue
        is_proven = has_proof(carrier, body)
        if our["complete"] != is_proven:
            wrong.append(f"{name} cut at {len(body)}: {our['failure'] or 'complete'}")
        if is_proven:
            proven += 1
            continue
        theirs = sdk(carrier, body)
        counts[carrier]["cut"] += 1
        counts[carrier]["silent"] += theirs["complete"]
        counts[carrier]["as if whole"] += theirs["complete"] and bool(theirs["stop"])
    return counts, proven, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("conclusion")
    parser.add_argument("shared", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    # The packages warn of members that their models lack.
    warnings.simplefilter("ignore")

    whole = list(answers(arguments.shared))
    rows, failed = [], []
    conclusions = ours(arguments.conclusion, [(carrier, body) for _, carrier, body in whole])
    for (name, carrier, body), our in zip(whole, conclusions):
        found = differences(sdk(carrier, body), our)
        if bool(found) != (name in DIFFERENCES):
            failed.append(f"{name}: {found or 'no longer differs'}")
        if found:
            who, why = DIFFERENCES.get(name, ("?", "?"))
            told, said = (re.sub(r"\s+", " ", "; ".join(part)) for part in zip(*found))
            rows.append(f"| `{name}` | {told} | {said} | {who} | {why} |\n")
    page = HEAD.format(
        anthropic=anthropic.__version__, openai=openai.__version__, count=len(whole), same=len(whole) - len(rows)
    )
    counts, proven, wrong = cut(arguments.conclusion, whole)
    failed += wrong
    page += "".join(rows) + CUT.format(proven=proven, cut=sum(count["cut"] for count in counts.values()))
    for carrier, count in sorted(counts.items()):
        page += f"| {carrier} | {count['cut']} | {count['silent']} | {count['as if whole']} |\n"
    page += CUT_WHY

    print(f"{len(whole)} answers, {len(rows)} differ; {sum(count['cut'] for count in counts.values())} cut answers")
    for line in failed:
        print(f"FAILED  {line}")
    if not arguments.check:
        PAGE.write_text(page)
    elif PAGE.read_text() != page:
        was = set(PAGE.read_text().splitlines())
        print("\n".join(line for line in page.splitlines() if line not in was))
        sys.exit(f"FAILED  {PAGE.name} is not current: run this without --check")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
