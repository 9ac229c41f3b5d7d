"""Single responses and quarter-hour sums in the same columns, for statements that take either."""

from __future__ import annotations

from collections.abc import Iterable

QUARTER_MS = 15 * 60 * 1000
"""Length of a sum: every time zone is a multiple of it from UTC."""

MOMENTS = """(
    SELECT at_ms, agent_id, model_id, part = 0 AS responses, is_lower_bound AND part = 0 AS lower_bound_responses,
           cost_pico_usd IS NULL AS unpriced_responses, input_tokens, output_tokens, cache_write_5m_tokens,
           cache_write_1h_tokens, cache_read_tokens, ifnull(cost_pico_usd, 0) AS cost_pico_usd,
           ifnull(uncached_pico_usd, 0) AS uncached_pico_usd
    FROM response)"""

QUARTERS = "(SELECT quarter_ms AS at_ms, * FROM usage_quarter)"


def sums_of(names: Iterable[str]) -> str:
    """The columns of either, added up."""
    return ", ".join(f"sum({name})" for name in names)
