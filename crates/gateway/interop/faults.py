"""The proof that no answer is silently short: writes docs/gateway-faults.md, or checks that it is current.

Usage: python faults.py EVERY_FAULT BEDROCK_STREAM [--js FAULTS_MJS] [--check] [--only FAULT ..]

EVERY_FAULT is the test kit's example of that name, BEDROCK_STREAM our program, FAULTS_MJS `js/faults.mjs` in a folder where its
packages are installed. Each fault of the fake is asked for through the gateway, which converts Bedrock's answer or passes on that of
Bedrock's own endpoint, in each dialect, by the vendor's own package: as a raw stream, by the helper over it, and whole. The package
must raise, or the answer must be whole. Exits 0 if that holds for all and, with --check, the page is current. No AWS account, no
network beyond loopback.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import fault_page
from anthropic import Anthropic
from openai import OpenAI
from readers import PROMPT, READERS
from running import ENVIRONMENT, gateway, started

# Nothing is changed by it.
HARMLESS = "drip"
WAIT = "2"
# By table: what precedes a fault's name in the models that the gateway is asked for.
PREFIXES = {fault_page.CONVERTED: "", fault_page.NATIVE: "native/"}


def answer_of(read, client, model):
    """What a way to read takes the answer for; `None` if it raises."""
    try:
        return read(client, model)
    except (KeyError, IndexError, TypeError) as error:
        return {"breaks": repr(error)}
    except Exception:  # noqa: BLE001: whatever a package raises
        return None


def as_sent(program, endpoint, dialect, model):
    """The answer as Bedrock's stream has it, read without the gateway."""
    command = [program, "converse", "--endpoint-url", endpoint, "--dialect", dialect, "--as", "message", "--model", model, PROMPT]
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


def python_answers(url, models):
    """What each way to read takes the answers for, by model and column."""
    openai = OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, timeout=30)
    anthropic = Anthropic(base_url=url, api_key="any", max_retries=0, timeout=30)
    clients = {"chat": openai, "responses": openai, "messages": anthropic}
    check_is_native(openai, anthropic)

    def answers(model):
        return {
            f"{dialect} Python": [answer_of(read, clients[dialect], model) for read in readers]
            for dialect, readers in READERS.items()
        }

    with ThreadPoolExecutor(16) as pool:
        return dict(zip(models, pool.map(answers, models)))


def check_is_native(openai, anthropic):
    """Only an answer of Bedrock's own has its name of the model; a converted one has the client's."""
    model = PREFIXES[fault_page.NATIVE] + HARMLESS
    messages = [{"role": "user", "content": PROMPT}]
    told = [
        openai.chat.completions.create(model=model, messages=messages).model,
        openai.responses.create(model=model, input=PROMPT).model,
        anthropic.messages.create(model=model, max_tokens=1000, messages=messages).model,
    ]
    assert told == [HARMLESS] * 3, told


def js_answers(script, url, models):
    run = subprocess.run(["node", script, url], input="\n".join(models), capture_output=True, text=True, check=True)
    answers = {}
    for line in run.stdout.splitlines():
        told = json.loads(line)
        answers.setdefault(told["model"], {})[f"{told['dialect']} npm"] = told["answers"]
    return answers


def conclusions_of(fake):
    """What a correct client must conclude, by table, fault and dialect."""
    told = {}
    while line := fake.stdout.readline().strip():
        dialect, _, fault, conclusion = line.split("\t")
        told.setdefault(fault, {})[dialect] = conclusion
    conclusions = {fault_page.CONVERTED: {}, fault_page.NATIVE: {}}
    for fault, by_dialect in told.items():
        if "converse" in by_dialect:
            conclusions[fault_page.CONVERTED][fault] = dict.fromkeys(READERS, by_dialect["converse"])
        if native := {dialect: by_dialect[dialect] for dialect in READERS if dialect in by_dialect}:
            conclusions[fault_page.NATIVE][fault] = native
    return conclusions


def configuration(faults):
    """The gateway's: for each fault a model that Bedrock serves in every dialect itself."""
    lines = ["[aliases]"]
    for fault in faults:
        name, model, dialects = map(json.dumps, (PREFIXES[fault_page.NATIVE] + fault, fault, [*READERS]))
        lines.append(f"{name} = {{ model = {model}, native = {dialects} }}")
    return "\n".join(lines)


def answers_of(args, endpoint, conclusions):
    """What each way to read takes the answers for, by model and column."""
    models = [PREFIXES[table] + fault for table, faults in conclusions.items() for fault in faults]
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(configuration({*conclusions[fault_page.NATIVE], HARMLESS}))
        config.flush()
        with gateway(args.program, endpoint, "--idle-timeout", WAIT, "--config", config.name) as url:
            answers = python_answers(url, models)
            if args.js:
                for model, more in js_answers(args.js, url, models).items():
                    answers[model].update(more)
    return answers


def cells_of(program, endpoint, table, conclusions, answers):
    """The cells of a table, by fault and column."""
    asked_in = lambda dialect: "converse" if table == fault_page.CONVERTED else dialect
    whole = as_sent(program, endpoint, "converse", HARMLESS)
    assert whole["text"].endswith("wind, rain and sun.") and len(whole["calls"]) == 1, whole
    rows = {}
    for fault, must in conclusions.items():
        # Nothing in the stream tells that it was changed, so what it says is the answer.
        complete = {asked_in(dialect) for dialect, conclusion in must.items() if conclusion == "complete"}
        sent = {dialect: as_sent(program, endpoint, dialect, fault) for dialect in complete}
        rows[fault] = {}
        for name, each in answers[PREFIXES[table] + fault].items():
            dialect = name.split()[0]
            verdicts = [verdict(answer, whole, sent.get(asked_in(dialect))) for answer in each]
            rows[fault][name] = joined(verdicts) if dialect in must else fault_page.NOTHING
            if "silent" in rows[fault][name]:
                print(f"{table}: {fault}: {name}: {rows[fault][name]}: {each}")
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("every_fault")
    parser.add_argument("program")
    parser.add_argument("--js")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", nargs="*")
    args = parser.parse_args()
    with started(args.every_fault) as (endpoint, fake):
        conclusions = {
            table: {fault: must for fault, must in faults.items() if not args.only or fault in args.only}
            for table, faults in conclusions_of(fake).items()
        }
        answers = answers_of(args, endpoint, conclusions)
        tables = {
            table: cells_of(args.program, endpoint, table, faults, answers) for table, faults in conclusions.items()
        }
    if not args.js:
        for table, rows in fault_page.known().items():
            for fault, row in rows.items():
                kept = {name: cell for name, cell in row.items() if name.endswith("npm")}
                tables[table].get(fault, {}).update(kept)
    text, silent = fault_page.text(tables), fault_page.silent(tables)
    if args.only:
        print(text)
    elif args.check:
        if not fault_page.PATH.exists() or fault_page.PATH.read_text() != text:
            print(f"{fault_page.PATH} is not current: run this script without --check", file=sys.stderr)
            sys.exit(1)
    else:
        fault_page.PATH.write_text(text)
    print(f"{sum(map(len, tables.values()))} faults, {silent} silently short")
    sys.exit(1 if silent else 0)


if __name__ == "__main__":
    main()
