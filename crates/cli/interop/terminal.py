"""The program on a terminal: colours, width, Ctrl-C, a missing prompt, a closed terminal.

Usage: python terminal.py PATH_TO_BEDROCK_STREAM      (standard library alone; a system with pseudo-terminals)
Exits 0 if everything is as it should be. No AWS account, no network beyond loopback.
"""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

COLUMNS = 80
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def check(what, holds):
    print(("ok      " if holds else "FAILED  ") + what)
    if not holds:
        sys.exit(1)


def on_terminal(command, environment={}, interrupt_after=None, close_after=None):
    """The output on a terminal of 80 columns, and the exit status. Once the text of `interrupt_after` has appeared, Ctrl-C is typed;
    once that of `close_after` has, the terminal is closed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NO_COLOR"))}
    # A new session with this as its terminal; otherwise Ctrl-C would reach no process.
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=clean | {"TERM": "xterm-256color"} | environment,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    shown, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if interrupt_after and interrupt_after in shown:
            os.write(ours, b"\x03")
            interrupt_after = None
        if close_after and close_after in shown:
            break
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.wait(timeout=10)


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        recording = os.path.join(folder, "answer.bin")
        subprocess.run([program, "converse", "--demo", "--record", recording, "Hello"], check=True, stdout=subprocess.DEVNULL)
        with open(recording, "rb") as file:
            damaged = bytearray(file.read())
        damaged[1000] ^= 1
        broken = os.path.join(folder, "broken.bin")
        with open(broken, "wb") as file:
            file.write(damaged)

        inspect = [program, "inspect", recording]
        shown, status = on_terminal(inspect)
        check("a terminal gets colours", status == 0 and "\x1b[" in shown)
        for what, command, environment in [
            ("NO_COLOR", inspect, {"NO_COLOR": "1"}),
            ("a dumb terminal", inspect, {"TERM": "dumb"}),
            ("--color never", [*inspect, "--color", "never"], {}),
        ]:
            plain, status = on_terminal(command, environment)
            check(f"{what}: no colours, and the same text", status == 0 and plain == ESCAPE.sub("", shown))
        coloured, _ = on_terminal([*inspect, "--color", "always"], {"NO_COLOR": "1"})
        check("--color always wins", coloured == shown)
        for path in (recording, broken):
            shown, status = on_terminal([program, "inspect", path])
            check(f"status {status}", status == (path == broken))
            lines = ESCAPE.sub("", shown).split("\n")
            check(f"{len(lines)} lines of at most {COLUMNS} columns", max(map(len, lines)) <= COLUMNS)
            check("they use the width", max(map(len, lines)) == COLUMNS)
        check("what the report says is not said again", "bedrock-stream:" not in shown)

        ask = [program, "converse", "--demo", "Why is the sky blue?"]
        shown, status = on_terminal(ask, interrupt_after=b"You asked")
        check("Ctrl-C ends an answer with status 130", status == 130)
        check("what had come stays, and it is said", "You asked" in shown and shown.endswith("the answer is incomplete\n"))
        check("no rendition is left behind", shown.count("\x1b[0m") == len(ESCAPE.findall(shown)) / 2)
        shown, status = on_terminal([program, "converse", "--demo"])
        check("a prompt that is missing is told at once", status == 2 and "give it as an argument, or pipe it in" in shown)

        shown, status = on_terminal([program, "gateway", "--demo"], close_after=b"http://")
        check("a gateway ends when its terminal is closed", status == -signal.SIGHUP)


main()
