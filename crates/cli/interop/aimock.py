"""`bedrock-stream converse` reads from `@copilotkit/aimock`, a public fake of model APIs, in every dialect over both HTTP clients.

Usage: python aimock.py PATH_TO_BEDROCK_STREAM FOLDER      (boto3 must be importable; FOLDER has aimock in its node_modules)
Exits 0 if each answer is read as its fixture says, and where it cannot be, boto3 cannot read it either. Loopback alone.

Where aimock differs from Bedrock, and Bedrock's own service model and recordings are right:

- Invoke: a `chunk` of Bedrock's has the vendor's JSON in base64, in its member `bytes`; aimock's is the JSON itself. Neither
  boto3 nor our program finds a payload. Ours says so of each chunk, and that the answer is incomplete; boto3 says nothing.
- Messages: Bedrock serves `/anthropic/v1/messages`, aimock `/v1/messages`. The proxy here takes the prefix away.
- Responses: an answer that reached its limit ends in `response.completed` with the status `incomplete`, and says no reason;
  OpenAI's ends in `response.incomplete` with `incomplete_details`. The stop reason is then the word `incomplete`.
- Converse: a block of reasoning begins with an empty `reasoningContent` in its start, of which Bedrock knows none. It is given
  as a member that is not known.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

import boto3
from botocore.config import Config

TEXT = "Hello! How can I help you today? This is a longer answer."
CALL = {"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}
FIXTURES = {
    "text": {"content": TEXT, "usage": {"prompt_tokens": 11, "completion_tokens": 9, "input_tokens": 11, "output_tokens": 9}},
    "limit": {"content": TEXT, "finishReason": "length"},
    "reasoning": {"content": "42.", "reasoning": "Let me think about this."},
    "calls": {"toolCalls": [CALL, {"name": "get_time", "arguments": "{}"}]},
    "both": {"content": "Let me look.", "toolCalls": [CALL]},
    "refused": {"error": {"message": "Too many", "type": "rate_limit_error"}, "status": 429},
    "cut": {"content": TEXT * 3},
}
MODEL = "anthropic.claude-opus-4-5"
DIALECTS = ["messages", "chat", "responses", "converse", "invoke"]


def check(what, holds):
    if not holds:
        sys.exit(f"FAILED: {what}")


class Proxy:
    """Passes bytes on to aimock, whose path for Messages lacks a prefix."""

    def __init__(self, port):
        self.port, self.listener = port, socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self.copy, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self.copy, args=(server, client, False), daemon=True).start()

    @staticmethod
    def copy(source, sink, is_request):
        try:
            while data := source.recv(65536):
                if is_request and data.startswith(b"POST /anthropic/v1/"):
                    data = data.replace(b"POST /anthropic/v1/", b"POST /v1/", 1)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def start(folder, work):
    fixtures = [{"match": {"userMessage": f"{name} please"}, "response": response} for name, response in FIXTURES.items()]
    # Slow enough that the bytes before the cut have been sent.
    fixtures[-1] |= {"truncateAfterChunks": 6, "latency": 100}
    path = os.path.join(work, "fixtures.json")
    with open(path, "w") as file:
        json.dump({"fixtures": fixtures}, file)
    port = free_port()
    program = os.path.join(folder, "node_modules", "@copilotkit", "aimock", "dist", "cli.js")
    aimock = subprocess.Popen(["node", program, "-p", str(port), "-f", path, "--log-level", "silent"])
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return aimock, port
        except OSError:
            check("aimock starts", aimock.poll() is None and time.monotonic() < deadline)
            time.sleep(0.1)


def ask(program, url, dialect, transport, name):
    """The lines that the program prints, and its exit status."""
    options = ["--endpoint-url", url, "--region", "us-east-1", "--credentials", "a:b", "--model", MODEL, "--transport", transport]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    run = subprocess.run(
        [program, "converse", "--dialect", dialect, *options, "--as", "chunks", f"{name} please"],
        env=clean, capture_output=True, text=True, timeout=120,
    )
    return [json.loads(line) for line in run.stdout.splitlines()], run.returncode


def conclusion(lines):
    """The result that an application gets from an answer."""
    joined = lambda kind: "".join(line["text"] for line in lines if line.get("type") == kind)
    calls = [(line["name"], line["input"]) for line in lines if line.get("type") == "tool_call_end"]
    last = lines[-1]
    return {"text": joined("text"), "reasoning": joined("reasoning"), "calls": calls, "stop": last.get("stop_reason"),
            "failure": last.get("failure", {}).get("kind")}


def expected(name, dialect):
    response = FIXTURES[name]
    calls = [(call["name"], json.loads(call["arguments"]) if isinstance(call["arguments"], str) else call["arguments"])
             for call in response.get("toolCalls", [])]
    limited = "incomplete" if dialect == "responses" else "max_tokens"
    stop = limited if response.get("finishReason") == "length" else "tool_use" if calls else "end_turn"
    return {"text": response.get("content", ""), "reasoning": response.get("reasoning", ""), "calls": calls, "stop": stop,
            "failure": None}


def boto3_finds_no_payload(url):
    client = boto3.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "text please"}]}
    events = list(client.invoke_model_with_response_stream(modelId=MODEL, body=json.dumps(body))["body"])
    check(f"boto3 reads chunks: {events}", len(events) > 3 and all(set(event) == {"chunk"} for event in events))
    check(f"boto3 finds no payload in them: {events}", not any("bytes" in event["chunk"] for event in events))
    return len(events)


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as work:
        aimock, port = start(folder, work)
        try:
            url = Proxy(port).url
            for dialect in DIALECTS:
                for transport in ("reqwest", "hyper"):
                    for name in FIXTURES:
                        lines, status = ask(program, url, dialect, transport, name)
                        where = f"{dialect} over {transport}, {name}"
                        check(f"{where}: something is printed", lines)
                        found = conclusion(lines)
                        if name == "refused":
                            check(f"{where}: {lines}", (found["failure"], status) == ("refusal", 1))
                            check(f"{where}: {lines}", lines[-1]["failure"]["status"] == 429)
                        elif name == "cut":
                            check(f"{where}: a cut answer is not whole: {lines}", found["failure"] in ("incomplete", "transport") and status == 1)
                        elif dialect == "invoke":
                            failures = [line["failure"] for line in lines if "failure" in line]
                            kinds = [failure["kind"] for failure in failures]
                            check(f"{where}: {lines}", kinds == ["payload"] * (len(kinds) - 1) + ["incomplete"] and status == 1)
                            check(f"{where}: {lines}", all("`bytes` is missing" in failure["message"] for failure in failures[:-1]))
                        else:
                            wanted = expected(name, dialect)
                            check(f"{where}: {found}, not {wanted}", found == wanted and status == 0)
                            known = {"converse": "reasoningContent"}.get(dialect)
                            others = [line for line in lines if line["type"] == "unknown" and line["member"] != known]
                            check(f"{where}: nothing is unknown: {others}", not others)
                    print(f"{dialect} over {transport}: {len(FIXTURES)} answers")
            print(f"invoke by boto3: {boto3_finds_no_payload(url)} chunks without a payload")
        finally:
            aimock.terminate()
            aimock.wait()
    print("every answer of aimock was read as its fixture says")


main()
