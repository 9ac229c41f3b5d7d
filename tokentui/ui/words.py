"""How the screen words what `figures` formats: sums with their marks, local times, cells of exact width."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from rich.cells import cell_len, set_cell_size

from tokentui.figures import format_age, format_count, format_share, format_usd, plural
from tokentui.figures import model_name as model
from tokentui.queries.results import Money
from tokentui.records import PICO_PER_USD
from tokentui.widths import shorten_end

__all__ = (
    "age", "clock", "context", "date_and_time", "date_or_clock", "duration", "fitting", "hour", "left", "model",
    "moment", "money", "plural", "project", "right", "share", "share_short", "slice_length", "usd_exact",
)  # fmt: skip


def money(total: Money, *, lower_bound: bool = False) -> str:
    """A sum with what it lacks: `?` where nothing was priced, `≥` where it is at least this much."""
    is_bound = lower_bound or bool(total.lower_bound_responses)
    return format_usd(total.pico_usd, unpriced=bool(total.unpriced_responses), lower_bound=is_bound)


def context(prompt_tokens: int) -> str:
    """The size of the newest prompt; `–` if there was none so far."""
    return format_count(prompt_tokens) if prompt_tokens else "–"


def usd_exact(pico_usd: int) -> str:
    """Dollars with enough digits for one response: `$0.076040`."""
    return f"${pico_usd / PICO_PER_USD:,.6f}"


def share(value: float | None) -> str:
    """A share in at most five cells: `96.2%`."""
    return format_share(value).replace(" ", "")


def share_short(value: float | None) -> str:
    """A share in at most four cells: `94%`, `<1%`; only all is `100%`."""
    if value is None:
        return "–"
    percent = round(value * 100)
    if value > 0 and percent == 0:
        return "<1%"
    return f"{min(percent, 99 if value < 1 else 999)}%"


def age(at: datetime, now: datetime) -> str:
    """How long ago, in at most four cells."""
    return format_age((now - at).total_seconds())


def duration(seconds: float) -> str:
    """A stretch of time ahead: `31 s`, `4 min`, `2 h 05`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02}"


def clock(at: datetime, time_zone: tzinfo) -> str:
    """Time of day in the user's zone: `14:02:11`."""
    return f"{at.astimezone(time_zone):%H:%M:%S}"


def hour(at: datetime, time_zone: tzinfo) -> str:
    """Time of day without seconds, which would tick for no reason: `14:02`."""
    return f"{at.astimezone(time_zone):%H:%M}"


def moment(at: datetime, now: datetime, time_zone: tzinfo) -> str:
    """A near time as people say it: `21:40` today, else `Thu 21:40`, else `12 Dec`."""
    local, today = at.astimezone(time_zone), now.astimezone(time_zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if abs(local - today) < timedelta(days=6):
        return f"{local:%a %H:%M}"
    return f"{local.day} {local:%b}"


def date_or_clock(at: datetime, time_zone: tzinfo, width: int) -> str:
    """A time in a table, with its day where that has room: `22 Nov 14:02:11`, else `14:02:11`."""
    return f"{at.astimezone(time_zone):%d %b %H:%M:%S}" if width >= 15 else clock(at, time_zone)


def date_and_time(at: datetime, time_zone: tzinfo) -> str:
    """Absolute local time with its zone: `2026-11-22 14:02:11 UTC`."""
    return f"{at.astimezone(time_zone):%Y-%m-%d %H:%M:%S %Z}"


def left(text: str, width: int) -> str:
    """Text in exactly `width` cells, flush left."""
    return set_cell_size(shorten_end(text, width), max(0, width))


def right(text: str, width: int) -> str:
    """Text in exactly `width` cells, flush right."""
    clipped = shorten_end(text, width)
    return set_cell_size(" " * (width - cell_len(clipped)) + clipped, max(0, width))


def fitting(width: int, *candidates: str) -> str:
    """The first candidate that fits; else the last one, shortened."""
    for candidate in candidates:
        if cell_len(candidate) <= width:
            return candidate
    return shorten_end(candidates[-1], width)


def project(path: str) -> str:
    """The last part of a working directory."""
    return path.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or path


def slice_length(seconds: float) -> str:
    """How long a column of the chart is: `30 s`, `5 min`, `6 h`, `1 d`."""
    for unit_seconds, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit_seconds:
            return f"{seconds / unit_seconds:g} {unit}"
    return f"{seconds:g} s"
