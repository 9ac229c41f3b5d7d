"""Makes text from logs, which may come from anybody, safe to store and to show: the one gate for all of it."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
"""Marks where text was cut."""
_MOST_MARKS = 3
"""Combining marks kept on one letter: enough for any script, too few to paint over other rows."""
_VARIATION_SELECTORS = (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_SKIN_TONES = range(0x1F3FB, 0x1F400)
"""Emoji modifiers: some terminals merge them with the emoji before, others show them as characters of their own."""
INVISIBLE = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0").union(map(chr, (*_VARIATION_SELECTORS, *_SKIN_TONES)))
"""Characters that take no cell, or look like a space."""
_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_TERMINAL_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)"
)
_SECRETS = (
    re.compile(r"\bsk-ant-[\w-]{6,}"),
    re.compile(r"\bsk-(?=[\w-]*\d)[\w-]{16,}"),
    re.compile(r"\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}|\bAIza[\w-]{30,}"),
    re.compile(r"\bxox[a-z]-[\w-]{8,}"),
    re.compile(r"\b(?:npm|hf|pypi|[sr]k_(?:live|test))[_-]\w{16,}"),
    re.compile(
        r"\b(?:api[_-]?key|access[_-]?key|password|passwd|secret|token)\s?[=:]\s?(?=\S*\d)\S{6,}", re.IGNORECASE
    ),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),
    re.compile(r"\bbearer\s+[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"),
)


def safe_text(text: str, limit: int = 200) -> str:
    """The text as one line that cannot steer the terminal, at most `limit` characters long, `…` where it was cut.

    Terminal sequences, control characters, bidirectional controls and invisible characters are removed; tabs and line
    breaks in a row become one space; a lone surrogate becomes U+FFFD. Applying it twice changes nothing more.
    """
    if limit < 1:
        return ""
    part = text[: 4 * limit + 64]
    clean = part.strip() if part.isascii() and part.isprintable() else _visible(part)
    if len(clean) <= limit and len(part) == len(text):
        return clean
    return clean[: limit - 1].rstrip() + ELLIPSIS


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in _TERMINAL_SEQUENCE.sub("", text):
        category = unicodedata.category(char)
        if char in _BREAKS:
            if not kept or kept[-1] != " ":
                kept.append(" ")
        elif category == "Cs":
            kept.append("\ufffd")
        elif category in ("Cc", "Cf") or char in INVISIBLE:
            continue
        elif category in ("Mn", "Me"):
            if kept and not kept[-1].isspace() and marks < _MOST_MARKS:
                kept.append(char)
                marks += 1
            continue
        else:
            kept.append(char)
        marks = 0
    return "".join(kept).strip()


def redact_secrets(text: str) -> str:
    """The text with `[secret]` for everything that looks like a key, a token, or a password in a URL."""
    for pattern in _SECRETS:
        text = pattern.sub("[secret]", text)
    return text


def title_text(text: str, limit: int = 200) -> str:
    """The first line with visible text, made safe and without secrets; empty where there is none."""
    for line in text[:100_000].splitlines():
        if clean := safe_text(line, max(4 * limit, 1000)):
            return safe_text(redact_secrets(clean), limit)
    return ""
