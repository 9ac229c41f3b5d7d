"""Claude prices that the price library lacks or has wrong, with dates and sources: first the data, then look-ups.

Prices are in USD per million tokens. A period runs from `since` up to, not including, `until`; None is open.
Sources: "release notes" and "pricing" are those pages of platform.claude.com, in the revision of the date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tokentui.pricing.model_names import version_of

VERSION = 1
"""To be raised with every change of a figure below, so that stored costs are worked out anew."""

LONG_PROMPT = 200_000
WEB_SEARCH_PICO_USD = 10**10
"""$10 per 1,000 searches; pricing, since 2025-05-07."""


class DatedPrice(NamedTuple):
    """Input and output price of one model in one period; the cache costs the usual multiples, see `claude_rates`."""

    model: str
    input_usd: str
    output_usd: str
    since: date | None
    until: date | None
    source: str
    long_input_usd: str = ""
    """For prompts above 200k tokens, if they were dearer; else empty."""
    long_output_usd: str = ""


class Correction(NamedTuple):
    """One rate of one model that the library has wrong in one period."""

    model: str
    kind: str
    """The field of `Rates`."""
    usd: str
    since: date | None
    until: date | None
    source: str


class Alias(NamedTuple):
    """A model the library lacks, sold at the price of another."""

    model: str
    priced_as: str
    source: str


class Modifier(NamedTuple):
    """A factor on all token rates for requests with some property, such as those in a batch."""

    factor: Fraction
    since: date
    first_version: tuple[int, int]
    """The oldest version of Claude that has it, (major, minor)."""
    source: str


FAST = (
    DatedPrice("claude-opus-4-6", "30", "150", date(2026, 2, 7), date(2026, 2, 20),
          "release notes 2026-02-07; pricing until about 2026-02-20: 60/225 above 200k", "60", "225"),
    DatedPrice("claude-opus-4-6", "30", "150", date(2026, 2, 20), date(2026, 6, 29),
          "pricing 2026-02-20: one fast price for any prompt; release notes 2026-06-29: removed"),
    DatedPrice("claude-opus-4-7", "30", "150", date(2026, 5, 12), date(2026, 7, 24),
          "release notes 2026-05-12: fast mode; 2026-07-24: removed"),
    DatedPrice("claude-opus-4-8", "10", "50", date(2026, 5, 28), date(2026, 11, 30),
          "pricing 2026-05-28; release notes: fast mode removed 2026-11-30"),
)  # fmt: skip
"""Prices of fast mode for models that lost it again, a history that the library lacks.

For these models only this table counts: outside its periods a fast request ran, and was billed, at standard rates.
"""

LONG = (
    DatedPrice("claude-sonnet-4", "6", "22.5", date(2025, 8, 12), None,
          "release notes 2025-08-12: 1M context beta, whole request at 6/22.5 above 200k"),
    DatedPrice("claude-sonnet-4-5", "6", "22.5", date(2025, 9, 29), None,
          "pricing 2025-09-29: 6/22.5 above 200k (the library agrees)"),
)  # fmt: skip
"""Long-context prices that the library lacks, or has without a date.

The beta ended on 2026-04-30. Its price stays: longer prompts have been refused since and never had another price.
"""

CORRECTIONS = (
    Correction("claude-sonnet-5-5", "cache_read", "0.20", None, date(2026, 10, 7),
               "release notes 2026-10-07: cache reads of Sonnet 5.5 from 0.1 to 0.05 of input"),
)  # fmt: skip

ALIASES = (
    Alias("claude-mythos-5", "claude-fable-5", "pricing 2026-06-09: one row for both"),
    Alias("claude-mythos-5-1", "claude-fable-5-1", "pricing 2026-09-01: one row for both"),
)

UNPRICED = frozenset({"claude-mythos-preview"})
"""Models without a price: sources disagree about it, and none could be verified."""

BATCH = Modifier(Fraction(1, 2), date(2024, 10, 8), (0, 0), "release notes 2024-10-08: Message Batches, half price")
"""In the library it only begins on 2026-10-14."""

US = Modifier(Fraction(11, 10), date(2026, 2, 5), (4, 6), "pricing 2026-02-05: data residency, 1.1 for Claude 4.6+")
"""The library lacks it. Older models log the place as `not_available`."""

LAUNCHED = {
    "claude-opus-4": date(2025, 5, 22), "claude-sonnet-4": date(2025, 5, 22),
    "claude-opus-4-1": date(2025, 8, 5), "claude-sonnet-4-5": date(2025, 9, 29),
    "claude-haiku-4-5": date(2025, 10, 15), "claude-opus-4-5": date(2025, 11, 24),
    "claude-opus-4-6": date(2026, 2, 5), "claude-sonnet-4-6": date(2026, 2, 17),
    "claude-opus-4-7": date(2026, 4, 16), "claude-opus-4-8": date(2026, 5, 28),
    "claude-fable-5": date(2026, 6, 9), "claude-mythos-5": date(2026, 6, 9),
    "claude-sonnet-5": date(2026, 6, 30), "claude-opus-5": date(2026, 7, 24),
    "claude-fable-5-1": date(2026, 9, 1), "claude-mythos-5-1": date(2026, 9, 1),
    "claude-opus-5-5": date(2026, 9, 22), "claude-sonnet-5-5": date(2026, 9, 28),
    "claude-haiku-5-5": date(2026, 10, 7),
    "claude-fable-5-2": date(2026, 11, 9), "claude-mythos-5-2": date(2026, 11, 9),
}  # fmt: skip
"""First day of sale, from the release notes. Earlier usage gets the first price, and its basis says so."""


def priced_as(model: str) -> str:
    """The model under which the library has this model's price."""
    return next((alias.priced_as for alias in ALIASES if alias.model == model), model)


def has_fast_history(model: str) -> bool:
    """Whether `FAST` holds for this model instead of what the library says."""
    return any(entry.model == model for entry in FAST)


def fast_on(model: str, day: date) -> DatedPrice | None:
    """The price of fast mode on a day, for a model in `FAST`; None if it had none then."""
    return next((entry for entry in FAST if entry.model == model and _holds(entry, day)), None)


def long_on(model: str, day: date) -> DatedPrice | None:
    """The long-context price on a day, if it is one that the library lacks; else None."""
    return next((entry for entry in LONG if entry.model == model and _holds(entry, day)), None)


def corrections_on(model: str, day: date) -> tuple[Correction, ...]:
    """The rates to correct on a day."""
    return tuple(entry for entry in CORRECTIONS if entry.model == model and _holds(entry, day))


def factor_on(modifier: Modifier, model: str, day: date) -> Fraction:
    """The modifier's factor, or 1 where the day is too early or the model too old."""
    version = version_of(model) or (0, 0)
    return modifier.factor if day >= modifier.since and version >= modifier.first_version else Fraction(1)


def change_days(model: str) -> Iterator[date]:
    """Days on which any price or factor in this module changes for a model."""
    if model.startswith("claude"):
        yield from (BATCH.since, US.since)
    if model in LAUNCHED:
        yield LAUNCHED[model]
    for entry in (*FAST, *LONG, *CORRECTIONS):
        if entry.model == model:
            yield from (day for day in (entry.since, entry.until) if day is not None)


def _holds(entry: DatedPrice | Correction, day: date) -> bool:
    return (entry.since is None or entry.since <= day) and (entry.until is None or day < entry.until)
