"""Usage of the range by model, and the figures of its cache."""

from __future__ import annotations

import sqlite3

from tokentui.queries.names import model_names
from tokentui.queries.results import CacheFigures, ModelShare
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.summing import summed
from tokentui.queries.sums.usage import Scope, Sums, all_of, by
from tokentui.records import Tokens, cache_hit_rate


def models_of(connection: sqlite3.Connection, scope: Scope, sum_up: SumUp = summed) -> tuple[dict[str, Sums], Sums]:
    """Usage by model, as logged, and the whole."""
    names = model_names(connection)
    by_model = {names[model]: sums for model, sums in by(connection, "model_id", scope, sum_up).items()}
    return by_model, all_of(by_model.values())


def shares_of(by_model: dict[str, Sums], whole: Sums) -> tuple[ModelShare, ...]:
    """Each model's share, the costliest first."""
    shares = [
        ModelShare(
            model,
            sums.responses,
            sums.tokens,
            sums.money,
            _cost_share(sums, whole),
            sums.tokens.total / whole.tokens.total if whole.tokens.total else None,
        )
        for model, sums in by_model.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.money.pico_usd, -share.tokens.total, share.model)))


def _cost_share(sums: Sums, whole: Sums) -> float | None:
    """The share of the cost; None if nothing of the model has a price, which is not a share of 0."""
    is_unknown = not whole.cost_pico_usd or (sums.unpriced_responses and not sums.cost_pico_usd)
    return None if is_unknown else sums.cost_pico_usd / whole.cost_pico_usd


def cache_of(now: Tokens, whole: Sums, trend: tuple[float | None, ...]) -> CacheFigures:
    """Hit rates, and the saving: what the same prompts would have cost uncached minus what they cost."""
    has_price = whole.responses > whole.unpriced_responses
    saved = whole.uncached_pico_usd - whole.cost_pico_usd if has_price else None
    return CacheFigures(cache_hit_rate(now), cache_hit_rate(whole.tokens), whole.tokens, saved, trend)


def unpriced_of(by_model: dict[str, Sums]) -> tuple[tuple[str, int], ...]:
    """Models without a price, and how many responses each has."""
    found = [(model, sums.unpriced_responses) for model, sums in by_model.items() if sums.unpriced_responses]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))
