"""`bedrock-stream judge` finds the errors of a deliberately wrong client, and none in our own program.

Usage: python judge.py PATH_TO_BEDROCK_STREAM      (the standard library is enough)
Exits 0 if both are so.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NAIVE = Path(__file__).with_name("naive_client.py")
DIALECTS = ["converse", "invoke", "messages", "chat", "responses"]
# Some faults that must expose the client, and some that even it handles correctly.
WRONG = ["cut", "no-stop", "bad-crc", "exception", "drop:message-stop", "error@last", "exception:modelTimeoutException@middle"]
RIGHT = ["no fault", "throttle", "abort-at:1000", "stall-at:1000", "drop:delta", "split:7", "drip"]


def judge(program, command, *options):
    """Returns the exit status, and the cases by their mark."""
    done = subprocess.run([program, "judge", *options, "--", *command], capture_output=True, text=True)
    rows = [re.match(r"(ok|WRONG) +(.+?)  ", line) for line in done.stdout.splitlines()]
    cases = {mark: [row[2] for row in rows if row and row[1] == mark] for mark in ("ok", "WRONG")}
    return done.returncode, cases, done.stdout + done.stderr


def ours(program, dialect):
    ask = '"$0" converse --dialect "$BEDROCK_STREAM_DIALECT" --model "$BEDROCK_STREAM_MODEL" --endpoint-url "$BEDROCK_STREAM_URL"'
    script = ask + " --idle-timeout 2 --as chunks Hello"
    return judge(program, ["sh", "-c", script, program], "--dialect", dialect, "--timeout", "30")


def main(program):
    failed = False
    status, cases, said = judge(program, [sys.executable, str(NAIVE)])
    missed = [case for case in WRONG if case not in cases["WRONG"]] + [case for case in RIGHT if case not in cases["ok"]]
    print(f"the naive client: {len(cases['WRONG'])} of {sum(map(len, cases.values()))} wrong, status {status}")
    if missed or status != 1:
        failed = True
        print(f"FAILED  not as expected: {missed}\n{said}")
    with ThreadPoolExecutor(2) as pool:
        for dialect, (status, cases, said) in zip(DIALECTS, pool.map(lambda dialect: ours(program, dialect), DIALECTS)):
            print(f"our program, {dialect}: {len(cases['WRONG'])} of {sum(map(len, cases.values()))} wrong, status {status}")
            if status or cases["WRONG"] or len(cases["ok"]) < 50:
                failed = True
                print(f"FAILED  {said}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()))
