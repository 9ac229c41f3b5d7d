"""The six tiles of the headline: each figure with its trend and how it stands against usual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tokentui.figures import format_count, format_usd
from tokentui.queries.results import Headline
from tokentui.records import Tokens, cache_hit_rate
from tokentui.ui import words
from tokentui.ui.scene import Scene

if TYPE_CHECKING:
    from tokentui.watch.usual import Usual


class Tile(NamedTuple):
    """One figure with its label and notes, each in wordings from long to short."""

    labels: tuple[str, ...]
    value: str
    trend: Sequence[float | None]
    notes: tuple[str, ...]
    is_high: bool = False
    """Above what 95 of 100 active minutes show, or a hit rate far below usual: worth a look."""
    ceiling: float | None = None


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
            words.share(cache_hit_rate(tokens)),
            [None if rate is None else max(0.0, rate - 0.5) for rate in headline.trend_hit_rate],
            *_hit_compared(tokens, headline),
            ceiling=0.5,
        ),
        Tile(
            ("working agents", "agents"),
            str(agents),
            headline.trend_agents,
            *_with(f"in {in_sessions}", *_compared(agents, headline.usual_agents, format_count)),
        ),
        Tile(
            (f"cost {scene.today_word}", scene.today_word),
            words.money(headline.today_money, lower_bound=bool(headline.today_lower_bound)),
            (),
            *_day_notes(headline, scene),
        ),
    )


def _usd(pico_usd: float) -> str:
    return format_usd(int(pico_usd))


def _compared(value: float, usual: Usual | None, word: Callable[[float], str]) -> tuple[tuple[str, ...], bool]:
    """Wordings such as `3.1× usual · p95 90k`, and whether the value is above the p95."""
    if usual is None:
        return ("no usual yet", "", ""), False
    if not value or not usual.median:
        return (
            f"usual {word(usual.median)}, p95 {word(usual.p95)}",
            f"usual {word(usual.median)}",
            "",
        ), False
    is_high = value > usual.p95
    ratio = value / usual.median
    times = f"{'▲ ' if is_high else ''}{'<0.1' if ratio < 0.05 else f'{ratio:.1f}'}× usual"
    return (f"{times} · p95 {word(usual.p95)}", times, times.removesuffix(" usual")), is_high


def _with(first: str, notes: tuple[str, ...], is_high: bool) -> tuple[tuple[str, ...], bool]:
    """The wordings with another figure before the comparison; that figure stays when there is no room for both."""
    shorter = notes[-1]
    if not notes[1]:
        return (first, first.removeprefix("in ")), False
    if is_high:
        return (f"{first} · {notes[1]}", f"{first} {shorter}", *notes[1:]), is_high
    return (
        f"{first} · {notes[1]}",
        *((f"{first} · {shorter}", f"{first} {shorter}") if shorter else ()),
        first,
        first.removeprefix("in "),
    ), is_high


def _hit_compared(tokens: Tokens, headline: Headline) -> tuple[tuple[str, ...], bool]:
    """The usual hit rate, and whether this one is far below it.

    That is ten points, and three times the usual misses, in a minute with no fewer fresh tokens than usual: the first
    prompt of a session is written to the cache whole, and nothing is wrong then.
    """
    usual, usual_fresh, rate = headline.usual_hit_rate, headline.usual_fresh, cache_hit_rate(tokens)
    if usual is None:
        return ("no usual yet", ""), False
    is_low = rate is not None and usual.median - rate >= 0.1 and 1 - rate >= 3 * (1 - usual.median)
    is_low = is_low and (usual_fresh is None or tokens.fresh >= usual_fresh.median)
    usual_is = (f"usual {words.share(usual.median)}", f"usual {words.share_short(usual.median)}")
    return ((*(f"▼ {text}" for text in usual_is), "▼") if is_low else usual_is), is_low


def _day_notes(headline: Headline, scene: Scene) -> tuple[tuple[str, ...], bool]:
    """Against a usual day, and whether it is more than twice as dear."""
    responses, usual = words.plural(headline.today_responses, "response"), headline.usual_day_pico_usd
    if not scene.progress.today_complete and scene.is_reading:
        return (f"{responses}, still reading", "still reading"), False
    if usual is None:
        return (responses, ""), False
    day, spent = _usd(usual), headline.today_money.pico_usd
    if spent > 2 * usual > 0:
        times = f"▲ {spent / usual:.1f}×"
        return (f"{times} usual · {day} a day", f"{times} usual", times), True
    return (f"usual {day} a day · {responses}", f"usual {day} a day", f"usual {day}", ""), False
