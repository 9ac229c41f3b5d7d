"""Escape sequences that make the terminal ring, change its title, or show a notification."""

from __future__ import annotations

from tokentui.config.settings import Notify
from tokentui.text import safe_text
from tokentui.watch.telling.notices import Notice

BELL = "\a"
_END = "\x1b\\"


def terminal_text(notice: Notice, notify: Notify) -> str:
    """All sequences that are switched on, as one string for the terminal's owner to write; empty if none is."""
    said = BELL if notify.bell and notice.state != "over" else ""
    if notify.terminal == "osc9":
        said += osc9(notice)
    elif notify.terminal == "osc777":
        said += osc777(notice)
    return said + (title(notice) if notify.title else "")


def title(notice: Notice) -> str:
    """Set the window's title. It stays until another program sets it."""
    return f"\x1b]2;{_plain(notice.line)}{_END}"


def osc9(notice: Notice) -> str:
    """A notification in iTerm2, kitty, WezTerm, Windows Terminal and others."""
    return f"\x1b]9;{_plain(notice.line)}{_END}"


def osc777(notice: Notice) -> str:
    """A notification in urxvt, foot, Ghostty and VTE terminals; its fields are divided by semicolons."""
    return f"\x1b]777;notify;{_plain(notice.headline).replace(';', ',')};{_plain(notice.evidence)}{_END}"


def _plain(text: str) -> str:
    """The text without anything that could end the sequence or begin another."""
    return safe_text(text, 240)
