"""One look for a command that prints which rules' conditions hold now. It stores nothing and tells nobody."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tokentui.config.thresholds import GRADES, Grade, settings_of
from tokentui.guard.surroundings import Surroundings
from tokentui.queries.live.usual import average_day
from tokentui.queries.runaway.alerts import mutes_now
from tokentui.queries.runaway.facts import FactGatherer
from tokentui.queries.runaway.usual_rates import UsualRates
from tokentui.watch.alarm import is_muted
from tokentui.watch.rules.catalogue import find
from tokentui.watch.rules.findings import Finding
from tokentui.watch.usual import Usuals
from tokentui.watch.usual_memo import kept_usual


@dataclass(frozen=True, slots=True)
class Raised:
    """A rule whose condition holds now."""

    finding: Finding
    grade: Grade


def raised_now(connection: sqlite3.Connection, surroundings: Surroundings) -> tuple[list[Raised], Usuals | None]:
    """Every rule whose condition holds now, even if only for a moment; the highest grade first.

    The second value is None unless the usual figures had to be worked out here; `keep_usual` can then store them.
    """
    now, settings = surroundings.clock(), surroundings.read_settings()
    gatherer = FactGatherer(connection, surroundings.time_zone, surroundings.week_start)
    facts = gatherer.gather(now, settings.budgets, surroundings.read_registry())
    mutes = [(mute.rule, mute.session_id) for mute in mutes_now(connection, now)]
    usual, worked_out = Usuals(day=average_day(connection, now, surroundings.time_zone)), None
    if any(found.ratio >= 1 for found in find(facts, usual, settings.rules)):
        # Only now, because the usual figures can only raise limits, and working them out means reading a whole week.
        kept = kept_usual(connection, now)
        worked_out = UsualRates().ask(connection, now, surroundings.time_zone) if kept is None else None
        usual = kept or worked_out or usual
    raised = [
        Raised(found, found.grade or settings_of(found.rule, settings.rules).grade)
        for found in find(facts, usual, settings.rules)
        if found.ratio >= 1 and not is_muted(found, mutes)
    ]
    return sorted(raised, key=lambda one: (-GRADES.index(one.grade), -one.finding.ratio)), worked_out
