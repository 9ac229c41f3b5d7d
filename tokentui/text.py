"""Text for the screen: hostile text made safe, numbers in few cells, long text shortened by cell width.

Text in logs comes from anywhere; `safe_text` is the one gate through which it passes before it is shown.
Every `format_…` promises a greatest width in cells, so that columns of a table never jump.
"""

from __future__ import annotations

import math
import re
import unicodedata

PICO_PER_USD = 10**12
"""Money is counted in whole pico-dollars, which a list price for one token always is."""
PICO_PER_CENT = PICO_PER_USD // 100

_ELLIPSIS = "…"
_DURATIONS = ((60, 1, "ms", 3600), (3600, 60, "hm", 86_400), (86_400, 3600, "dh", 8_640_000))
_MOST_MARKS = 3
"""Combining marks kept on one letter: enough for any script, too few to paint over other rows."""
_VARIATION_SELECTORS = (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_SKIN_TONES = range(0x1F3FB, 0x1F400)
"""They change the colour of the sign before them in some terminals, and are signs of their own in others."""
_INVISIBLE = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0").union(map(chr, (*_VARIATION_SELECTORS, *_SKIN_TONES)))
_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_TERMINAL_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)"
)
_WIDE_SINCE_UNICODE_16 = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D376))
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
    """One line that cannot steer the terminal, at most `limit` characters long, `…` where it was cut.

    Terminal sequences, controls, bidirectional controls and invisible characters go; tabs and line breaks
    become one space; a lone surrogate becomes U+FFFD. Applying it twice changes nothing.
    """
    if limit < 1:
        return ""
    part = text[: 4 * limit + 64]
    clean = part.strip() if part.isascii() and part.isprintable() else _visible(part)
    if len(clean) <= limit and len(part) == len(text):
        return clean
    return clean[: limit - 1].rstrip() + _ELLIPSIS


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
        elif category in ("Cc", "Cf") or char in _INVISIBLE:
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
    """The text with everything that looks like a key, token or password in a URL as `[secret]`."""
    for pattern in _SECRETS:
        text = pattern.sub("[secret]", text)
    return text


def title_text(text: str, limit: int = 200) -> str:
    """The first line that shows anything, safe and without secrets; empty where there is none."""
    for line in text[:100_000].splitlines():
        if clean := safe_text(line, max(4 * limit, 1000)):
            return safe_text(redact_secrets(clean), limit)
    return ""


def char_width(char: str) -> int:
    """Cells that one character takes in a terminal: 0, 1 or 2."""
    code = ord(char)
    if 0x20 <= code < 0x7F or 0x2500 <= code <= 0x25FC or 0x2800 <= code <= 0x28FF:
        return 1
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Cs", "Mn", "Me", "Mc") or char in _INVISIBLE:
        return 0
    if 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF or 0x1F3FB <= code <= 0x1F3FF:
        return 0
    if any(first <= code <= last for first, last in _WIDE_SINCE_UNICODE_16):
        return 2
    if category == "Cn":
        return 2 if 0x1F000 <= code <= 0x1FBFF or 0x20000 <= code <= 0x3FFFD else 1
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cell_width(text: str) -> int:
    """Cells that a text takes in a terminal."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(char_width, text))


def shorten_end(text: str, width: int) -> str:
    """The text in at most `width` cells, its end replaced by `…` where it is longer."""
    if cell_width(text) <= width:
        return text
    return _first_cells(text, width - 1) + _ELLIPSIS if width > 0 else ""


def shorten_words(text: str, width: int) -> str:
    """As `shorten_end`, but a figure on which the cut falls goes whole: `is at 13…` would be another one."""
    cut = shorten_end(text, width)
    head, _, last = cut.removesuffix(_ELLIPSIS).rpartition(" ")
    return f"{head}{_ELLIPSIS}" if cut != text and head and any(map(str.isdigit, last)) else cut


def shorten_middle(text: str, width: int) -> str:
    """The text in at most `width` cells, its middle replaced by `…`: a path keeps its telling end."""
    if cell_width(text) <= width:
        return text
    if width < 4:
        return shorten_end(text, width)
    head = (width - 1) // 3
    return _first_cells(text, head) + _ELLIPSIS + _last_cells(text, width - 1 - head)


def _first_cells(text: str, width: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += char_width(char)
        if used > width:
            return text[:index]
    return text


def _last_cells(text: str, width: int) -> str:
    used, start = 0, len(text)
    for index in range(len(text) - 1, -1, -1):
        cells = char_width(text[index])
        used += cells
        if used > width:
            break
        if cells:
            start = index
    return text[start:]


def plural(number: int, noun: str) -> str:
    """`1 session`, `5 sessions`, `1,284 responses`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def model_name(name: str) -> str:
    """A model as people call it: `claude-opus-4-5-20251101` is `opus-4-5`."""
    short = name.removeprefix("claude-")
    head, _, tail = short.rpartition("-")
    return head if head and len(tail) == 8 and tail.isdigit() else short


