"""The frozen answer of a reconciliation: logs, API and exports side by side, and why they differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from tokentui.queries.reckoning.cells import Reason
from tokentui.queries.reckoning.claude_code.report import CodeTokens, CodeUse, CodeVoice, CodeWork
from tokentui.queries.reckoning.differences import EDGE_MINUTES, TOLERATED_SHARE, TOLERATED_TOKENS
from tokentui.queries.reckoning.estimates import Estimate
from tokentui.records import PICO_PER_CENT, Tokens

Against = Literal["api", "csv", ""]
TOLERATED_PICO_USD = PICO_PER_CENT
"""A cent: money may differ by this, by a thousandth, and by half a cent for each line of an export."""
TOLERATED_MONEY_SHARE = 0.001

REASONS: dict[Reason, str] = {
    "time edges": f"billed on one day and logged on the next, within {EDGE_MINUTES} minutes of midnight UTC",
    "cache lifetime": "cache writes billed for 1 h that an old log does not split from those for 5 min",
    "before the logs": "billed before the earliest log that was ever read: those logs are gone",
    "lower bounds": "output of responses whose final count was never logged",
    "other keys": "billed to keys that were never used while the logs show use: no project here uses them",
    "unlogged requests": "billed while agents worked here and not logged: titles, web search, late compactions; "
    "another machine in the same minutes looks alike",
    "other programs": "billed, and not to Claude Code, as its own report tells: other programs that call the API",
    "other machines": "billed at times when the logs show no use here",
    "late data": "logged, and not reported yet: reports lag by minutes, and end where the last sync or export ended",
    "not covered": "logged at times of the day that the exports do not tell of",
    "subscription": "logged, and used on a subscription of the organization, as Claude Code's own report tells: in no "
    "bill of the API",
    "billed elsewhere": "logged, and nothing of that model billed at the time: a subscription, another organization, "
    "Bedrock, Vertex or another provider",
    "within tolerance": f"logged above billed by at most {TOLERATED_TOKENS} tokens or {TOLERATED_SHARE:.1%} a day",
    "double counting": "logged above billed while the model was billed: an error of tokentui, please report it",
}


@dataclass(frozen=True, slots=True)
class ReckoningRow:
    """One model on one UTC day."""

    day: date
    model: str
    """Normalised."""
    logged: Tokens
    responses: int
    lower_bound_responses: int
    api: Tokens | None
    """None where the Usage API was not asked for that day."""
    csv: Tokens | None
    """None where no token export tells of that day."""
    against: Against
    """What the logs are compared with: the API where it is known, else the exports."""
    grain_s: int
    """How fine they could be compared."""
    parts: tuple[tuple[Reason, Tokens], ...]
    """Billed minus logged, by class; they add up to the difference."""
    logged_estimate: Estimate
    """The logs at list price."""
    billed_estimate: Estimate
    """What was reported, at list price."""
    api_billed_pico_usd: int | None
    """From the Cost API; None where it was not asked for."""
    csv_billed_pico_usd: int | None
    """From cost exports."""
    code: CodeVoice | None = None
    """What Claude Code's own report says of everybody together; None where it was not asked for that day."""

    @property
    def billed(self) -> Tokens | None:
        """What the logs are compared with."""
        return {"api": self.api, "csv": self.csv, "": None}[self.against]

    @property
    def billed_pico_usd(self) -> int | None:
        """What was billed, from the Cost API where it tells, else from cost exports; None where neither does."""
        return self.csv_billed_pico_usd if self.api_billed_pico_usd is None else self.api_billed_pico_usd


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key in one workspace, over the whole range. Logs name neither."""

    api_key: str
    """Empty for the Workbench."""
    workspace: str
    """Empty for the default one."""
    api: Tokens
    csv: Tokens
    estimate: Estimate
    """At list price, from the API where it is known, else from the exports."""
    csv_billed_pico_usd: int | None
    seen_here: float | None
    """Share of its tokens billed while the logs show use of the model; None where minutes are not known."""
    is_foreign: bool
    """Whether it was never used while the logs show use, so that no project here seems to use it."""
    code: CodeTokens | None = None
    """The part used by Claude Code, from its own report; None where that does not name the key."""


@dataclass(frozen=True, slots=True)
class WorkspaceRow:
    """One workspace over the whole range."""

    workspace: str
    api: Tokens
    csv: Tokens
    estimate: Estimate
    api_billed_pico_usd: int | None
    csv_billed_pico_usd: int | None


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """A stretch of time in which logs and report differ, as short as the report allows."""

    start_at: datetime
    seconds: int
    model: str
    reason: Reason
    tokens: Tokens
    """Billed minus logged."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know, in a sentence."""

    kind: Literal["double counting", "reports differ", "price differs", "note"]
    text: str
    is_off: bool
    """Whether logs and bill cannot be reconciled because of it."""


@dataclass(frozen=True, eq=False, slots=True)
class Reckoning:
    """Logs, API and exports over whole UTC days."""

    as_of: datetime
    since: date
    until: date
    """The first day that is no longer in the range."""
    rows: tuple[ReckoningRow, ...]
    keys: tuple[KeyRow, ...]
    workspaces: tuple[WorkspaceRow, ...]
    differences: tuple[MinuteRow, ...]
    """The largest, largest first."""
    findings: tuple[Finding, ...]
    other_charges_pico_usd: int
    """Billed for other things than tokens: searches, code execution, sessions; from the Cost API, else exports."""
    code_use: tuple[CodeUse, ...] = ()
    """Claude Code's own report over the range: who used what."""
    code_work: tuple[CodeWork, ...] = ()
    """What was done with Claude Code over the range."""

    @property
    def is_off(self) -> bool:
        """Whether anything is beyond tolerance that different coverage does not explain."""
        return any(finding.is_off for finding in self.findings)

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to compare the logs with."""
        return not any(row.against for row in self.rows)

    def by_reason(self) -> dict[Reason, Tokens]:
        """The classes of difference over all rows, in the order of `REASONS`."""
        sums = {reason: Tokens() for reason in REASONS}
        for row in self.rows:
            for reason, tokens in row.parts:
                sums[reason] = sums[reason].plus(tokens)
        return {reason: tokens for reason, tokens in sums.items() if any(tokens)}
