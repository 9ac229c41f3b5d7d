"""Money as commands write it: exact for programs, in dollars and cents for people."""

from __future__ import annotations

from tokentui.records import PICO_PER_CENT, PICO_PER_USD


def exact_usd(pico_usd: int | None) -> str | None:
    """Dollars as a decimal string with 6 decimals, or more if needed; None for None."""
    if pico_usd is None:
        return None
    dollars, rest = divmod(abs(pico_usd), PICO_PER_USD)
    decimals = f"{rest:012}"
    return f"{'-' if pico_usd < 0 else ''}{dollars}.{decimals[:6]}{decimals[6:].rstrip('0')}"


def cents_text(pico_usd: int | None, at_least: bool = False) -> str:
    """Dollars and cents for people; `–` for None."""
    if pico_usd is None:
        return "–"
    cents = (abs(pico_usd) + (0 if at_least else PICO_PER_CENT // 2)) // PICO_PER_CENT
    sign = "-" if pico_usd < 0 else ""
    if not cents and pico_usd and not at_least:
        return f"{sign}<$0.01"
    return f"{'≥' if at_least else ''}{sign}${cents // 100:,}.{cents % 100:02}"
