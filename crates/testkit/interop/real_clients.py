"""Real clients ask the test kit's fake Bedrock, each in every way it can: prints a table, and what failed.

Usage: python real_clients.py BEDROCK_STREAM [CLIENT...]

BEDROCK_STREAM is our program. Each CLIENT is a name in the table of scripts below; without one, all of them. A script's
environment is made when it is needed, by `.ci/python-env`, `.ci/js-env` or cargo, from pinned packages. Exits 0 if every client
read what was scripted, in everything it was asked for; what a client cannot be asked for is a dash, and a line
says why. No AWS account, and no network beyond loopback once the packages are there.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "clients"))
import cases  # noqa: E402

CI = HERE.parents[2] / ".ci"
# The script, and the environment that has its packages.
SCRIPTS = {
    "boto3": ("boto.py", ""),
    "anthropic": ("anthropic_sdk.py", ""),
    "openai": ("openai_sdk.py", ""),
    "litellm": ("lite_llm.py", "litellm"),
    "langchain-aws": ("langchain_chat.py", "langchain"),
    "pydantic-ai": ("pydantic_agent.py", "agents"),
    "strands": ("strands_agent.py", "agents"),
    "aws-sdk-js": ("aws_sdk.mjs", "js"),
    "anthropic-js": ("anthropic_sdk.mjs", "js"),
    "openai-js": ("openai_sdk.mjs", "js"),
    "ai-sdk": ("ai_sdk.mjs", "js"),
    "aws-sdk-rust": ("sdk_client", "rust"),
}
COLUMNS = ["text", "tools", "tool result", "reasoning", "usage", "structured", "throttled", "waits", "refused", "fails"]
LIMIT = 600  # seconds that a script may take


def command(script, environment):
    if environment == "rust":
        build = ["cargo", "build", "--release", "-p", "bedrock-stream-benches", "--features", "aws-sdk", "--example", script]
        subprocess.run(build, cwd=CI.parent, check=True)
        return [str(CI.parent / "target" / "release" / "examples" / script)]
    if environment == "js":
        node, folder = subprocess.run([CI / "js-env"], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")[:2]
        return [node, "--no-warnings", f"{folder}/clients/{script}"]
    arguments = [environment] if environment else []
    python = subprocess.run([CI / "python-env", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return [python, str(HERE / "clients" / script)]


def ask(program, name):
    """What a script reports. An early end of it is a failure too."""
    script, environment = SCRIPTS[name]
    with tempfile.TemporaryDirectory() as folder:
        path, authority = Path(folder) / "script.json", f"{folder}/authority.pem"
        path.write_text(json.dumps(cases.script()))
        serve = [program, "serve", "--strict", "--log", "never", "--script", str(path), "--bearer", cases.API_KEY]
        serve += ["--credentials", f"{cases.ACCESS_KEY}:{cases.SECRET_KEY}"]
        run = command(script, environment)
        # Some clients send an API key over TLS alone.
        servers = [subprocess.Popen(serve + more, stdout=subprocess.PIPE, text=True) for more in ([], ["--tls-ca", authority])]
        try:
            url, tls_url = (server.stdout.readline().strip() for server in servers)
            # Nothing of the machine's own: no profile, no proxy, no key.
            clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
            shared = json.dumps(cases.shared())
            more = {"FAKE_BEDROCK": shared, "FAKE_BEDROCK_URL": url, "FAKE_BEDROCK_TLS_URL": tls_url, "HOME": folder}
            more |= {"FAKE_BEDROCK_AUTHORITY": authority, "NODE_EXTRA_CA_CERTS": authority}
            more |= {"AWS_EC2_METADATA_DISABLED": "true", "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "ignore"}
            done = subprocess.run(run, env=clean | more, capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired as late:
            return [failure(name, f"not done after {LIMIT} s", str(late.stderr))]
        finally:
            for server in servers:
                server.terminate()
                server.communicate()
    reports = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not reports:
        reports.append(failure(name, f"status {done.returncode}", done.stderr))
    return reports


def failure(name, found, stderr):
    return {"client": name, "what": "script", "ok": False, "found": f"{found}: {stderr[-2000:]}", "expected": "reports"}


def cell(reports):
    """What stands in the table, and whether that is a failure."""
    if not reports:
        return "never asked", True
    if any("cannot" in report for report in reports):
        return "-", False
    wrong = sum(not report["ok"] for report in reports)
    return (f"{wrong} of {len(reports)} wrong", True) if wrong else ("ok", False)


def main(program, *names):
    unknown = [name for name in names if name not in SCRIPTS]
    if unknown:
        sys.exit(f"there is no client {unknown[0]!r}; there are {', '.join(SCRIPTS)}")
    rows, failed, checks = {}, 0, 0
    for name in names or SCRIPTS:
        for report in ask(program, name):
            rows.setdefault(report["client"], {}).setdefault(report["what"], []).append(report)
            checks += "ok" in report
            if "cannot" in report:
                print(f"-       {report['client']}: {report['what']}: {report['cannot']}")
            if not report.get("ok", True):
                failed += 1
                print(f"FAILED  {report['client']}: {report['what']}: {report['found']!r}, expected {report['expected']!r}")
    width = max(map(len, rows))
    widths = [max(len(column), 2) for column in COLUMNS]
    print(f"{'':{width}}  {'  '.join(f'{column:{of}}' for column, of in zip(COLUMNS, widths))}")
    for client, whats in rows.items():
        cells = [cell(whats.get(column, [])) for column in COLUMNS]
        if "script" in whats:
            cells = [("script failed", True)]
        else:
            for column, (text, _) in zip(COLUMNS, cells):
                if text == "never asked":
                    failed += 1
                    print(f"FAILED  {client}: was never asked for {column}")
        print(f"{client:{width}}  {'  '.join(f'{text:{of}}' for (text, _), of in zip(cells, widths))}")
    print(f"{len(rows)} clients, {checks} expectations, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
