"""Starts the programs that the scripts beside this one test, and ends them."""

import contextlib
import os
import socket
import subprocess

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDGATEWAY",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "PATH": os.environ["PATH"],
}


@contextlib.contextmanager
def started(*command):
    """A program that prints its URL first and runs until its standard input ends or it is told to stop."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True
    )
    try:
        url = process.stdout.readline().strip()
        if not url.startswith("http"):
            raise SystemExit(f"{command[0]} did not start")
        yield url, process
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(timeout=30)


@contextlib.contextmanager
def gateway(program, endpoint, *flags):
    """A gateway before that endpoint; gives its URL."""
    with started(program, "gateway", "--endpoint-url", endpoint, *flags) as (url, _):
        yield url


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
