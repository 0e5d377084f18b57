"""Minutes of random faults: the gateway's memory must not grow, and no answer may be silently short.

Usage: python soak.py EVERY_FAULT BEDROCK_STREAM [--seconds S] [--seed N]

EVERY_FAULT is the test kit's example of that name, BEDROCK_STREAM our program, best as a release build. Each client asks for a
fault at random, by a dialect at random, streaming or whole, and then reads to the end, goes away in the middle, or stops
reading. Prints the gateway's memory in each tenth of the time, as the median of twenty samples. Exits 0 if no answer was silently
short, if the memory in the second half is no more than a tenth and 8 MB above that in the first, and if no answer is left open.
No AWS account, no network beyond loopback.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from statistics import median

from processes import pinned, raise_file_limit, resident_bytes
from running import started

CLIENTS = 32
TEXT = "The weather in Paris: " + "wind, rain and sun. " * 20
CALL = {"name": "get_weather", "input": {"city": "Paris"}, "id": "tooluse_a"}
# 8 MB, which is more than the buffers on the way hold, so that the gateway must wait for the client.
LONG = "long"
LONG_EVENTS = [
    {"messageStart": {"role": "assistant"}},
    *[{"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "a word " * 1_200}}}] * 1_000,
    {"contentBlockStop": {"contentBlockIndex": 0}},
    {"messageStop": {"stopReason": "end_turn"}},
    {"metadata": {"usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}, "metrics": {"latencyMs": 1}}},
]
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
TOOL = {"type": "object", "properties": {}}


def request(dialect, model, stream):
    body = {"model": model, "stream": stream}
    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    if dialect == "chat":
        tool = {"type": "function", "function": {"name": CALL["name"], "parameters": TOOL}}
        body |= {"messages": question, "tools": [tool]}
    elif dialect == "responses":
        body |= {"input": question, "tools": [{"type": "function", "name": CALL["name"], "parameters": TOOL}]}
    else:
        body |= {"messages": question, "max_tokens": 1000, "tools": [{"name": CALL["name"], "input_schema": TOOL}]}
    body = json.dumps(body)
    return (
        f"POST {PATHS[dialect]} HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\nconnection: close\r\n"
        f"content-length: {len(body)}\r\n\r\n{body}"
    ).encode()


def dechunked(rest):
    """The body of a chunked response; `None` if it breaks off."""
    pieces, at = [], 0
    while (end := rest.find(b"\r\n", at)) >= 0:
        length = int(rest[at:end], 16)
        if length == 0:
            return b"".join(pieces)
        at = end + 2 + length + 2
        if at > len(rest):
            return None
        pieces.append(rest[end + 2:at - 2])
    return None


def of_stream(dialect, body):
    """The text and the arguments of a stream, and whether it has an end."""
    text, arguments, has_end = "", "", False
    for line in body.decode().split("\n"):
        data = line.removeprefix("data: ")
        if data == line:
            continue
        if data == "[DONE]":
            has_end = True
            continue
        event = json.loads(data)
        if dialect == "chat":
            for choice in event.get("choices", ()):
                text += choice["delta"].get("content") or ""
                for call in choice["delta"].get("tool_calls") or ():
                    arguments += call["function"].get("arguments") or ""
                has_end = has_end or choice["finish_reason"] is not None
        elif dialect == "responses":
            text += event["delta"] if event["type"] == "response.output_text.delta" else ""
            arguments += event["delta"] if event["type"] == "response.function_call_arguments.delta" else ""
            has_end = has_end or event["type"] in ("response.completed", "response.incomplete")
        else:
            delta = event.get("delta") or {}
            text += delta.get("text", "")
            arguments += delta.get("partial_json", "")
            has_end = has_end or event["type"] == "message_stop" or delta.get("stop_reason") is not None
    return text, arguments, has_end


def of_whole(dialect, answer):
    """The same of a whole answer."""
    if dialect == "chat":
        message = answer["choices"][0]["message"]
        calls = message.get("tool_calls") or ()
        return message["content"] or "", "".join(call["function"]["arguments"] for call in calls), True
    if dialect == "responses":
        items = answer["output"]
        text = "".join(part["text"] for item in items if item["type"] == "message" for part in item["content"])
        calls = "".join(item["arguments"] for item in items if item["type"] == "function_call")
        return text, calls, answer["status"] in ("completed", "incomplete")
    text = "".join(block.get("text", "") for block in answer["content"])
    calls = "".join(json.dumps(block["input"]) for block in answer["content"] if block["type"] == "tool_use")
    return text, calls, True


def conclusion(dialect, stream, response):
    """What a client must take a response for that it has read to its end."""
    head, found, rest = response.partition(b"\r\n\r\n")
    if not found or not head.startswith(b"HTTP/1.1 200"):
        return "error"
    if b"transfer-encoding: chunked" in head.lower():
        rest = dechunked(rest)
    if rest is None:
        return "error"
    if stream:
        text, arguments, has_end = of_stream(dialect, rest)
    else:
        text, arguments, has_end = of_whole(dialect, json.loads(rest))
    if not has_end:
        return "error"
    return "whole" if text == TEXT and json.loads(arguments or "{}") == CALL["input"] else "short"


async def ask(port, faults, chance, counts):
    """One client with one question."""
    dialect, stream = chance.choice(list(PATHS)), chance.random() < 0.8
    way = chance.choices(["reads", "goes away", "stops reading"], [8, 3, 1])[0]
    # What is read to the end is judged: the long answer is for the others. Whole, it would be memory that is meant to be used.
    model = chance.choice(faults) if way == "reads" or not stream or chance.random() < 0.7 else LONG
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=64 << 10)
    try:
        writer.write(request(dialect, model, stream))
        await writer.drain()
        if way == "goes away":
            await reader.read(chance.randrange(1, 4000))
        elif way == "stops reading":
            await reader.read(100)
            await asyncio.sleep(chance.uniform(0.5, 5))
        else:
            found = conclusion(dialect, stream, await asyncio.wait_for(reader.read(-1), 60))
            if found == "short" and faults[model] == "complete":
                # Every message is valid: no client can tell that one was lost, repeated or moved.
                found = "as sent"
            counts[found] += 1
            if found == "short":
                print(f"silently short: {model}, {dialect}, {'stream' if stream else 'whole'}", flush=True)
            return
        counts[way] += 1
    except (ConnectionError, asyncio.IncompleteReadError):
        counts["error" if way == "reads" else way] += 1
    finally:
        # Without a farewell where something is still to be read.
        writer.transport.abort()


class Faults(dict):
    """What must be concluded, by fault; one can be chosen at random."""

    def __getitem__(self, key):
        return list(self)[key] if isinstance(key, int) else super().__getitem__(key)


async def client(port, faults, chance, counts, end):
    while time.monotonic() < end:
        await ask(port, faults, chance, counts)


async def soak(args, port, gateway, faults):
    counts, memory, begun = Counter(), [], time.monotonic()
    chances = [random.Random(args.seed * 1000 + number) for number in range(CLIENTS)]
    end = begun + args.seconds
    clients = [asyncio.create_task(client(port, faults, chance, counts, end)) for chance in chances]
    for tenth in range(1, 11):
        samples = []
        while not samples or time.monotonic() < begun + args.seconds * tenth / 10:
            await asyncio.sleep(args.seconds / 200)
            samples.append(resident_bytes(gateway.pid) / 1e6)
        memory.append(median(samples))
        print(f"{args.seconds * tenth / 10:5.0f} s: {memory[-1]:.1f} MB, {sum(counts.values())} answers: {dict(counts)}", flush=True)
    await asyncio.gather(*clients)
    return counts, memory


def open_answers(url):
    metrics = urllib.request.urlopen(f"{url}/metrics", timeout=10).read().decode()
    return next(int(line.split()[-1]) for line in metrics.splitlines() if line.startswith("bedrock_stream_gateway_open_answers "))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("every_fault")
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    raise_file_limit(4096)
    faults = Faults({"none": "whole"})
    with started(args.every_fault) as (_, fake):
        while line := fake.stdout.readline().strip():
            dialect, _, fault, must = line.split("\t")
            if dialect == "converse":
                faults[fault] = must
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.json")
        replies = {fault: [{"text": TEXT, "tool": CALL, "fault": fault}] for fault in faults if fault != "none"}
        script.write_text(json.dumps(replies | {"none": [{"text": TEXT, "tool": CALL}], LONG: [{"events": LONG_EVENTS}]}))
        with (
            started(*pinned(1, args.program, "serve", "--log", "never", "--script", str(script))) as (fake, _),
            started(*pinned(0, args.program, "gateway", "--endpoint-url", fake, "--idle-timeout", "2")) as (url, gateway),
        ):
            print(f"seed {args.seed}, {len(faults)} faults; at the start {resident_bytes(gateway.pid) / 1e6:.1f} MB", flush=True)
            counts, memory = asyncio.run(soak(args, int(url.rpartition(":")[2]), gateway, faults))
            for _ in range(100):
                if (left := open_answers(url)) == 0:
                    break
                time.sleep(0.2)
    first, second = max(memory[:5]), max(memory[5:])
    print(f"{counts['short']} silently short; at most {first:.1f} MB in the first half, {second:.1f} MB in the second; {left} answers left open")
    sys.exit(0 if counts["short"] == 0 and counts["whole"] > 0 and second <= 1.1 * first + 8 and left == 0 else 1)


if __name__ == "__main__":
    main()
