"""Runs the README's lines that point OpenAI's and Anthropic's packages at the gateway, exactly as they stand there.

Usage: python readme.py

The interpreter must have the packages. The lines stand under "Let other clients use Bedrock": the first block starts the gateway, the
second asks it. Port 8080 must be free. No AWS account, no network beyond loopback.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def blocks():
    section = (ROOT / "README.md").read_text().split("## Let other clients use Bedrock\n")[1].split("\n## ")[0]
    start, ask = re.findall(r"```sh\n(.*?)```", section, re.S)
    assert "gateway --demo" in start and "import openai" in ask and "import anthropic" in ask, section
    return start, ask


def main():
    start, ask = blocks()
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8080)) == 0:
            raise SystemExit("another program listens on port 8080, which the README's lines use")
    print(start + ask, end="", flush=True)
    # Of this machine, nothing that a fresh one would not have; `python` is the interpreter with the packages.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "OPENAI_", "ANTHROPIC_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    gateway = subprocess.Popen(
        ["bash", "-ec", start], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        url = gateway.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), url
        asked = subprocess.run(["bash", "-ec", ask], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, timeout=120)
    finally:
        # The whole session: cargo does not pass a signal on.
        os.killpg(gateway.pid, signal.SIGTERM)
        gateway.wait(timeout=30)
    print(asked.stdout, end="")
    questions = ask.count("\npython ")
    fine = asked.returncode == 0 and questions == asked.stdout.count('You asked: "Hello"') == 2
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
