"""The live registry `sessions/<pid>.json`: which Claude Code processes run now, and whether they are busy."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tokentui.instants import SECOND_MS
from tokentui.transcripts import wire
from tokentui.transcripts.decode import decode_bytes
from tokentui.transcripts.fields import identifier, label

_LARGEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A running Claude Code process and the session it works on."""

    process_id: int
    session_id: str
    status: str
    """`busy`, `waiting`, `idle`, or empty if unknown."""
    name: str
    started_at_ms: int | None


class LiveRegistry:
    """The registry as often as it is asked for, read once a second at most."""

    def __init__(self, read: Callable[[], Iterable[LiveSession]]) -> None:
        self._read = read
        self._read_at_ms: int | None = None
        self._sessions: tuple[LiveSession, ...] = ()

    def sessions(self, now_ms: int) -> tuple[LiveSession, ...]:
        """The sessions whose processes run, as of the last second by the caller's clock, which may be set back."""
        if self._read_at_ms is None or not 0 <= now_ms - self._read_at_ms < SECOND_MS:
            self._sessions, self._read_at_ms = tuple(self._read()), now_ms
        return self._sessions


def read_registry(config_dirs: Iterable[Path]) -> tuple[LiveSession, ...]:
    """Every entry whose process still runs; a file that cannot be read is skipped, since it is rewritten in place.

    Paths are plain strings here: this runs once a second for days, and Python interns every name in a path object.
    """
    found: list[LiveSession] = []
    for directory in config_dirs:
        folder = f"{directory}{os.sep}sessions{os.sep}"
        try:
            names = [name for name in os.listdir(folder) if name.endswith(".json")]  # noqa: PTH208
        except OSError:
            continue
        entries = (_read_entry(folder + name) for name in sorted(names))
        found += [entry for entry in entries if entry is not None and process_runs(entry.process_id)]
    return tuple(found)


def _read_entry(path: str) -> LiveSession | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            entry = decode_bytes(wire.RegistryEntry, file.read(_LARGEST_BYTES))
    except OSError:
        return None
    if entry is None or not isinstance(entry.pid, int) or not identifier(entry.session_id):
        return None
    status = identifier(entry.status) if entry.status in ("busy", "waiting", "idle") else ""
    started = entry.started_at if isinstance(entry.started_at, int) else None
    return LiveSession(entry.pid, identifier(entry.session_id), status, label(entry.name), started)


def process_runs(process_id: int) -> bool:
    """Whether a process with this number exists, whoever owns it; True where asking would harm the process."""
    if not 0 < process_id < 2**31:
        return False
    if sys.platform == "win32":
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
