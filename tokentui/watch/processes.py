"""Looks up a running process: its user, when it began, and its command line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tokentui.instants import ms_of


@dataclass(frozen=True, slots=True)
class Process:
    """One running process."""

    process_id: int
    user_id: int
    started_at_ms: int
    arguments: tuple[str, ...]


def read_process(process_id: int, proc: Path = Path("/proc")) -> Process | None:
    """Look up a process in `/proc`, else by `ps`; None if there is none or it cannot be looked up."""
    if process_id <= 0:
        return None
    if (proc / "stat").exists():
        return _from_proc(process_id, proc)
    return _from_ps(process_id) if sys.platform != "win32" else None


def _from_proc(process_id: int, proc: Path) -> Process | None:
    directory = proc / str(process_id)
    try:
        user_id = directory.stat().st_uid
        # The name, field 2, may hold spaces and brackets: fields are split after it. Field 22 is ticks since the boot.
        fields = (directory / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        arguments = (directory / "cmdline").read_bytes().decode("utf-8", "replace").rstrip("\0").split("\0")
        began = _boot_seconds(proc) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
    return Process(process_id, user_id, round(began * 1000), tuple(arguments))


def _boot_seconds(proc: Path) -> int:
    for line in (proc / "stat").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("btime "):
            return int(line.split()[1])
    raise ValueError("no btime")


def _from_ps(process_id: int) -> Process | None:
    try:
        found = subprocess.run(  # noqa: S603 - the number is its only variable part
            ["/bin/ps", "-o", "uid=,lstart=,command=", "-p", str(process_id)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=5,
            check=False,
            env={"LC_ALL": "C", "PATH": os.defpath},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_ps(process_id, found.stdout)


def parse_ps(process_id: int, text: str) -> Process | None:
    """Read a line of `ps`: user id, local time of the start, command. None if it is not such a line.

    For example `501 Sun Nov 22 14:02:11 2026 claude --resume`.
    """
    parts = text.split(maxsplit=6)
    try:
        began = datetime.strptime(" ".join(parts[1:6]), "%a %b %d %H:%M:%S %Y")
        return Process(process_id, int(parts[0]), ms_of(began.astimezone(UTC)), _split(parts[6]))
    except (ValueError, IndexError):
        return None


def _split(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return tuple(command.split())
