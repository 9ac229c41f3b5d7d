"""What a pane says about itself: what it shows and the formulas behind its numbers."""

from __future__ import annotations

from typing import NamedTuple


class PaneHelp(NamedTuple):
    """The pane's part of the help."""

    title: str
    shows: str
    """A sentence or two; a key's id in braces, such as `{drill}`, stands for the key as remapped."""
    formulas: tuple[tuple[str, str], ...] = ()
    """Pairs of a figure's name and its formula."""


TOKENS_PER_MINUTE = (
    "tokens/min",
    "all tokens of responses in the last 60 s; fresh = input + cache writes + output, cached = cache reads",
)
HIT_RATE = ("cache hit rate", "cache reads ÷ (cache reads + cache writes + uncached input)")
USUAL = (
    "usual",
    "the same figure over the active minutes of the last 7 days: median and 95th percentile (p95)",
)
MONEY = (
    "money",
    "estimate at list price on the day of use; on a subscription it is API-equivalent, not your bill. ≥ marks a lower "
    "bound (an unpriced model, or an answer whose final count was never written), ? stands where nothing could be "
    "priced",
)
WORKING = (
    "working",
    "something in flight by the last line (a prompt or tool result not yet answered, a tool call without its result, "
    "not older than 10 min), or any line in the last 60 s that ends no turn, or busy in the live registry",
)
