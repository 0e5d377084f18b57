"""Two gateways behind one proxy, nginx or HAProxy, as in docs/gateway.md; one is killed, or told to stop, in the middle of its answers.

Usage: python behind_proxies.py BEDROCK_STREAM

If it is killed, its open answers must break as errors, and none may look complete; if it is told to stop, they must end whole. All
others, and all that are asked at once afterwards, must be whole. Then it is started again, and the other told to stop, as for an
upgrade: what is asked meanwhile must be whole, too. Clients that leave before their answers begin must cancel them. nginx, HAProxy and openssl must be installed. No AWS account, no
network beyond loopback.
"""

import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from openai import OpenAI
from running import free_port, started

PAGE = Path(__file__).resolve().parents[3] / "docs" / "gateway.md"
TEXT = "word " * 300
ANSWERS = 40
# How often is asked, one after the other, once one of the gateways has gone: for longer than the checks take to find it out.
LATER = 60
# How many clients leave before their answer begins.
LEAVING = 5


def example(language, *changes):
    """The page's own configuration, with each of these changed."""
    text = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.S)[1]
    for old, new in changes:
        assert old in text, f"{old} is not in\n{text}"
        text = text.replace(old, new)
    return text


class Nginx:
    name = "nginx"
    is_tls = False
    # It asks again whenever it is asked.
    notices_after = 0

    def command(self, folder, port, gateways, _metrics):
        config = example(
            "nginx",
            ("listen 8080", f"listen 127.0.0.1:{port}"),
            *zip(("127.0.0.1:8081", "127.0.0.1:8082"), gateways),
        )
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        path = Path(folder, "nginx.conf")
        path.write_text(
            f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}{config}}}\n"
        )
        return ["nginx", "-p", folder, "-c", str(path)]


class HAProxy:
    is_tls = True
    # Two of its checks.
    notices_after = 5

    def __init__(self, checks_metrics):
        self.checks_metrics = checks_metrics
        self.name = "HAProxy, which checks --metrics-listen" if checks_metrics else "HAProxy"

    def command(self, folder, port, gateways, metrics):
        servers = [("10.0.0.1:8443", gateways[0]), ("10.0.0.2:8443", gateways[1])]
        if self.checks_metrics:
            assert "`check port 9090`" in PAGE.read_text()
            servers = [
                (name, f"{url} check port {check.rpartition(':')[2]}") for (name, url), check in zip(servers, metrics)
            ]
        config = example(
            "haproxy",
            ("bind :8080", f"bind 127.0.0.1:{port}"),
            ("/etc/haproxy/gateway-ca.pem", f"{folder}/gateway.pem"),
            *servers,
        )
        path = Path(folder, "haproxy.cfg")
        path.write_text(config)
        return ["haproxy", "-db", "-f", str(path)]


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


def asked_in_turn(client):
    """Requests that are sent one after the other while answers are open, whole ones: each is refused or not, at once."""
    for _ in range(LATER):
        try:
            answer = client.chat.completions.create(model="short", messages=[{"role": "user", "content": "Hi"}])
            yield "whole" if answer.choices[0].message.content == "Yes." else "silent"
        except Exception:  # noqa: BLE001: whatever the package raises
            yield "raises"
        time.sleep(0.1)


def cancelled(metrics):
    """How many answers the gateways have counted as cancelled."""
    count = 0
    for address in metrics:
        with urllib.request.urlopen(f"http://{address}/metrics") as response:
            text = response.read().decode()
        count += sum(int(value) for value in re.findall(r'answers_total\{.*verdict="cancelled".*\} (\d+)', text))
    return count


def leave(client, metrics):
    """Gives up whole answers, which send nothing until they are done. How many of them Bedrock was told of before they were done."""
    for _ in range(LEAVING):
        try:
            client.with_options(timeout=0.5).chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
        except Exception:  # noqa: BLE001: whatever the package raises
            pass
    for _ in range(20):
        if cancelled(metrics) == LEAVING:
            break
        time.sleep(0.05)
    return cancelled(metrics)


def certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
        + ["-subj", "/CN=gateway.internal", "-addext", "subjectAltName=DNS:gateway.internal"]
        + ["-keyout", f"{folder}/gateway.key", "-out", f"{folder}/gateway.pem"],
        check=True,
        stderr=subprocess.DEVNULL,
    )


def run(program, proxy, sent):
    """Whether all went as it should when one of two gateways behind this proxy got this signal."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        certificate(folder)
        script = Path(folder, "script.json")
        script.write_text('{"short": [{"text": "Yes."}], "*": [{"text": "%s"}]}' % TEXT)
        fake, _ = stack.enter_context(started(program, "serve", "--script", str(script), "--delay", "15"))
        tls = ["--tls-cert", f"{folder}/gateway.pem", "--tls-key", f"{folder}/gateway.key"] if proxy.is_tls else []
        gateways, processes, metrics, commands = [], [], [], []
        for _ in range(2):
            metrics.append(f"127.0.0.1:{free_port()}")
            gateways.append(f"127.0.0.1:{free_port()}")
            addresses = ["--listen", gateways[-1], "--metrics-listen", metrics[-1]]
            commands.append([program, "gateway", "--endpoint-url", fake, *addresses, *tls])
            processes.append(stack.enter_context(started(*commands[-1]))[1])
        port = free_port()
        command = proxy.command(folder, port, gateways, metrics)
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        stack.callback(process.wait, timeout=30)
        stack.callback(process.terminate)
        client = OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="any", max_retries=0, timeout=60)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        told = leave(client, metrics)
        with ThreadPoolExecutor(ANSWERS) as pool:
            open_ones = [pool.submit(ask, client) for _ in range(ANSWERS)]
            time.sleep(1)
            processes[0].send_signal(sent)
            if sent == signal.SIGKILL:
                # What reaches it before it is gone is lost like the open answers.
                processes[0].wait(timeout=30)
            later = Counter(asked_in_turn(client))
            before = Counter(answer.result() for answer in open_ones)
            after = Counter(pool.map(ask, [client] * ANSWERS))
            processes[0].wait(timeout=30)
            # It prints its URL when it listens.
            stack.enter_context(started(*commands[0]))
            time.sleep(proxy.notices_after)
            processes[1].send_signal(signal.SIGTERM)
            upgraded = Counter(asked_in_turn(client))
    name = "killed" if sent == signal.SIGKILL else "told to stop"
    print(
        f"{proxy.name}: open when one of two was {name}: {dict(before)}; asked at once: {dict(later)}; "
        f"asked later: {dict(after)}; asked when it was back and the other was told to stop: {dict(upgraded)}; "
        f"clients left {LEAVING} answers before they began, and {told} were cancelled",
        flush=True,
    )
    if sent == signal.SIGKILL:
        fine = before["silent"] == 0 and before["raises"] > 0 and before["whole"] > 0
    else:
        fine = before == {"whole": ANSWERS}
    return fine and told == LEAVING and later == upgraded == {"whole": LATER} and after == {"whole": ANSWERS}


def main():
    program = sys.argv[1]
    for needed in ("nginx", "haproxy", "openssl"):
        if not shutil.which(needed):
            raise SystemExit(f"{needed} is not installed")
    proxies = (Nginx(), HAProxy(checks_metrics=False), HAProxy(checks_metrics=True))
    fine = [run(program, proxy, sent) for proxy in proxies for sent in (signal.SIGKILL, signal.SIGTERM)]
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