def format_count(count: float, lower_bound: bool = False) -> str:
    """A number of things in at most 5 cells (`999`, `12.3k`, `1.23M`), 6 with the `≥` of a lower bound.

    A lower bound is rounded down, so that it stays true. Negative counts as 0, not a number is `–`.
    """
    count = max(min(count, 10**15), 0)
    if math.isnan(count):
        return "–"
    text = _compact(count, lower_bound)
    return f"≥{text}" if lower_bound else text


def _compact(count: float, down: bool) -> str:
    """At most 5 cells; `count` is not negative."""
    if count >= 999_500_000_000_000:
        return ">999T"
    if count < 9.95 and count != int(count):
        return _rounded(count, 1, 1, down)
    if count < 999.5:
        return _rounded(count, 1, 0, down)
    for unit, sign, places in ((10**3, "k", 1), (10**6, "M", 2), (10**9, "G", 1), (10**12, "T", 1)):
        for digits in range(places, -1, -1):
            text = _rounded(count, unit, digits, down)
            if len(text) <= (4 if digits else 3):
                return text + sign
    return ">999T"


def _rounded(count: float, unit: int, digits: int, down: bool) -> str:
    amount = count * 10**digits // unit / 10**digits if down else count / unit
    return f"{amount:.{digits}f}"


def format_usd(pico_usd: int | None, unpriced: bool = False, lower_bound: bool = False) -> str:
    """Money in at most 8 cells: `$0.00` for nothing only, `<$0.01`, `$12.34`, `$1,234`, `$12.3k`.

    `unpriced` says that part of the sum has no known price, `lower_bound` that some counts are not final:
    either puts a `≥` before the sum, which is then rounded down. `?` where nothing could be priced.
    """
    if pico_usd is None or (unpriced and pico_usd == 0):
        return "?"
    at_least = unpriced or lower_bound
    amount = abs(pico_usd)
    if 0 < amount < PICO_PER_CENT and not at_least:
        return "<$0.01" if pico_usd > 0 else ">-$0.01"
    shown = _dollars(amount, at_least)
    return f"{'≥' if at_least else ''}{'-' if pico_usd < 0 else ''}{shown}"


def _dollars(pico_usd: int, down: bool) -> str:
    cents = (pico_usd + (0 if down else PICO_PER_CENT // 2)) // PICO_PER_CENT
    if cents < 100_000:
        return f"${cents // 100}.{cents % 100:02}"
    dollars = (pico_usd + (0 if down else 50 * PICO_PER_CENT)) // (100 * PICO_PER_CENT)
    return f"${dollars:,}" if dollars < 10_000 else f"${_compact(min(dollars, 10**15), down)}"


def whole_percent(share: float) -> int:
    """Rounded down: only what is used up is 100 %."""
    return math.floor(round(share * 100, 6))


def format_share(share: float | None) -> str:
    """A share from 0 to 1 in at most 6 cells: `84.4 %`, `<0.1 %`; only all is `100 %`; `–` for None."""
    if share is None or math.isnan(share) or share < 0:
        return "–"
    percent = share * 100
    if 0 < percent < 0.1:
        return "<0.1 %"
    if percent < 100:
        return f"{min(percent, 99.9):.1f} %"
    return f"{percent:.0f} %" if percent < 999.5 else ">999 %"


def format_age(seconds: float | None) -> str:
    """How long ago, in at most 4 cells: `now`, `3s`, `2m`, `5h`, `12d`, `3y`; `–` for None."""
    if seconds is None or math.isnan(seconds):
        return "–"
    if seconds < 1:
        return "now"
    for unit, sign, below in ((1, "s", 60), (60, "m", 3600), (3600, "h", 86_400), (86_400, "d", 86_400_000)):
        if seconds < below:
            return f"{int(seconds // unit)}{sign}"
    return f"{int(min(seconds, 31_556_952 * 999) // 31_556_952)}y"


def format_duration_ms(duration_ms: float | None) -> str:
    """How long it took, in at most 6 cells: `850ms`, `4.2s`, `42s`, `3m12s`, `2h05m`, `3d04h`, or `–`."""
    if duration_ms is None or math.isnan(duration_ms):
        return "–"
    if duration_ms < 999.5:
        return f"{max(duration_ms, 0):.0f}ms"
    if duration_ms < 59_500:
        return f"{duration_ms / 1000:.{1 if duration_ms < 9_950 else 0}f}s"
    seconds = int(min(duration_ms, 8.6399e12) / 1000 + 0.5)
    for unit, smaller, signs, below in _DURATIONS:
        if seconds < below:
            return f"{seconds // unit}{signs[0]}{seconds % unit // smaller:02}{signs[1]}"
    return f"{seconds // 86_400}d"


def format_bytes(size_bytes: float) -> str:
    """A size in at most 7 cells, in powers of 1000: `512 B`, `12.3 kB`, `4.1 GB`."""
    size = max(min(size_bytes, 10**15), 0)
    if math.isnan(size):
        return "–"
    for unit, sign in ((1, "B"), (10**3, "kB"), (10**6, "MB"), (10**9, "GB"), (10**12, "TB")):
        if size < 999.5 * unit:
            places = 0 if unit == 1 or size >= 99.95 * unit else 1
            return f"{size / unit:.{places}f} {sign}"
    return ">999 TB"
