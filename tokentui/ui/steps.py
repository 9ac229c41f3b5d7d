"""Steps from one view to the next, as plain functions; keys name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tokentui.view import RANGES, SORTS, RangeName, View

_RANGES: tuple[RangeName, ...] = tuple(RANGES)


def next_range(view: View) -> View:
    """The next time range; after the last comes the first."""
    return view._replace(range=_RANGES[(_RANGES.index(view.range) + 1) % len(_RANGES)])


def shorter_range(view: View) -> View:
    """A shorter time range; the shortest stays."""
    return view._replace(range=_RANGES[max(0, _RANGES.index(view.range) - 1)])


def longer_range(view: View) -> View:
    """A longer time range; the longest stays."""
    return view._replace(range=_RANGES[min(len(_RANGES) - 1, _RANGES.index(view.range) + 1)])


def next_sort(view: View) -> View:
    """Sorted by the next column; after the last comes the first."""
    return view._replace(sort=SORTS[(SORTS.index(view.sort) + 1) % len(SORTS)], reverse=False)


def reversed_order(view: View) -> View:
    """Sorted the other way around."""
    return view._replace(reverse=not view.reverse)


def other_split(view: View) -> View:
    """The chart split by kind instead of by model, or the other way around."""
    return view._replace(split="model" if view.split == "kind" else "kind")


STEPS: Mapping[str, Callable[[View], View]] = {
    "next_range": next_range,
    "shorter_range": shorter_range,
    "longer_range": longer_range,
    "next_sort": next_sort,
    "reversed_order": reversed_order,
    "other_split": other_split,
}
"""The steps by name, as in a key's action `look('next_range')`."""


def is_same_question(one: View, other: View) -> bool:
    """Whether two views ask for the same, however wide the chart is."""
    return one._replace(chart_columns=1) == other._replace(chart_columns=1)
