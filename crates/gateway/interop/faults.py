"""The proof that no answer is silently short: writes docs/gateway-faults.md, or checks that it is current.

Usage: python faults.py EVERY_FAULT BEDROCK_STREAM [--js FAULTS_MJS] [--check] [--only FAULT ..]

EVERY_FAULT is the test kit's example of that name, BEDROCK_STREAM our program, FAULTS_MJS `js/faults.mjs` in a folder where its
packages are installed. Each fault of the fake is asked for through the gateway, in each dialect, by the vendor's own package: as
a raw stream, by the helper over it, and whole. The package must raise, or the answer must be whole. Exits 0 if that holds for
all and, with --check, the page is current. No AWS account, no network beyond loopback.
"""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from anthropic import Anthropic
from openai import OpenAI
from readers import PROMPT, READERS
from running import ENVIRONMENT, gateway, started

PAGE = Path(__file__).resolve().parents[3] / "docs" / "gateway-faults.md"
# Nothing is changed by it.
HARMLESS = "drip"
WAIT = "2"
HEAD = """# Every fault of Bedrock's, through the gateway

Written by `crates/gateway/interop/faults.py`: each fault of the fake Bedrock, through `bedrock-stream gateway`, read by OpenAI's
and Anthropic's own packages, in each way that they have: as a raw stream, by the helper over it, and whole. CI checks that the
Python columns are up to date; `.ci/full` also runs the npm packages.

{summary}

- *whole*: what was read is what the model said, to the end.
- *raises*: the package raised an error.
- *as sent*: what was read is what Bedrock's stream says, to the end. A delta was lost, repeated or moved on the way, and every message
  is valid, so no client of ConverseStream can tell: its events have no numbers.
- *silent*: none of these, which must never be.

Where the three ways differ, they stand in the order above. A fault is a model id of the fake, and an argument of
`bedrock-stream serve --fault`; [faults.md](faults.md) says what each means.

"""


def answer_of(read, client, model):
    """What a way to read takes the answer for; `None` if it raises."""
    try:
        return read(client, model)
    except (KeyError, IndexError, TypeError) as error:
        return {"breaks": repr(error)}
    except Exception:  # noqa: BLE001: whatever a package raises
        return None


def as_sent(program, endpoint, model):
    """The answer as Bedrock's stream has it, read without the gateway."""
    command = [program, "converse", "--endpoint-url", endpoint, "--as", "message", "--model", model, PROMPT]
    run = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    content = json.loads(run.stdout)["output"]["message"]["content"]
    text = "".join(block["text"] for block in content if "text" in block)
    calls = [[block["toolUse"]["name"], block["toolUse"]["input"]] for block in content if "toolUse" in block]
    return {"text": text, "calls": calls, "ended": True}


def verdict(answer, whole, sent):
    if answer is None:
        return "raises"
    if answer == whole:
        return "whole"
    return "as sent" if answer == sent else "silent"


def joined(verdicts):
    return verdicts[0] if len(set(verdicts)) == 1 else ", ".join(verdicts)


def python_answers(url, faults):
    openai = OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, timeout=30)
    anthropic = Anthropic(base_url=url, api_key="any", max_retries=0, timeout=30)
    clients = {"chat": openai, "responses": openai, "messages": anthropic}

    def answers(fault):
        return {
            f"{dialect} Python": [answer_of(read, clients[dialect], fault) for read in readers]
            for dialect, readers in READERS.items()
        }

    with ThreadPoolExecutor(8) as pool:
        return dict(zip(faults, pool.map(answers, faults)))


def js_answers(script, url, faults):
    run = subprocess.run(["node", script, url], input="\n".join(faults), capture_output=True, text=True, check=True)
    answers = {}
    for line in run.stdout.splitlines():
        told = json.loads(line)
        answers.setdefault(told["fault"], {})[f"{told['dialect']} npm"] = told["answers"]
    return answers


def known_rows():
    """The cells of the page as it is."""
    rows = {}
    if PAGE.exists():
        lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
        names = [cell.strip() for cell in lines[0].strip("|").split("|")] if lines else []
        for line in lines[2:]:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows[cells[0].strip("`")] = dict(zip(names[1:], cells[1:]))
    return rows


def page(rows):
    names = [f"{dialect} {package}" for package in ("Python", "npm") for dialect in READERS]
    names = [name for name in names if any(name in row for row in rows.values())]
    cells = [cell for row in rows.values() for cell in row.values()]
    count = sum(cell.count("silent") for cell in cells)
    summary = f"{len(rows)} faults, {len(cells)} cells, **{count} silently short**."
    lines = [f"| fault | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| `{fault}` | {' | '.join(row.get(name, '') for name in names)} |" for fault, row in rows.items()]
    return HEAD.format(summary=summary) + "\n".join(lines) + "\n", count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("every_fault")
    parser.add_argument("program")
    parser.add_argument("--js")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", nargs="*")
    args = parser.parse_args()
    with started(args.every_fault) as (endpoint, fake):
        conclusions = {}
        while line := fake.stdout.readline().strip():
            dialect, _, fault, conclusion = line.split("\t")
            # The gateway asks by ConverseStream alone.
            if dialect == "converse":
                conclusions[fault] = conclusion
        faults = [fault for fault in conclusions if not args.only or fault in args.only]
        whole = as_sent(args.program, endpoint, HARMLESS)
        assert whole["text"].endswith("wind, rain and sun.") and len(whole["calls"]) == 1, whole
        with gateway(args.program, endpoint, "--idle-timeout", WAIT) as url:
            answers = python_answers(url, faults)
            if args.js:
                for fault, more in js_answers(args.js, url, faults).items():
                    answers[fault].update(more)
        rows = {}
        for fault, cells in answers.items():
            # Nothing in Converse's stream tells that it was changed, so what it says is the answer.
            sent = as_sent(args.program, endpoint, fault) if conclusions[fault] == "complete" else None
            rows[fault] = {
                name: joined([verdict(answer, whole, sent) for answer in each]) for name, each in cells.items()
            }
    known = known_rows()
    for fault, row in rows.items():
        if not args.js:
            row.update({name: cell for name, cell in known.get(fault, {}).items() if name.endswith("npm")})
    text, silent = page(rows)
    for fault, row in rows.items():
        for name, cell in row.items():
            if "silent" in cell:
                print(f"{fault}: {name}: {cell}: {answers[fault].get(name)}")
    if args.only:
        print(text)
    elif args.check:
        if not PAGE.exists() or PAGE.read_text() != text:
            print(f"{PAGE} is not current: run this script without --check", file=sys.stderr)
            sys.exit(1)
    else:
        PAGE.write_text(text)
    print(f"{len(rows)} faults, {silent} silently short")
    sys.exit(1 if silent else 0)


if __name__ == "__main__":
    main()
