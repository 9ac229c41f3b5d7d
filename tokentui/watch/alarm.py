"""Applies the rules at each look: facts → findings → states of conditions → stored alerts → notices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from tokentui.config.settings import Settings
from tokentui.config.thresholds import Grade, settings_of
from tokentui.store.alerts import AlertFacts, AlertJournal
from tokentui.watch.condition import AGAIN_MS, Condition, State, step
from tokentui.watch.facts import Facts, SessionNow
from tokentui.watch.rules.catalogue import RULES, find
from tokentui.watch.rules.findings import Finding
from tokentui.watch.telling.notices import Notice, NoticeState
from tokentui.watch.usual import Usuals

KEEP_UP_MS = 5_000
"""An alert that holds is stored again this often, and at once when its value exceeds the stored peak by a tenth."""
_FOLLOWED_RATIO = 0.5
"""A condition is remembered from this share of its limit on."""
_Key = tuple[str, str]
"""A rule and its subject."""
Mutes = Collection[tuple[str, str]]
"""Muted pairs of a rule and a session id; an empty text stands for every rule or every session."""


@dataclass(frozen=True, slots=True)
class Change:
    """A condition whose state has changed."""

    rule: str
    subject: str
    before: State
    after: State
    at_ms: int
    grade: Grade
    finding: Finding
    """The newest finding of the condition."""
    alert_id: int = 0
    is_first: bool = False
    """Whether this program raised an alert that is new, or ended one whose begin was told: then it is worth telling."""
    is_shared: bool = False
    """Whether another program raised the alert a moment ago."""

    @property
    def is_new(self) -> bool:
        """Whether the change begins an alert that was not there before."""
        return self.is_first and self.after == "alarm"


@dataclass(slots=True)
class _Standing:
    """The state of one rule for one subject."""

    condition: Condition
    finding: Finding
    grade: Grade = "alarm"
    alert_id: int = 0
    peak: float = 0.0
    kept_at_ms: int = 0
    is_shared: bool = False


class Alarm:
    """Remembers the state of every rule. `look` is called after each stored batch and every second, in one thread.

    `tell` gets notices to send; `ring` gets those that another program sends, since whoever sits at this terminal
    should hear of them too. Both are called within the transaction that stores the alert, so they must not send yet.
    """

    def __init__(
        self,
        journal: AlertJournal,
        tell: Callable[[Notice], None] = lambda _: None,
        ring: Callable[[Notice], None] = lambda _: None,
    ) -> None:
        self._journal, self._tell, self._ring = journal, tell, ring
        self._standings: dict[_Key, _Standing] = {}
        self._told: dict[str, tuple[int, int]] = {}
        """Session → when it was last told of from here, and by which alert. What only rang here is not in the store."""

    def look(self, facts: Facts, usual: Usuals, settings: Settings, mutes: Mutes = ()) -> tuple[Change, ...]:
        """Apply all rules to the facts of now, store the alerts they raise, and tell of them."""
        findings = {
            (found.rule, found.subject): found
            for found in find(facts, usual, settings.rules)
            if not is_muted(found, mutes)
        }
        with self._journal.together():
            steps = [self._step(key, findings.get(key), facts, settings) for key in {**self._standings, **findings}]
            changes = [change for change in steps if change is not None]
            for change in changes:
                if change.grade == "alarm" and not is_muted(change.finding, mutes):
                    self._say(change, facts, settings)
        return tuple(changes)

    @property
    def raised(self) -> tuple[Finding, ...]:
        """The findings that are alarms now, the furthest beyond its limit first."""
        found = [standing.finding for standing in self._standings.values() if standing.condition.state == "alarm"]
        return tuple(sorted(found, key=lambda finding: -finding.ratio))

    def _step(self, key: _Key, found: Finding | None, facts: Facts, settings: Settings) -> Change | None:
        """Bring one condition up to date, and store its alert; the change, if its state is another now."""
        standing = self._standing(key, found)
        if standing is None:
            return None
        rule = settings_of(key[0], settings.rules)
        before = standing.condition.state
        ratio = None if found is None else found.ratio
        standing.condition = step(standing.condition, ratio, facts.at_ms, round(rule.hold_seconds * 1000))
        standing.finding = found or standing.finding
        standing.grade = standing.finding.grade or rule.grade
        after = standing.condition.state
        is_first = self._keep(standing, before, facts.at_ms)
        if after == "quiet":
            del self._standings[key]
        if before == after:
            return None
        is_shared = after == "alarm" and standing.is_shared
        return Change(
            *key, before, after, facts.at_ms, standing.grade, standing.finding, standing.alert_id, is_first, is_shared
        )

    def _standing(self, key: _Key, found: Finding | None) -> _Standing | None:
        """What is remembered of a condition; None while its value is too low to be followed."""
        if key not in self._standings and found is not None and found.ratio >= _FOLLOWED_RATIO:
            self._standings[key] = _Standing(Condition(), found)
        return self._standings.get(key)

    def _keep(self, standing: _Standing, before: State, now_ms: int) -> bool:
        """Store that an alert begins, still holds, or ends; True if it is worth telling (see `Change.is_first`)."""
        found, after = standing.finding, standing.condition.state
        if after == "alarm" and before != "alarm":
            raised = self._journal.raise_alert(_kept(found, standing.grade), now_ms, AGAIN_MS)
            standing.alert_id, standing.peak, standing.kept_at_ms = raised.alert_id, found.value, now_ms
            standing.is_shared = raised.is_shared
            return raised.is_new
        if after == "alarm":
            is_due = not 0 <= now_ms - standing.kept_at_ms < KEEP_UP_MS
            if is_due or found.value >= standing.peak * 1.1:
                self._journal.keep_up(standing.alert_id, _kept(found, standing.grade), now_ms)
                standing.peak, standing.kept_at_ms = max(standing.peak, found.value), now_ms
        elif before == "alarm":
            return self._journal.end(standing.alert_id, now_ms)
        return False

    def _say(self, change: Change, facts: Facts, settings: Settings) -> None:
        """Tell of an alert outside the screen unless its session was told of just now, and of its end if wished."""
        quiet_ms = round(settings.notify.quiet_seconds * 1000)
        if change.is_new:
            self._announce(change, facts, quiet_ms)
        elif change.is_first and settings.notify.when_over:
            self._tell(notice_of(change, facts, "over"))
        elif change.is_shared and not self._told_here(change, quiet_ms):
            self._note_told(change)
            self._ring(notice_of(change, facts, "alarm"))

    def _announce(self, change: Change, facts: Facts, quiet_ms: int) -> None:
        """Tell of a new alert, or only note which earlier alert has just told of its session."""
        earlier_id = self._told_here(change, quiet_ms)
        earlier_id = earlier_id or self._journal.told_of(change.finding.session_id, change.at_ms, quiet_ms)
        if earlier_id:
            self._journal.note_told_with(change.alert_id, earlier_id, change.at_ms)
            return
        self._note_told(change)
        self._tell(notice_of(change, facts, "alarm"))

    def _told_here(self, change: Change, quiet_ms: int) -> int:
        """The alert from which this terminal heard of the session a moment ago; 0 for none."""
        told_at_ms, alert_id = self._told.get(change.finding.session_id, (0, 0))
        return alert_id if 0 <= change.at_ms - told_at_ms < quiet_ms else 0

    def _note_told(self, change: Change) -> None:
        if len(self._told) > 1000:
            self._told.clear()
        self._told[change.finding.session_id] = (change.at_ms, change.alert_id)


def is_muted(found: Finding, mutes: Mutes) -> bool:
    """Whether the rule or the session of a finding is muted."""
    return any(
        (not rule or rule == found.rule) and (not session or session == found.session_id) for rule, session in mutes
    )


def notice_of(change: Change, facts: Facts, state: NoticeState) -> Notice:
    """The notice about a change."""
    found = change.finding
    session = _session(facts, found.session_id)
    return Notice(
        change.alert_id, state, found.rule, RULES[found.rule].title, found.evidence, found.value, found.limit,
        found.unit, change.at_ms, found.session_id, session.title if session else "",
        session.project if session else "", found.agents,
    )  # fmt: skip


def _session(facts: Facts, session_id: str) -> SessionNow | None:
    return next((session for session in facts.sessions if session.session_id == session_id), None)


def _kept(found: Finding, grade: Grade) -> AlertFacts:
    return AlertFacts(
        found.rule, found.subject, grade, found.session_id, found.agents, found.unit, found.value, found.limit,
        found.evidence, found.lasts_until_ms or 0,
    )  # fmt: skip


def limits_in_words(settings: Settings) -> Mapping[str, str]:
    """Rule → its formula with the present thresholds, for the help."""
    return {name: rule.formula_with(settings_of(name, settings.rules).values) for name, rule in RULES.items()}
