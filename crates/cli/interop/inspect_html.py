"""The pages that `bedrock-stream inspect --html` writes, in headless Chromium.

Usage: python inspect_html.py PATH_TO_BEDROCK_STREAM [CHROMIUM]      (standard library alone)
Exits 0 if each page shows its rows and bars, asks nobody for anything, and runs nothing that a stream brought along.
"""

import base64
import http.server
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import zlib
from html.parser import HTMLParser

HOSTILE = "</script><script>document.title='ran';console.error('ran')</script><img src=http://elsewhere.test/x onerror=alert(1)>\"'<b>"
EVENTS = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "Hm. " + HOSTILE}}}},
    {"contentBlockStop": {"contentBlockIndex": 0}},
    {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"text": HOSTILE}}},
    {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"text": " and more"}}},
    {"contentBlockStop": {"contentBlockIndex": 1}},
    {"contentBlockStart": {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": HOSTILE, "name": HOSTILE}}}},
    {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"toolUse": {"input": json.dumps({HOSTILE: HOSTILE})}}}},
    {"contentBlockStop": {"contentBlockIndex": 2}},
    {HOSTILE: {HOSTILE: HOSTILE}},
    {"messageStop": {"stopReason": HOSTILE}},
    {"metadata": {"usage": {"inputTokens": 3, "outputTokens": 20, "totalTokens": 23}}},
]
MESSAGES = [
    {"type": "message_start", "message": {"id": HOSTILE, "model": HOSTILE, "usage": {"input_tokens": 3, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm. " + HOSTILE}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": HOSTILE}},
    {"type": "content_block_stop", "index": 1},
    {"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": HOSTILE, "name": HOSTILE, "input": {}}},
    {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": json.dumps({HOSTILE: HOSTILE})}},
    {"type": "content_block_stop", "index": 2},
    {"type": HOSTILE, HOSTILE: HOSTILE},
    {"type": "message_delta", "delta": {"stop_reason": HOSTILE}, "usage": {"output_tokens": 20}},
    {"type": "message_stop"},
]
CHAT = [
    {"id": HOSTILE, "choices": [{"index": 0, "delta": {"role": "assistant", "reasoning": "Hm. " + HOSTILE}}]},
    {"choices": [{"index": 0, "delta": {"content": HOSTILE}}], HOSTILE: HOSTILE},
    {"choices": [{"index": 0, "delta": {"tool_calls": [
        {"index": 0, "id": HOSTILE, "type": "function", "function": {"name": HOSTILE, "arguments": json.dumps({HOSTILE: HOSTILE})}}
    ]}}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": HOSTILE}]},
    {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 20}},
    "[DONE]",
]
CALL = {"type": "function_call", "call_id": HOSTILE, "name": HOSTILE, "arguments": json.dumps({HOSTILE: HOSTILE})}
RESPONSES = [
    {"type": "response.created", "response": {"id": HOSTILE, "model": HOSTILE, "status": "in_progress", "output": []}},
    {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "content": []}},
    {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": HOSTILE},
    {"type": "response.output_item.done", "output_index": 0, "item": {"type": "message", "content": []}},
    {"type": "response.output_item.added", "output_index": 1, "item": CALL | {"arguments": ""}},
    {"type": "response.output_item.done", "output_index": 1, "item": CALL},
    {"type": "response." + HOSTILE, HOSTILE: HOSTILE},
    {"type": "response.completed", "response": {"status": "completed", "usage": {"input_tokens": 3, "output_tokens": 20}}},
]


def server_sent(payloads, is_named):
    """These payloads as server-sent events, whose names are their types."""
    written = ""
    for payload in payloads:
        data = payload if isinstance(payload, str) else json.dumps(payload)
        written += (f"event: {payload['type']}\n" if is_named else "") + f"data: {data}\n\n"
    return written.encode()


def invoked(program, payloads):
    """The event stream of an invoked model that sends these payloads."""
    bytes_of = lambda payload: base64.b64encode(json.dumps(payload).encode()).decode()
    return event_stream(program, [{"chunk": {"bytes": bytes_of(payload), "p": "abcd"}} for payload in payloads])


def event_stream(program, events):
    """The event stream of these events, each an object with its name alone."""
    lines = ""
    for event in events:
        [(name, payload)] = event.items()
        headers = [[":event-type", "string", name], [":content-type", "string", "application/json"], [":message-type", "string", "event"]]
        lines += json.dumps({"headers": headers, "payload": base64.b64encode(json.dumps(payload).encode()).decode()}) + "\n"
    run = subprocess.run([program, "encode"], input=lines.encode(), capture_output=True, timeout=120)
    check(f"the events can be encoded: {run.stderr}", run.returncode == 0)
    return run.stdout


# A page that runs a script and loads a resource, to show that the checks below would notice it.
CONTROL = """<!doctype html><title>control</title><img src="http://elsewhere.test/control.png">
<script>document.title = "ran"; console.error("ran")</script>"""
TEXT_BAR = (0x2F, 0x6F, 0xD0)
GROUND = {"light": (0xFF, 0xFF, 0xFF), "dark": (0x15, 0x18, 0x1C)}


class Elements(HTMLParser):
    """Counts elements, and those of each class."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.classes, self.title, self.in_title = {}, {}, "", False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        attributes = dict(attributes)
        for name in (attributes.get("class") or "").split():
            self.classes[name] = self.classes.get(name, 0) + 1
        if re.fullmatch(r"m\d+", attributes.get("id") or ""):
            self.classes["row"] = self.classes.get("row", 0) + 1
        handlers = [name for name in attributes if name.startswith("on")]
        check(f"no handler on <{tag}>: {handlers}", not handlers)
        self.in_title = tag == "title"

    def handle_data(self, data):
        if self.in_title:
            self.title += data

    def handle_endtag(self, tag):
        self.in_title = False


class Server:
    """Serves a folder, also as a proxy for every other host, so that all of the browser's requests arrive here."""

    def __init__(self, folder):
        self.asked = asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=folder)

            def do_GET(self):
                asked.append(self.headers.get("Host", "") + self.path)
                super().do_GET()

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.port = self.http.server_address[1]


def check(what, holds):
    if not holds:
        sys.exit(f"FAILED: {what}")


def browse(chromium, server, page, *options):
    """The page after the browser has loaded it, its console, and its other requests."""
    server.asked.clear()
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
        "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr",
        "--disable-features=NetworkTimeServiceQuerying",
        f"--host-resolver-rules=MAP * 127.0.0.1:{server.port}", *options, f"http://page.test/{page}",
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    check(f"chromium shows {page}: {run.stderr}", run.returncode == 0)
    console = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    check(f"{page} was asked for: {server.asked}", f"page.test/{page}" in server.asked)
    others = [asked for asked in server.asked if asked not in (f"page.test/{page}", "page.test/favicon.ico")]
    return run.stdout, console, others


def pixels(path):
    """The colours in a PNG of 8 bits a channel."""
    data = open(path, "rb").read()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    check(f"{path} has 8 bits a channel", depth == 8 and kind in (2, 6))
    size, at, packed = 4 if kind == 6 else 3, 8, b""
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        if name == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    raw, stride, before, colours = zlib.decompress(packed), width * size, bytearray(width * size), {}
    for row in range(height):
        start = row * (stride + 1)
        filter_type, line = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for i in range(stride):
            left, up = (line[i - size] if i >= size else 0), before[i]
            if filter_type == 1:
                line[i] = (line[i] + left) & 255
            elif filter_type == 2:
                line[i] = (line[i] + up) & 255
            elif filter_type == 3:
                line[i] = (line[i] + (left + up) // 2) & 255
            elif filter_type == 4:
                corner = before[i - size] if i >= size else 0
                guess = left + up - corner
                line[i] = (line[i] + min((left, up, corner), key=lambda value: abs(guess - value))) & 255
        for i in range(0, stride, size):
            colour = tuple(line[i : i + 3])
            colours[colour] = colours.get(colour, 0) + 1
        before = line
    return colours


def main():
    program = os.path.abspath(sys.argv[1])
    chromium = sys.argv[2] if len(sys.argv) > 2 else shutil.which("chromium") or shutil.which("google-chrome")
    check("there is a chromium", chromium)

    def call(*args, status=0):
        run = subprocess.run([program, *args], capture_output=True, timeout=120)
        check(f"{args} ends with {status}: {run.stderr.decode()}", run.returncode == status)
        return run.stdout

    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        server = Server(folder)
        open(at("control.html"), "w").write(CONTROL)
        html, console, others = browse(chromium, server, "control.html", "--dump-dom")
        check(f"a script that runs is noticed: {console}", "ran" in Elements(html).title and console)
        check(f"a request to elsewhere is noticed: {others}", others == ["elsewhere.test/control.png"])

        # A recording of the fake Bedrock with times, and one with hostile content.
        call("converse", "--demo", "--as", "message", "--record", at("demo.bin"), "Why is the sky blue?")
        open(at("events.bin"), "wb").write(event_stream(program, EVENTS))
        open(at("script.json"), "w").write(json.dumps({"*": [{"recording": "events.bin"}]}))
        fake = subprocess.Popen([program, "serve", "--script", at("script.json")], stdout=subprocess.PIPE, text=True)
        try:
            url = fake.stdout.readline().strip()
            options = ["--endpoint-url", url, "--region", "r", "--credentials", "a:b", "--model", "m", "--as", "events"]
            call("converse", *options, "--record", at("hostile.bin"), "hello")
        finally:
            fake.terminate()
            fake.wait()
        bytes_of = open(at("hostile.bin"), "rb").read()
        offsets = [json.loads(line)["offset"] for line in call("decode", "--as", "messages", at("hostile.bin")).splitlines()]
        damaged = bytearray(bytes_of)
        damaged[offsets[4] - 10] ^= 1
        open(at("damaged.bin"), "wb").write(damaged)
        open(at("error.bin"), "w").write(json.dumps({"message": HOSTILE, "__type": HOSTILE}))
        open(at("times"), "w").write(
            "".join(json.dumps({"offset": offset, "ms": 200 + 300 * number}) + "\n" for number, offset in enumerate(offsets))
        )

        open(at("messages.bin"), "wb").write(server_sent(MESSAGES, True))
        open(at("chat.bin"), "wb").write(server_sent(CHAT, False))
        open(at("responses.bin"), "wb").write(server_sent(RESPONSES, True))
        open(at("invoked.bin"), "wb").write(invoked(program, MESSAGES))
        # Cut inside the last event.
        open(at("cut.bin"), "wb").write(server_sent(MESSAGES, True)[:-10])

        for name, status, rows, bars in [
            ("demo", 0, None, 2),
            ("hostile", 0, len(EVENTS), 3),
            ("damaged", 1, 3, 1),
            ("error", 1, 0, 0),
            ("messages", 0, len(MESSAGES), 3),
            ("chat", 0, len(CHAT), 3),
            ("responses", 0, len(RESPONSES), 2),
            ("invoked", 0, len(MESSAGES), 3),
            ("cut", 1, len(MESSAGES) - 1, 3),
        ]:
            times = ["--times", at("times")] if name in ("hostile", "damaged") else []
            call("inspect", "--html", "-o", at(f"{name}.html"), *times, at(f"{name}.bin"), status=status)
            written = open(at(f"{name}.html"), encoding="utf-8").read()
            html, console, others = browse(chromium, server, f"{name}.html", "--dump-dom")
            check(f"{name}: the console is empty: {console}", not console)
            check(f"{name}: nothing else is asked for: {others}", not others)
            page = Elements(html)
            check(f"{name}: the title is its own: {page.title}", page.title.startswith(folder) and "ran" not in page.title.rsplit("/", 1)[1])
            for tag in ("script", "img", "b", "iframe", "link", "object", "form"):
                check(f"{name}: no <{tag}> came with the stream", tag not in page.tags)
            if rows is None:
                rows = len(call("decode", "--as", "messages", at(f"{name}.bin")).splitlines())
            check(f"{name}: {rows} rows: {page.classes}", page.classes.get("row", 0) == rows)
            check(f"{name}: a tick each", page.classes.get("tick", 0) == rows)
            blocks = page.classes.get("bar", 0) - page.classes.get("gap", 0)
            check(f"{name}: {bars} bars: {page.classes}", blocks == bars)
            check(f"{name}: gaps where there are times", (page.classes.get("gap", 0) > 0) == bool(times))
            check(f"{name}: the damage has its place", (page.classes.get("damage", 0) == 1) == (status == 1))
            units = "Events" if name in ("messages", "chat", "responses", "cut") else "Messages"
            check(f"{name}: it lists {units}", f"<h2>{units}</h2>" in written)
            check(f"{name}: the text is there as text", name == "demo" or "&lt;script&gt;" in written)
            print(f"{name}: {rows} rows, {bars} blocks, {page.classes.get('gap', 0)} gaps, console empty, nothing asked for")

        for scheme, options in [("light", []), ("dark", ["--blink-settings=preferredColorScheme=0"])]:
            picture = at(f"{scheme}.png")
            browse(chromium, server, "demo.html", "--window-size=700,600", f"--screenshot={picture}", *options)
            colours = pixels(picture)
            ground = max(colours, key=colours.get)
            check(f"{scheme}: the ground is {GROUND[scheme]}: {ground}", ground == GROUND[scheme])
            if scheme == "light":
                check("the bar of the text is drawn", colours.get(TEXT_BAR, 0) > 1000)
            print(f"{scheme}: ground {ground}, {len(colours)} colours")
    print("all pages are correct")


main()
