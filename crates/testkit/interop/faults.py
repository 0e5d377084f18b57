"""What clients conclude from each fault in each dialect: writes docs/faults.md, or checks that it is current.

Usage: python faults.py EVERY_FAULT BEDROCK_STREAM [--js FAULTS_MJS] [--ai AI_MJS] [--rust SDK_CONCLUSIONS] [--check]

EVERY_FAULT is the test kit's example of that name, BEDROCK_STREAM our program, FAULTS_MJS and AI_MJS `js/faults.mjs` and
`js/faults_ai.mjs` in a folder where their packages are installed, SDK_CONCLUSIONS the example of the benches of that name. boto3,
anthropic and openai must be importable. A client that is left out keeps its column. Exits 0 if our program is never wrong and,
with --check, the page is current. No AWS account, no network beyond loopback.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from subprocess import PIPE

import fault_clients
import fault_page
from fault_clients import KEYS, QUESTION, WAIT

TRANSPORTS = ("reqwest", "hyper")
HANGS = 300  # seconds after which our program hangs; one byte at a time takes a while where many ask at once
# By the argument that runs them: the dialects, and the headings without the version.
PROGRAMS = {
    "js": {"converse": "AWS SDK for JavaScript"},
    "rust": {"converse": "AWS SDK for Rust"},
    "ai": {"converse": "@ai-sdk/amazon-bedrock", "invoke": "@ai-sdk/amazon-bedrock anthropic"},
}
KINDS = {
    "prelude_checksum": "damaged",
    "message_checksum": "damaged",
    "length": "damaged",
    "too_long": "damaged",
    "header": "damaged",
    "truncated": "incomplete",
    "incomplete": "incomplete",
    "timeout": "stalled",
}


def ours(program, url, dialect, model, transport):
    """Our program's conclusion, in the words of the test kit."""
    invoked = dialect in fault_page.VENDORS
    command = [program, "converse", "--dialect", "invoke" if invoked else dialect, "--endpoint-url", url, "--model", model]
    command += ["--transport", transport, "--idle-timeout", str(WAIT), "--as", "chunks"]
    command += ["--request", "-"] if invoked else [QUESTION]
    asked = json.dumps(fault_page.VENDORS[dialect][1]) if invoked else ""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = clean | KEYS | {"AWS_EC2_METADATA_DISABLED": "true"}
    process = subprocess.Popen(command, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True)
    try:
        lines = [json.loads(line) for line in process.communicate(asked, timeout=HANGS)[0].splitlines()]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return fault_page.WAITS
    failures = [line["failure"] for line in lines if "failure" in line]
    if lines and lines[-1].get("type") == "done":
        return "skipped" if lines[-1]["skipped_events"] and failures else "complete"
    failure = failures[-1] if failures else {"kind": "nothing"}
    kind = failure["kind"]
    if kind == "exception":
        return f"exception {failure['exception']}" if "exception" in failure else f"error message {failure.get('code')}"
    if kind == "refusal":
        return f"refused {failure['status']}" if failure["status"] != 200 else "not an event stream"
    if kind == "transport":
        return "not an event stream" if "event stream" in failure["message"] else "broken"
    return KINDS.get(kind, kind)


def transports(dialect):
    """What our program is run over."""
    return ("hyper",) if dialect in fault_page.VENDORS else TRANSPORTS


def ours_over_all(pool, program, url, faults):
    """By dialect and fault: "ok", or what is wrong over which transport. `faults`: (dialect, model, fault, must)."""
    concluded = {
        (dialect, fault, transport): pool.submit(ours, program, url, dialect, model, transport)
        for dialect, model, fault, _ in faults
        for transport in transports(dialect)
    }
    cells = {}
    for dialect, _, fault, must in faults:
        conclusions = {over: concluded[dialect, fault, over].result() for over in transports(dialect)}
        wrong = [f"{over}: {found}" for over, found in conclusions.items() if found not in must.split(" or ")]
        cells.setdefault(dialect, {})[fault] = f"**{', '.join(wrong)}**" if wrong else "ok"
    return cells


