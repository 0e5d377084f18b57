"""What Linux says of a process: its CPU time and its memory; and where it may run."""

import os
import resource
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# The first for the gateway alone; fakes and clients share the other.
CORES = sorted(os.sched_getaffinity(0))


def pinned(core, *command):
    """The command, on one core: 0 for what is measured, 1 for the rest."""
    return ["taskset", "-c", str(CORES[core % len(CORES)]), *command]


def family(pid):
    """A process and its descendants."""
    pids = [pid]
    for parent in pids:
        pids += map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())
    return pids


def cpu_seconds(pid):
    """The CPU time that a process and its descendants took so far."""
    total = 0
    for each in family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_bytes(pid):
    """The memory that a process has now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def raise_file_limit(needed):
    """Allows this process and those it starts as many open files as the machine does."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < needed:
        raise SystemExit(f"the limit on open files is {most}, and {needed} are needed: raise `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
