"""Values of single fields of a log line, made safe to store and show: times, ids, names, titles, fingerprints."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b

from tokentui.text import safe_text, title_text

EARLIEST_LINE_MS, LATEST_LINE_MS = 1_577_836_800_000, 4_102_444_800_000
"""2020 to 2100: a time outside is that of a broken clock."""
_LONGEST_ID, _LONGEST_LABEL, _LONGEST_TITLE = 200, 80, 120
_HALF_A_MICROSECOND = 0.0005
"""In milliseconds: more than a float is wrong by up to 2100, and less than what tells two times apart."""


def line_time_ms(timestamp: str | None) -> int | None:
    """An ISO timestamp as milliseconds since 1970, or None where it is missing or absurd."""
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
    """An id from a log, safe to store and show; empty where it is no text.

    What is too long keeps its beginning and gets a fingerprint: ids that proxies make often differ at the end alone.
    """
    if not isinstance(value, str):
        return ""
    if len(value) <= _LONGEST_ID:
        return value if value.isascii() and value.isprintable() else safe_text(value)
    return safe_text(value, _LONGEST_ID - 16) + digest(value.encode("utf-8", "replace"))


def word(value: object) -> str:
    """The same for what many lines repeat: ids of sessions, names of models, versions."""
    return _word(value) if isinstance(value, str) else ""


_word = lru_cache(maxsize=2048)(identifier)


def label(value: object) -> str:
    """What somebody called an agent or a kind of agents, safe to show; empty where it is no text."""
    return safe_text(value, _LONGEST_LABEL) if isinstance(value, str) else ""


def title(value: object) -> str:
    """The first line of a prompt, a description or a title, safe to show; empty where it is no text."""
    return title_text(value, _LONGEST_TITLE) if isinstance(value, str) else ""


def digest(raw: bytes) -> str:
    """A short fingerprint: equal inputs are recognised, the input itself is not kept."""
    return blake2b(raw, digest_size=8).hexdigest()