def others(command, url, dialect, models):
    """The version of an SDK, and what it reports of each model."""
    lines = subprocess.run(
        [*command, url, str(WAIT), dialect], input="\n".join(models), stdout=subprocess.PIPE, text=True, check=True
    )
    first, *rest = map(json.loads, lines.stdout.splitlines())
    return first["version"], {line["fault"]: line for line in rest}


def measure(arguments):
    """The faults by dialect with what must be concluded, and the columns by dialect; and of the vendors, our conclusions alone."""
    server = subprocess.Popen([arguments.every_fault], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        faults = [line.rstrip("\n").split("\t") for line in iter(server.stdout.readline, "\n")]
        lines_of = lambda name: [line for line in faults if line[0] == name]
        of = {dialect: lines_of(dialect) for dialect in fault_page.DIALECTS}
        vendors = {vendor: {fault: must for _, _, fault, must in lines_of(vendor)} for vendor in fault_page.VENDORS}
        cells = lambda dialect, by_model: {
            fault: fault_page.cell(fault, must, WAIT, by_model[model]) for _, model, fault, must in of[dialect]
        }
        columns = {dialect: [] for dialect in of}
        with ThreadPoolExecutor(16) as pool:
            our = ours_over_all(pool, arguments.bedrock_stream, url, faults)
        with ThreadPoolExecutor(8) as pool:
            for dialect, clients in fault_clients.CLIENTS.items():
                models = [model for _, model, _, _ in of[dialect]]
                for title, package, ask in clients:
                    reports = dict(zip(models, pool.map(lambda model, ask=ask: ask(url, model), models)))
                    heading = f"{title} {fault_clients.VERSIONS[package]}"
                    columns[dialect].append((heading, cells(dialect, reports)))
        old = fault_page.current()
        for name, titles in PROGRAMS.items():
            program = getattr(arguments, name)
            for dialect, title in titles.items():
                if program:
                    command = [program] if name == "rust" else ["node", "--no-warnings", program]
                    version, reports = others(command, url, dialect, [model for _, model, _, _ in of[dialect]])
                    columns[dialect].append((f"{title} {version}", cells(dialect, reports)))
                else:
                    heading, kept = old.get(dialect, {}).get(title, (title, {}))
                    kept = {fault: kept.get(fault, fault_page.NOT_RUN) for _, _, fault, _ in of[dialect]}
                    columns[dialect].append((heading, kept))
    finally:
        server.stdin.close()
        server.wait(10)
    faults = {dialect: {fault: must for _, _, fault, must in lines} for dialect, lines in of.items()}
    return faults, {dialect: [("ours", our[dialect]), *columns[dialect]] for dialect in of}, vendors, our


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("every_fault")
    parser.add_argument("bedrock_stream")
    for name in PROGRAMS:
        parser.add_argument(f"--{name}")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    for name in [name for name in os.environ if name.startswith(("AWS_", "OPENAI_", "ANTHROPIC_"))]:
        del os.environ[name]
    os.environ.update(KEYS | {"AWS_EC2_METADATA_DISABLED": "true"})

    faults, columns, vendors, our = measure(arguments)
    page = fault_page.page(WAIT, faults, columns, fault_page.vendors(vendors, our))
    wrong = 0
    for dialect, of in (faults | vendors).items():
        for fault, must in of.items():
            conclusion = our[dialect][fault]
            if conclusion != "ok":
                wrong += 1
                print(f"FAILED  {dialect}: {fault}: our program concludes {conclusion}, and must conclude {must}")
        if dialect in faults:
            print(f"{dialect}: {fault_page.summary(of, columns[dialect])}\n")
    total = sum(map(len, (faults | vendors).values()))
    print(f"{total} faults in {len(faults)} dialects and of {len(vendors)} vendors, {wrong} wrong conclusions of our program")
    if not arguments.check:
        fault_page.PATH.parent.mkdir(exist_ok=True)
        fault_page.PATH.write_text(page)
    elif fault_page.PATH.read_text() != page:
        was = set(fault_page.PATH.read_text().splitlines())
        print("\n".join(line for line in page.splitlines() if line not in was))
        sys.exit(f"FAILED  {fault_page.PATH.name} is not current: run this without --check")
    sys.exit(1 if wrong or fault_page.NOT_RUN in page else 0)


if __name__ == "__main__":
    main()
