"""How much one gateway carries: beside LiteLLM's proxy, with thousands of streams at once, and while it is told to stop.
And what the streams of a client keep, of which there are still more in one process.

Usage: python load.py BEDROCK_STREAM REPORT_LOAD [--litellm PROGRAM] [--seconds S] [--rounds N] [--streams N] [--draining N] [--clients N]

BEDROCK_STREAM and REPORT_LOAD (of `benches`) must be release builds; PROGRAM is LiteLLM's `litellm`, with its extra `proxy`. With
`--seconds 1 --rounds 1 --streams 200 --draining 50 --clients 100` it takes some ten seconds and shows only that everything works. Exits 0
if no answer was lost. No AWS account, no network beyond loopback.

The gateway and LiteLLM's proxy stand before the same upstream, one worker each, pinned to the same core, and are asked in turn;
the upstream and the client share another core. Figures are medians of the rounds, ratios medians of the rounds' ratios. Since
other work on the machine takes time from both, answers are also given for each second of CPU time that a proxy took.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

from processes import CORES, cpu_seconds, pinned, raise_file_limit, resident_bytes
from running import ENVIRONMENT, free_port, started

CONNECTIONS = 16  # that ask at once, for the most answers
READERS = 8  # that read at once, while delays are measured
WORDS = 40


def run(report_load, *arguments):
    """The figures of one run of the client."""
    command = pinned(1, report_load, *map(str, arguments))
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


@contextlib.contextmanager
def lite_llm(program, upstream, folder):
    """LiteLLM's proxy before that upstream: its URL and its process."""
    access = {
        "aws_access_key_id": ENVIRONMENT["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        "aws_region_name": ENVIRONMENT["AWS_REGION"], "aws_bedrock_runtime_endpoint": upstream,
    }
    models = [
        {"model_name": name, "litellm_params": {"model": f"bedrock/converse/{name}", **access}} for name in ("at-once", "stamped")
    ]
    config = Path(folder, "litellm.yaml")
    # JSON is YAML.
    config.write_text(json.dumps({"model_list": models, "litellm_settings": {"telemetry": False}}))
    port = free_port()
    environment = ENVIRONMENT | {
        "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "NO_PROXY": "127.0.0.1",
    }
    command = pinned(0, program, "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1")
    with open(Path(folder, "litellm.log"), "w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/health/liveliness", timeout=5).read()
                break
            if process.poll() is not None:
                break
            time.sleep(0.2)
        else:
            process.kill()
        if process.poll() is not None:
            raise SystemExit("LiteLLM's proxy did not start: " + Path(folder, "litellm.log").read_text()[-2000:])
        yield url, process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def answers(report_load, url, process, seconds):
    """Answers a second, and answers a second of CPU time."""
    before = cpu_seconds(process.pid)
    got = run(report_load, "answers", url, CONNECTIONS, seconds)
    used = cpu_seconds(process.pid) - before
    if got["broken"] or not got["answers"]:
        raise SystemExit(f"{url}: {got}")
    return got["answers"] / got["seconds"], got["answers"] / max(used, 0.01)


def compare(args, folder):
    """Both proxies in turn, before the same upstream."""
    with contextlib.ExitStack() as stack:
        upstream, _ = stack.enter_context(started(*pinned(1, args.report_load, "upstream")))
        ours = stack.enter_context(started(*pinned(0, args.program, "gateway", "--endpoint-url", upstream)))
        proxies = {"gateway": ours}
        if args.litellm:
            proxies["LiteLLM"] = stack.enter_context(lite_llm(args.litellm, upstream, folder))
        for url, process in proxies.values():
            answers(args.report_load, url, process, min(1, args.seconds))
        rates, per_cpu, added = ({name: [] for name in proxies} for _ in range(3))
        for _ in range(args.rounds):
            direct = run(args.report_load, "direct", upstream, READERS, args.seconds)["median"]
            for name, (url, process) in proxies.items():
                rate, of_cpu = answers(args.report_load, url, process, args.seconds)
                rates[name].append(rate)
                per_cpu[name].append(of_cpu)
                delay = run(args.report_load, "delays", url, READERS, args.seconds)["median"]
                # Within the noise, a gateway can be as quick as none.
                added[name].append(max(delay - direct, 1))
    for name in proxies:
        print(
            f"{name}: {median(rates[name]):.0f} answers a second, {median(per_cpu[name]):.0f} a second of CPU time; "
            f"{median(added[name]):.0f} µs added to a delta"
        )
    if args.litellm:
        for what, figures in (("answers a second", rates), ("answers a second of CPU time", per_cpu), ("added to a delta", added)):
            ratios = [mine / theirs for mine, theirs in zip(figures["gateway"], figures["LiteLLM"])]
            print(f"{what}: {median(ratios):.3g}x LiteLLM's ({min(ratios):.3g} to {max(ratios):.3g})")


@contextlib.contextmanager
def slow_fake(program, folder, seconds):
    """The fake, with a model whose answer takes so long; its URL and the answer's text."""
    text = " ".join(f"word{word}" for word in range(WORDS))
    script = Path(folder, "slow.json")
    script.write_text(json.dumps({"slow": [{"text": text}]}))
    delay = max(1, round(seconds * 1000 / WORDS))
    with started(*pinned(1, program, "serve", "--script", str(script), "--delay", str(delay))) as (url, _):
        yield url, text


def many_streams(args, folder):
    """Whether so many streams at once are all whole."""
    raise_file_limit(2 * args.streams + 200)
    with (
        slow_fake(args.program, folder, max(5, args.streams / 150)) as (fake, text),
        started(*pinned(0, args.program, "gateway", "--endpoint-url", fake, "--max-streams", str(args.streams))) as (url, gateway),
    ):
        run(args.report_load, "streams", url, 1, text)
        before = peak = resident_bytes(gateway.pid)
        used = cpu_seconds(gateway.pid)
        command = pinned(1, args.report_load, "streams", url, str(args.streams), text)
        client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        while client.poll() is None:
            peak = max(peak, resident_bytes(gateway.pid))
            time.sleep(0.2)
        got = json.loads(client.stdout.read())
        used = cpu_seconds(gateway.pid) - used
    print(
        f"{got['streams']} streams, {got['at_once']} at once: {got['whole']} whole, {got['silently_short']} silently short, "
        f"errors {got['errors']}; {(peak - before) / args.streams / 1000:.1f} kB a stream, {used:.1f} s of CPU time in "
        f"{got['seconds']:.1f} s"
    )
    return got["whole"] == got["at_once"] == args.streams


def draining(args, folder):
    """Whether a gateway that is told to stop lets its open answers end."""
    with (
        slow_fake(args.program, folder, 8) as (fake, text),
        started(*pinned(0, args.program, "gateway", "--endpoint-url", fake)) as (url, gateway),
    ):
        client = subprocess.Popen(
            pinned(1, args.report_load, "streams", url, str(args.draining), text), stdout=subprocess.PIPE, text=True
        )
        time.sleep(4)
        is_open = client.poll() is None
        gateway.send_signal(signal.SIGTERM)
        got = json.loads(client.communicate(timeout=120)[0])
        status = gateway.wait(timeout=30)
    print(
        f"SIGTERM during {got['at_once']} streams: {got['whole']} whole, {got['silently_short']} silently short, "
        f"errors {got['errors']}; exit status {status}"
    )
    return is_open and got["whole"] == got["at_once"] == args.draining and status == 0


def clients(args, version):
    """Whether so many streams of one client are all whole, all of which are open at once."""
    raise_file_limit(args.clients + 200)
    with started(*pinned(0, args.report_load, "gate", version, str(args.clients + 1))) as (url, _):
        got = run(args.report_load, "clients", version, url, args.clients)
    print(
        f"{got['streams']} streams of one client at once, {version}: {got['whole']} whole, errors {got['errors']}; "
        f"{got['bytes'] / 1000:.1f} kB a stream"
    )
    return got["whole"] == args.clients + 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("report_load")
    parser.add_argument("--litellm")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--streams", type=int, default=5000)
    parser.add_argument("--draining", type=int, default=500)
    parser.add_argument("--clients", type=int, default=10_000)
    args = parser.parse_args()
    print(f"{len(CORES)} cores, load {os.getloadavg()[0]:.1f}; {min(len(CORES), 2)} are used")
    with tempfile.TemporaryDirectory() as folder:
        compare(args, folder)
        sys.stdout.flush()
        fine = [many_streams(args, folder), draining(args, folder), clients(args, "http1"), clients(args, "http2")]
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
