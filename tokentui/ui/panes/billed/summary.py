"""The lines above the tables: this month's money, the result of the reckoning, and the state of sync and imports."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.figures import format_usd
from tokentui.queries.reckoning.screen import BilledSide
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.chrome.status import sync_state
from tokentui.ui.drawing.facts import facts, whole_facts
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, clip
from tokentui.ui.panes.billed.bill import billed, signed
from tokentui.ui.panes.billed.notices import sync_error
from tokentui.ui.scene import Scene


class BilledSummary(LinePane, can_focus=False):
    """The trail, the month, and the state of sync and imports."""

    side: BilledSide | None = None

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Five lines."""
        lines: list[Line] = [((" sessions", "muted"), (" › ", "muted"), ("billed", "title"))]
        if self.side is not None:
            lines += [whole_facts(line, width) for line in _month(self.side)]
            lines += [clip(_verdict(self.side), width), clip(_standing(self.side, scene), width)]
        return lines


def _month(side: BilledSide) -> list[Line]:
    month = side.billing.month
    name = f"{month.month:%b %Y}"
    local = facts(
        (
            format_usd(month.logged_pico_usd, lower_bound=month.logged_is_lower_bound),
            "so far",
            f"{name} local estimate",
        ),
        (format_usd(month.logged_projected_pico_usd, lower_bound=month.logged_is_lower_bound), "projected"),
    )
    if month.billed_pico_usd is None:
        return [local, facts(("not known yet", "", f"{name} billed"))]
    through = f"{month.billed_until:%d %b}" if month.billed_until else "–"
    return [
        local,
        facts(
            (billed(month.billed_pico_usd), "so far", f"{name} billed"),
            (billed(month.billed_projected_pico_usd), "projected"),
            (through, "", "days are whole before"),
        ),
    ]


def _verdict(side: BilledSide) -> Line:
    reckoning = side.reckoning
    if reckoning.is_empty:
        return ((" reckoning ", "muted"), ("nothing to compare the logs with", ""))
    grave = [finding for finding in reckoning.findings if finding.is_off]
    double = reckoning.by_reason().get("double counting")
    if double:
        text = f" ✖ DOUBLE COUNTING: {-double.total:,} tokens more logged than billed, an error of tokentui"
        return ((text, "bad"),)
    if grave:
        more = f" (and {len(grave) - 1:,} more)" if len(grave) > 1 else ""
        return ((f" ✖ does not come out: {safe_text(grave[0].text)}{more}", "bad"),)
    difference, sum_billed = side.difference_pico_usd(), side.billing.total.billed_pico_usd
    if difference is None or sum_billed is None:
        return ((" ✔ the reckoning comes out", "good"),)
    days = words.plural(len(side.billed_days), "day")
    told = f"in {side.days_back} days billed {billed(sum_billed)}"
    told += f", {signed(difference)} against the local estimate of {days}"
    return ((" ✔ the reckoning comes out", "good"), (f" · {told}", "muted"))


def _standing(side: BilledSide, scene: Scene) -> Line:
    """The last sync, how far it reaches, and the imports."""
    error = sync_error(side, scene)
    if error:
        return ((f" ✖ sync failed: {error}", "bad"),)
    parts: list[Line] = [sync_state(scene) or _last_elsewhere(side, scene)]
    for name, until in (("usage", side.sync.usage_until), ("cost", side.sync.cost_until)):
        if until is not None:
            parts.append(((f"{name} up to ", "muted"), (f"{until:%d %b %H:%M} UTC", "")))
    parts.append(((words.plural(len(side.imports), "import"), "muted"),))
    pieces = [piece for part in parts for piece in ((" · ", "muted"), *part)]
    return ((" ", ""), *pieces[1:])


def _last_elsewhere(side: BilledSide, scene: Scene) -> Line:
    """When another program synced, or that nobody did."""
    done = side.sync.last_done_at
    if done is None:
        return (("never synced", "muted"),)
    return ((f"last sync {words.duration(max(0.0, (scene.now - done).total_seconds()))} ago", "muted"),)
