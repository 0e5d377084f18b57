"""`decode --as message` of every complete recording, compared with a message assembled without our code.

Usage: python messages.py PATH_TO_BEDROCK_STREAM RECORDINGS_FOLDER
"""

import json
import pathlib
import subprocess
import sys

from assemble import assemble, events


def main(program, recordings):
    compared = 0
    for path in sorted(pathlib.Path(recordings).glob("converse-*.bin")):
        expected = path.parent / "expected" / f"{path.stem}.jsonl"
        if "messageStop" not in [name for name, _ in events(expected)]:
            continue
        run = subprocess.run([program, "decode", "--as", "message", path], capture_output=True, text=True, timeout=60)
        ours = json.loads(run.stdout)
        if run.returncode or ours != assemble(expected):
            sys.exit(f"FAILED  {path.name}: exit {run.returncode}\nours: {run.stdout}\nexpected: {json.dumps(assemble(expected))}")
        compared += 1
    if compared < 30:
        sys.exit(f"FAILED  only {compared} complete recordings in {recordings}")
    print(f"ok      {compared} complete recordings yield the same message as an independent assembly")


if __name__ == "__main__":
    main(*sys.argv[1:])
