"""Pane 1: the last minute in six tiles, each with its trend and set against what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tokentui.queries.results import Headline, Usual
from tokentui.records import cache_hit_rate
from tokentui.text import format_count, format_share, format_usd
from tokentui.ui import help as texts
from tokentui.ui import words
from tokentui.ui.charts.spark import sparkline
from tokentui.ui.lines import Line, LinePane, fit
from tokentui.ui.scene import Scene

LIST_BELOW_WIDTH = 78
_VALUE_CELLS = 7


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, with wordings from long to short."""

    labels: tuple[str, ...]
    value: str
    trend: Sequence[float | None]
    notes: tuple[str, ...]
    is_high: bool = False
    """Above what 95 of 100 active minutes show: worth a look."""
    ceiling: float | None = None


class HeadlinePane(LinePane):
    """The tiles."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "now",
        "The last 60 seconds, and today. Each tile has its trend over the last 30 minutes and how it stands against "
        "usual; ▲ marks a figure above its usual p95.",
        (
            texts.TOKENS_PER_MINUTE,
            ("$/min, $/h", "the price of the responses of the last 60 s; times 60"),
            texts.HIT_RATE,
            ("working agents", f"main threads and sub-agents that are working: {texts.WORKING[1]}"),
            ("today", "cost since midnight in your time zone; usual is the mean of the days with use in the last 7"),
            texts.USUAL,
            texts.MONEY,
        ),
    )

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The pane's name, and what kind of money this is."""
        return "1 now", "estimate at list price"

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Tiles side by side, or one a line where it is narrow."""
        if scene.snapshot is None:
            return ()
        tiles = tiles_of(scene.snapshot.headline, scene)
        if width < LIST_BELOW_WIDTH:
            return _as_list(tiles if height > 5 else (*tiles[:4], _joined(*tiles[4:])), scene, width)
        return _side_by_side(tiles, scene, width, height)


def tiles_of(headline: Headline, scene: Scene) -> tuple[Tile, ...]:
    """The six tiles."""
    tokens, money = headline.tokens_last_minute, headline.money_last_minute
    hour = format_usd(money.pico_usd * 60, bool(money.unpriced_responses))
    agents = headline.working_agents
    in_sessions = words.plural(headline.working_sessions, "session")
    return (
        Tile(
            ("fresh tokens/min", "fresh tok/min", "fresh/min"),
            format_count(tokens.fresh, bool(headline.lower_bound_last_minute)),
            headline.trend_fresh,
            *_compared(tokens.fresh, headline.usual_fresh, format_count),
        ),
        Tile(
            ("cached tokens/min", "cached/min"),
            format_count(tokens.cache_read),
            headline.trend_cached,
            *_compared(tokens.cache_read, headline.usual_cached, format_count),
        ),
        Tile(
            ("dollars/min", "$/min"),
            words.money(money, lower_bound=bool(headline.lower_bound_last_minute)),
            headline.trend_pico_usd,
            *_with(f"{hour}/h", *_compared(money.pico_usd, headline.usual_pico_usd, _usd)),
        ),
        Tile(
            ("cache hit rate", "cache hit"),
            format_share(cache_hit_rate(tokens)).replace(" ", ""),
            headline.trend_hit_rate,
            _usual_share(headline.usual_hit_rate),
            ceiling=1.0,
        ),
        Tile(
            ("working agents", "agents"),
            str(agents),
            headline.trend_agents,
            *_with(f"in {in_sessions}", *_compared(agents, headline.usual_agents, format_count)),
        ),
        Tile(
            ("cost today", "today"),
            words.money(headline.today_money, lower_bound=bool(headline.today_lower_bound)),
            (),
            _day_notes(headline, scene),
            headline.usual_day_pico_usd is not None and headline.today_money.pico_usd > 2 * headline.usual_day_pico_usd,
        ),
    )


def _usd(pico_usd: float) -> str:
    return format_usd(int(pico_usd))


def _compared(value: float, usual: Usual | None, worded: object) -> tuple[tuple[str, ...], bool]:
    """`3.1× usual, p95 90k` and whether it is above the p95."""
    if usual is None:
        return ("no usual yet", ""), False
    word = worded if callable(worded) else str
    if not value or not usual.median:
        return (f"usual {word(usual.median)}, p95 {word(usual.p95)}", f"usual {word(usual.median)}"), False
    is_high = value > usual.p95
    times = f"{'▲ ' if is_high else ''}{value / usual.median:.1f}× usual"
    return (f"{times} · p95 {word(usual.p95)}", times), is_high


def _with(first: str, notes: tuple[str, ...], is_high: bool) -> tuple[tuple[str, ...], bool]:
    """The comparison behind another figure, which stays when there is no room for both."""
    shorter = notes[-1].removesuffix(" usual")
    return (f"{first} · {notes[-1]}", f"{first} {shorter}", first), is_high


def _usual_share(usual: Usual | None) -> tuple[str, ...]:
    return ("no usual yet", "") if usual is None else (f"usual {format_share(usual.median)}",)


def _day_notes(headline: Headline, scene: Scene) -> tuple[str, ...]:
    is_partial = not scene.progress.today_complete and scene.is_reading
    responses = words.plural(headline.today_responses, "response")
    if is_partial:
        return (f"{responses}, still reading", "still reading")
    if headline.usual_day_pico_usd is None:
        return (responses, "")
    usual = f"usual {format_usd(int(headline.usual_day_pico_usd))}"
    return (f"{usual} a day · {responses}", f"{usual} a day", usual)


def _side_by_side(tiles: tuple[Tile, ...], scene: Scene, width: int, height: int) -> list[Line]:
    edges = [1 + (width - 1) * index // len(tiles) for index in range(len(tiles) + 1)]
    cells = [end - start - 2 for start, end in zip(edges, edges[1:], strict=False)]
    lines: list[Line] = [
        _joined_line([((words.fitting(cell, *tile.labels), "muted"),) for tile, cell in _zip(tiles, cells)], cells)
    ]
    if height >= 4:
        lines.append(_joined_line([((tile.value, _value_ink(tile)),) for tile in tiles], cells))
        lines.append(
            _joined_line([((_spark(tile, scene, cell), "spark"),) for tile, cell in _zip(tiles, cells)], cells)
        )
    else:
        lines.append(_joined_line([_value_and_spark(tile, scene, cell) for tile, cell in _zip(tiles, cells)], cells))
    lines.append(_joined_line([((_note(tile, cell), _note_ink(tile)),) for tile, cell in _zip(tiles, cells)], cells))
    return lines


def _zip(tiles: tuple[Tile, ...], cells: list[int]) -> list[tuple[Tile, int]]:
    return list(zip(tiles, cells, strict=True))


def _joined_line(parts: list[Line], cells: list[int]) -> Line:
    line: Line = ((" ", ""),)
    for part, cell in zip(parts, cells, strict=True):
        line = (*line, *fit(part, cell), ("  ", ""))
    return line


def _value_and_spark(tile: Tile, scene: Scene, width: int) -> Line:
    spark_width = max(0, width - _VALUE_CELLS - 1)
    return (
        *fit(((tile.value, _value_ink(tile)),), _VALUE_CELLS),
        (" ", ""),
        (_spark(tile, scene, spark_width), "spark"),
    )


def _spark(tile: Tile, scene: Scene, width: int) -> str:
    shown = tile.trend[-width * scene.alphabet.columns :] if width > 0 else ()
    return sparkline(shown, width, ceiling=tile.ceiling, alphabet=scene.alphabet) if tile.trend else ""


def _note(tile: Tile, width: int) -> str:
    return words.fitting(width, *tile.notes)


def _value_ink(tile: Tile) -> str:
    return "warn" if tile.is_high else "strong"


def _note_ink(tile: Tile) -> str:
    return "warn" if tile.is_high else "muted"


def _joined(agents: Tile, today: Tile) -> Tile:
    """Agents and today in one line, for the smallest screens."""
    return Tile(("agents",), agents.value, agents.trend, (f"today {today.value}",), agents.is_high)


def _as_list(tiles: tuple[Tile, ...], scene: Scene, width: int) -> list[Line]:
    spark_width = 10 if width >= 50 else 6
    lines: list[Line] = []
    for tile in tiles:
        note_width = max(0, width - 12 - _VALUE_CELLS - spark_width - 3)
        lines.append(
            (
                (" ", ""),
                (words.left(words.fitting(11, *tile.labels), 11), "muted"),
                (words.right(tile.value, _VALUE_CELLS), _value_ink(tile)),
                (" ", ""),
                (words.left(_spark(tile, scene, spark_width), spark_width), "spark"),
                (" ", ""),
                (_note(tile, note_width), _note_ink(tile)),
            )
        )
    return lines
