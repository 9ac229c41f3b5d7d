"""Writes figures of rules and budgets, with or without their units."""

from __future__ import annotations

from tokentui.figures import format_count, format_usd
from tokentui.records import PICO_PER_USD


def amount_text(value: float, unit: str, lower_bound: bool = False) -> str:
    """A figure with its unit, as a person reads it; a lower bound with a `≥`, rounded down so that it stays true."""
    if unit == "share":
        return f"{value:.0%}".replace("%", " %")
    words = {"usd": "", "fresh_tokens": " fresh tokens"}.get(unit, f" {unit}")
    return f"{bare_amount_text(value, unit, lower_bound)}{words}"


def bare_amount_text(value: float, unit: str, lower_bound: bool = False) -> str:
    """The same without the name of the unit, for places that show it elsewhere; dollars keep their sign."""
    if unit == "usd":
        return format_usd(round(value * PICO_PER_USD), lower_bound=lower_bound)
    return format_count(value, lower_bound)
