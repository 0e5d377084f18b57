"""Two gateways behind one nginx, as in docs/gateway.md; one is killed in the middle of its answers.

Usage: python behind_nginx.py BEDROCK_STREAM

Its open answers must break as errors, and none may look complete; all others and all new ones must be whole. nginx must be
installed. No AWS account, no network beyond loopback.
"""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from openai import OpenAI
from running import free_port, started

PAGE = Path(__file__).resolve().parents[3] / "docs" / "gateway.md"
TEXT = "word " * 200
ANSWERS = 40


def configuration(folder, port, gateways):
    """The page's own example, with these ports."""
    example = re.search(r"```nginx\n(.*?)```", PAGE.read_text(), re.S)[1]
    example = example.replace("listen 8080", f"listen 127.0.0.1:{port}")
    for name, url in zip(("127.0.0.1:8081", "127.0.0.1:8082"), gateways):
        assert name in example, example
        example = example.replace(name, url.removeprefix("http://"))
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}{example}}}\n"


def ask(client):
    try:
        text, ended = "", False
        stream = client.chat.completions.create(model="m", stream=True, messages=[{"role": "user", "content": "Hi"}])
        for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                ended = ended or choice.finish_reason is not None
    except Exception:  # noqa: BLE001: whatever the package raises
        return "raises"
    return "whole" if ended and text == TEXT else "silent"


def main():
    program = sys.argv[1]
    if not shutil.which("nginx"):
        raise SystemExit("nginx is not installed")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.json")
        script.write_text('{"*": [{"text": "%s"}]}' % TEXT)
        with (
            started(program, "serve", "--script", str(script), "--delay", "10") as (fake, _),
            started(program, "gateway", "--endpoint-url", fake) as (one, first),
            started(program, "gateway", "--endpoint-url", fake) as (two, _),
        ):
            port = free_port()
            config = Path(folder, "nginx.conf")
            config.write_text(configuration(folder, port, (one, two)))
            nginx = subprocess.Popen(["nginx", "-p", folder, "-c", str(config)], stderr=subprocess.DEVNULL)
            try:
                client = OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="any", max_retries=0, timeout=60)
                for _ in range(100):
                    with socket.socket() as probe:
                        if probe.connect_ex(("127.0.0.1", port)) == 0:
                            break
                    time.sleep(0.05)
                with ThreadPoolExecutor(ANSWERS) as pool:
                    asked = [pool.submit(ask, client) for _ in range(ANSWERS)]
                    time.sleep(1)
                    first.kill()
                    before = Counter(answer.result() for answer in asked)
                    after = Counter(pool.map(ask, [client] * ANSWERS))
            finally:
                nginx.terminate()
                nginx.wait(timeout=30)
    print(f"open when one of two was killed: {dict(before)}; asked afterwards: {dict(after)}")
    fine = before["silent"] == 0 and before["raises"] > 0 and before["whole"] > 0 and after == {"whole": ANSWERS}
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
