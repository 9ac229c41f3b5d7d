"""An order of sessions that does not jump while somebody reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tokentui.queries.results import SessionRow
from tokentui.view import View

CALM_SECONDS = 5
"""Shortest time between two changes of the order that the user did not ask for."""


class Order(NamedTuple):
    """The order of the keys on screen, when it was made, and for which question."""

    keys: tuple[str, ...] = ()
    made_at: datetime | None = None
    view: View | None = None


def damped(order: Order, rows: Sequence[SessionRow], view: View, now: datetime) -> Order:
    """The order to show: the new one if it was asked for or 5 s have passed, else the old one with newcomers in it."""
    asked = (view.range, view.filter, view.sort, view.reverse)
    was_asked = order.view and (order.view.range, order.view.filter, order.view.sort, order.view.reverse)
    keys = tuple(row.session_id for row in rows)
    is_due = order.made_at is None or abs(now - order.made_at) >= timedelta(seconds=CALM_SECONDS)
    if asked != was_asked or is_due:
        return Order(keys, now, view)
    present = set(keys)
    kept = [key for key in order.keys if key in present]
    known = set(kept)
    for place, key in enumerate(keys):
        if key not in known:
            kept.insert(place, key)
    return Order(tuple(kept), order.made_at, view)
