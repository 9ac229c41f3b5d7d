"""Values of single fields of a log line, made safe to store and show: times, ids, names, titles, fingerprints."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b

from tokentui.text import safe_text, title_text

EARLIEST_LINE_MS, LATEST_LINE_MS = 1_577_836_800_000, 4_102_444_800_000
"""2020 to 2100; a time outside comes from a broken clock."""
_LONGEST_ID, _LONGEST_LABEL, _LONGEST_TITLE = 200, 80, 120
_HALF_A_MICROSECOND = 0.0005
"""In milliseconds: more than the rounding error of a float until 2100, less than the distance of two times."""


def line_time_ms(timestamp: str | None) -> int | None:
    """An ISO timestamp in milliseconds since 1970; None if it is missing or absurd."""
    if timestamp is None:
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        at_ms = int(aware.timestamp() * 1000 + _HALF_A_MICROSECOND)  # cut: a day's last moment is not the next day's
    except (ValueError, OverflowError, OSError):
        return None
    return at_ms if EARLIEST_LINE_MS <= at_ms <= LATEST_LINE_MS else None


def identifier(value: object) -> str:
    """An id from a log, safe to store and show; empty if it is not text.

    A long one keeps its beginning and gets a fingerprint, since ids made by proxies often differ at the end alone.
    """
    if not isinstance(value, str):
        return ""
    if len(value) <= _LONGEST_ID:
        return value if value.isascii() and value.isprintable() else safe_text(value)
    return safe_text(value, _LONGEST_ID - 16) + digest(value.encode("utf-8", "replace"))


def word(value: object) -> str:
    """Like `identifier`, but remembered: for what many lines repeat, as ids of sessions, names of models, versions."""
    return _word(value) if isinstance(value, str) else ""


_word = lru_cache(maxsize=2048)(identifier)


def label(value: object) -> str:
    """The name of an agent or of a kind of agents, safe to show; empty if it is not text."""
    return safe_text(value, _LONGEST_LABEL) if isinstance(value, str) else ""


def title(value: object) -> str:
    """The first line of a prompt, a description or a title, safe to show; empty if it is not text."""
    return title_text(value, _LONGEST_TITLE) if isinstance(value, str) else ""


def digest(raw: bytes) -> str:
    """A short fingerprint of a text: equal texts have equal ones, and the text itself is not stored."""
    return blake2b(raw, digest_size=8).hexdigest()
