"""Interrupts a runaway session: only when asked to, and only after checks that the process is the session's own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from tokentui.transcripts.registry import LiveSession
from tokentui.watch.processes import Process, read_process

CLOCKS_DIFFER_MS = 5_000
"""How much later than its registry entry says a process may seem to have begun: start times are rounded, and clocks
get set."""
_SIGNALS = {"interrupt": signal.SIGINT, "end": signal.SIGTERM}


@dataclass(frozen=True, slots=True)
class Target:
    """A session and its process, after all checks."""

    session_id: str
    process: Process

    @property
    def command(self) -> str:
        """What a person would type to interrupt it."""
        return f"kill -INT {self.process.process_id}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a session cannot be interrupted from here."""

    reason: str
    command: str = ""
    """What to run instead, if that is known."""


ReadProcess = Callable[[int], Process | None]


def find_target(
    session_id: str,
    registry: tuple[LiveSession, ...],
    read: ReadProcess = read_process,
    user_id: int | None = None,
) -> Target | Refusal:
    """The process of a session, if it passes every check; else why it does not, and what to run instead."""
    entry = next((live for live in registry if live.session_id == session_id), None)
    if entry is None:
        reason = "the live registry names no process for this session"
        return Refusal(reason, "press Esc in its terminal, or find it with: pgrep -af claude")
    process = read(entry.process_id)
    if process is None:
        return Refusal(f"process {entry.process_id} cannot be looked at: it is gone, or not visible from here")
    own = os.getuid() if user_id is None and hasattr(os, "getuid") else user_id
    return _objection(entry, process, own) or Target(session_id, process)


def _objection(entry: LiveSession, process: Process, user_id: int | None) -> Refusal | None:
    """Why the process must not be interrupted; None if nothing speaks against it."""
    number = process.process_id
    if process.user_id != user_id:
        return Refusal(f"process {number} belongs to another user", f"sudo kill -INT {number}")
    if entry.started_at_ms is None:
        return Refusal(f"the registry does not say when process {number} began", f"kill -INT {number}")
    if process.started_at_ms > entry.started_at_ms + CLOCKS_DIFFER_MS:
        return Refusal(f"process {number} began after the session: the number was given to another program")
    if not looks_like_claude(process.arguments):
        name = process.arguments[0] if process.arguments else "?"
        return Refusal(f"process {number} does not look like Claude Code ({name[:60]})", f"kill -INT {number}")
    return None


def looks_like_claude(arguments: tuple[str, ...]) -> bool:
    """Whether a command line runs `claude`, `…/claude/versions/<number>`, or `claude-code` in a JavaScript runtime."""
    if not arguments:
        return False
    words = arguments[0].split() or [""]  # a program that renames itself may put all into the first
    names = [PurePosixPath(word.replace("\\", "/")) for word in (words[0], *arguments[1:3])]
    program = names[0].name.removesuffix(".exe")
    if program == "claude" or names[0].parts[-3:-1] == ("claude", "versions"):
        return True
    is_runtime = program in ("node", "bun", "deno")
    return is_runtime and any("claude-code" in name.parts or name.name == "claude" for name in names[1:])


def interrupt(target: Target, how: str = "interrupt", read: ReadProcess = read_process) -> Refusal | None:
    """Send SIGINT, or SIGTERM if `how` is `end`, if it is still the same process; None if the signal was sent."""
    process = target.process
    try:
        handle = os.pidfd_open(process.process_id) if hasattr(os, "pidfd_open") else None
    except OSError:
        handle = None
    try:
        # The check comes after the handle was opened, so that the handle stands for the process that was checked.
        if read(process.process_id) != process:
            return Refusal(f"process {process.process_id} has ended, or is another one by now")
        _send(process.process_id, handle, _SIGNALS[how])
    except OSError as error:
        return Refusal(f"process {process.process_id}: {error.strerror}", target.command)
    finally:
        if handle is not None:
            os.close(handle)
    return None


def _send(process_id: int, handle: int | None, number: signal.Signals) -> None:
    """Send the signal, by a handle if the system has them: a process number may be given to another process."""
    if handle is not None and hasattr(signal, "pidfd_send_signal"):
        signal.pidfd_send_signal(handle, number)
    else:
        os.kill(process_id, number)
