"""Rate cards for any model on any day, each built once and then remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tokentui.pricing import overlay, price_data
from tokentui.pricing.assembly import list_card, with_overrides
from tokentui.pricing.library import Library, change_days, claude_models, find
from tokentui.pricing.model_names import normalise
from tokentui.pricing.overrides import Override, fingerprint
from tokentui.pricing.rates import RateCard


class _Period(NamedTuple):
    """Days on which one card holds for a model."""

    since: date
    until: date
    """First day after it."""
    card: RateCard | None
    """None where the model has no known price."""


class RateBook:
    """Rate cards by model and day. The price library is only loaded for what the book does not remember.

    `overrides` are the user's own prices, `update` is a file of fetched price data, and `remembered` is what `remember`
    returned in an earlier run; it is ignored if it was made from other sources.
    """

    def __init__(
        self,
        overrides: Sequence[Override] = (),
        update: Path | None = None,
        remembered: Mapping[str, Any] | None = None,
    ) -> None:
        self._overrides = tuple(overrides)
        self._update = update
        self._library: Library | None = None
        name = price_data.update_name(update) if update else price_data.bundled_name()
        own = fingerprint(self._overrides)
        self._source = f"{name} + overlay {overlay.VERSION}"
        self.basis = f"{self._source} + your prices {own}" if own else self._source
        """Sources and versions of all prices in the book; costs stored on another basis have to be priced anew."""
        self._periods = _restored(remembered, self.basis)
        self._by_day: dict[tuple[str, date], RateCard | None] = {}

    def card(self, model: str, day: date) -> RateCard | None:
        """The card of a model, by its id as logged, on a UTC day; None if it has no known price."""
        key = (model, day)
        try:
            return self._by_day[key]
        except KeyError:
            card = self._by_day[key] = self._period(model, day).card
            return card

    def history(self, model: str) -> tuple[RateCard, ...]:
        """The cards of a model over time, oldest first; neighbours with the same prices are joined into one."""
        days = sorted({date.min, *self._change_days(model)})
        cards: list[RateCard] = []
        for day in days:
            card = self.card(model, day)
            if card and cards and _same_price(cards[-1], card):
                cards[-1] = replace(cards[-1], valid_until=card.valid_until)
            elif card:
                cards.append(card)
        return tuple(cards)

    def claude_models(self) -> tuple[str, ...]:
        """Ids of all Claude models with a price, newest first; the few whose launch is not known come last."""
        known = {*claude_models(self.library()), *(alias.model for alias in overlay.ALIASES)}
        known -= overlay.UNPRICED
        return tuple(sorted(known, key=lambda model: (_age(model), model)))

    def remember(self) -> dict[str, Any]:
        """What was asked for so far, as plain values for JSON: `remembered` for the next run's book."""
        models = {
            model: [
                [period.since.isoformat(), period.until.isoformat(), period.card and period.card.to_dict()]
                for period in periods
            ]
            for model, periods in list(self._periods.items())
        }
        return {"basis": self.basis, "models": models}

    def library(self) -> Library:
        """The price data; loading it takes 150 ms the first time."""
        if self._library is None:
            self._library = price_data.load_update(self._update) if self._update else price_data.bundled()
        return self._library

    def _period(self, model: str, day: date) -> _Period:
        periods = self._periods.setdefault(model, [])
        for period in periods:
            if period.since <= day < period.until:
                return period
        days = self._change_days(model)
        since = max((change for change in days if change <= day), default=date.min)
        until = min((change for change in days if change > day), default=date.max)
        card = self._build(model, day)
        if card:
            card = replace(card, valid_from=since, valid_until=until)
        period = _Period(since, until, card)
        periods.append(period)
        return period

    def _build(self, logged: str, day: date) -> RateCard | None:
        model = normalise(logged)
        overrides = [entry for entry in self._overrides if entry.covers(logged, model) and entry.holds_on(day)]
        card = list_card(self.library(), self.basis if overrides else self._source, model, day)
        return with_overrides(card, overrides, model, self.basis)

    def _change_days(self, logged: str) -> set[date]:
        model = normalise(logged)
        days = set(overlay.change_days(model))
        known = find(self.library(), overlay.priced_as(model))
        if known:
            days |= change_days(known)
        for entry in self._overrides:
            if entry.covers(logged, model):
                days |= {day for day in (entry.since, entry.until) if day is not None}
        return days


def _age(model: str) -> int:
    """Orders models by launch, newest first; those of unknown launch come last."""
    return -overlay.LAUNCHED.get(model, date.min).toordinal()


def _same_price(one: RateCard, other: RateCard) -> bool:
    return one == replace(other, valid_from=one.valid_from, valid_until=one.valid_until)


def _restored(remembered: Mapping[str, Any] | None, basis: str) -> dict[str, list[_Period]]:
    """The periods that an earlier book remembered, by model; none if it had another basis or cannot be read."""
    if not remembered or remembered.get("basis") != basis:
        return {}
    try:
        return {
            model: [
                _Period(
                    date.fromisoformat(since),
                    date.fromisoformat(until),
                    RateCard.from_dict(card) if card else None,
                )
                for since, until, card in periods
            ]
            for model, periods in remembered["models"].items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
