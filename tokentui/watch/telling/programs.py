"""Channels that run a program: desktop notifications, and a command of the user's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tokentui.watch.telling.channels import Wait, run
from tokentui.watch.telling.notices import Notice

Run = Callable[[Sequence[str], str | None], None]


def _run(arguments: Sequence[str], stdin: str | None) -> None:
    run(arguments, stdin)


@dataclass(frozen=True, slots=True)
class Desktop:
    """Desktop notifications: by `notify-send` on Linux and the BSDs, by AppleScript on macOS."""

    platform: str = sys.platform
    run: Run = _run
    name: str = "desktop"

    def send(self, notice: Notice, _wait: Wait) -> int:
        """Show a notification."""
        self.run(desktop_command(notice, self.platform), None)
        return 1


def desktop_command(notice: Notice, platform: str) -> tuple[str, ...]:
    """The program that shows a notification, with its arguments."""
    if platform == "darwin":
        # JSON strings are AppleScript strings: both escape quotes and backslashes alike.
        text, head = (json.dumps(part, ensure_ascii=False) for part in (notice.evidence, notice.headline))
        return ("osascript", "-e", f"display notification {text} with title {head}")
    urgency = "normal" if notice.state == "over" else "critical"
    # `--` keeps a text that begins with a dash from being an option; `&` and `<` begin markup in the body.
    body = notice.evidence.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return ("notify-send", "--app-name=tokentui", f"--urgency={urgency}", "--", notice.headline, body)


@dataclass(frozen=True, slots=True)
class Command:
    """A program that gets the alert as JSON, one line, on standard input."""

    arguments: tuple[str, ...]
    run: Run = _run
    name: str = "command"

    def send(self, notice: Notice, _wait: Wait) -> int:
        """Run the program, and wait for its end."""
        self.run(self.arguments, notice.to_json() + "\n")
        return 1
