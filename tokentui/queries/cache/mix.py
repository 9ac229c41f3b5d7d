"""Works out which lifetime of cache writes was cheaper, 5 minutes or an hour; formulas in `LifetimeMix`."""

from __future__ import annotations

from dataclasses import dataclass

from tokentui.instants import DAY_MS, HOUR_MS
from tokentui.pricing.cost import rates_of
from tokentui.pricing.rates import FiveRates, RateCard
from tokentui.queries.cache.results import FIVE_MINUTES_MS, CacheStep, LifetimeMix
from tokentui.queries.cache.steps import Steps
from tokentui.records import BilledUsage


@dataclass(slots=True)
class MixSums:
    """Running sums for `LifetimeMix`."""

    written_5m: int = 0
    written_1h: int = 0
    instead: int = 0
    has_saved: int = 0
    longer: int = 0
    """Σ written × (r1 − r5)."""
    dearest: int = 0
    """Σ written × (r1 − read)."""
    _card: tuple[tuple[str, int], RateCard | None] | None = None
    """The card of the model and day asked for last: steps come in order, so remembering one is mostly enough."""

    def add(self, step: CacheStep, steps: Steps) -> None:
        """Count one more response."""
        tokens = step.tokens
        write_5m, write_1h = tokens.cache_write_5m, tokens.cache_write_1h
        is_late = step.gap_ms is not None and FIVE_MINUTES_MS <= step.gap_ms < HOUR_MS
        again = late = 0
        if is_late:
            again = min(step.rewritten_tokens, write_5m) if step.cause == "expired" else 0
            late = min(tokens.cache_read, step.expected_tokens) if step.ttl_ms == HOUR_MS else 0
        if not (write_5m or write_1h or late):
            return
        self.written_5m += write_5m
        self.written_1h += write_1h
        rates = self._rates_of(step, steps)
        if rates is not None:
            _, _, rate_5m, rate_1h, read = rates
            self.instead += again * (rate_5m - read) - (write_5m - again) * (rate_1h - rate_5m)
            self.has_saved += late * (rate_5m - read) - write_1h * (rate_1h - rate_5m)
            self.longer += (write_5m + write_1h) * (rate_1h - rate_5m)
            self.dearest += (write_5m + write_1h) * (rate_1h - read)

    def join(self, other: MixSums) -> None:
        """Add the sums of another."""
        self.written_5m += other.written_5m
        self.written_1h += other.written_1h
        self.instead += other.instead
        self.has_saved += other.has_saved
        self.longer += other.longer
        self.dearest += other.dearest

    def _rates_of(self, step: CacheStep, steps: Steps) -> FiveRates | None:
        """The rates of one request, which depend on the length of its prompt, its tier, speed and place."""
        key = (step.model, step.at_ms // DAY_MS)
        if self._card is None or self._card[0] != key:
            self._card = (key, steps.card(step.model, step.at_ms))
        card = self._card[1]
        return None if card is None else rates_of(BilledUsage(step.model, step.tokens, *step.modifiers), card)

    def result(self) -> LifetimeMix:
        """The result of the sums."""
        share = self.longer / self.dearest if self.dearest else None
        return LifetimeMix(self.written_5m, self.written_1h, self.instead, self.has_saved, share)
