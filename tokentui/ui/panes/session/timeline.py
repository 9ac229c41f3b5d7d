"""A session over time: which agents were at work, one lane each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType

from tokentui.figures import format_duration_ms
from tokentui.queries.session.parts import SessionInsight
from tokentui.queries.session.results import AgentRow, SessionTree
from tokentui.queries.session.timeline import Span, Stretch, Timeline, most_at_once
from tokentui.ui import words
from tokentui.ui.charts.bars import lane
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column, fit_columns
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys
from tokentui.ui.panes.session.agents import MARKS
from tokentui.ui.requests import OpenAgent, ZoomLanes
from tokentui.ui.scene import Scene

_MOST_INDENT = 4
_LEAST_EDGE_MS = 2_000


@dataclass(frozen=True, slots=True)
class Lane:
    """An agent and when it was at work."""

    agent: AgentRow
    spans: tuple[Span, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Lanes:
    """All of them on one axis."""

    start_ms: int = 0
    end_ms: int = 0
    lanes: tuple[Lane, ...] = ()
    most_at_once: int = 0
    """The most agents at work at once."""

    def share(self, at_ms: int) -> float:
        """A moment's place on the axis, from 0 to 1."""
        return (at_ms - self.start_ms) / max(self.end_ms - self.start_ms, 1)


def lanes_of(tree: SessionTree, timeline: Timeline) -> Lanes:
    """Agents by the time they began; working ones are drawn up to now, and those that never worked come last."""
    if timeline.start_at is None or timeline.end_at is None:
        return Lanes(lanes=tuple(Lane(agent, ()) for agent in tree.agents))
    agents = {agent.agent_id: agent for agent in tree.agents}
    is_live = any(agent.state == "working" for agent in tree.agents)
    now_ms = _ms(tree.as_of)
    found = [
        Lane(agents[one.agent_id], _spans(one.stretches, now_ms if agents[one.agent_id].state == "working" else 0))
        for one in timeline.lanes
        if one.agent_id in agents
    ]
    seen = {one.agent.agent_id for one in found}
    found += [Lane(agent, ()) for agent in tree.agents if agent.agent_id not in seen]
    end_ms = max(_ms(timeline.end_at), now_ms if is_live else 0)
    start_ms = _ms(timeline.start_at)
    most = max(most_at_once((span for one in found for span in one.spans), start_ms, end_ms, 1))
    return Lanes(start_ms, end_ms, tuple(found), most)


def clipped(lanes: Lanes, stretch: Span | None) -> Lanes:
    """Only what lies in a stretch of time; None for all."""
    if stretch is None or not lanes.most_at_once:
        return lanes
    start, end = stretch
    kept = tuple(
        Lane(one.agent, tuple((max(a, start), min(b, end)) for a, b in one.spans if a <= end and b >= start))
        for one in lanes.lanes
    )
    spans = [span for one in kept for span in one.spans]
    return Lanes(start, end, kept, max(most_at_once(spans, start, end, 1)))


def lanes_mark(insight: SessionInsight) -> tuple[object, ...]:
    """What the lanes depend on; the time matters only while an agent works."""
    tree = insight.tree
    is_live = any(agent.state == "working" for agent in tree.agents)
    return (insight.part, tree.agents, tree.as_of if is_live else None)


def _spans(stretches: Sequence[Stretch], now_ms: int) -> tuple[Span, ...]:
    spans = [(_ms(one.start_at), _ms(one.end_at)) for one in stretches]
    spans[-1] = (spans[-1][0], max(spans[-1][1], now_ms))
    return tuple(spans)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _mark(row: Lane, _scene: Scene, width: int) -> Line:
    sign, ink = MARKS[row.agent.state]
    return ((sign if width == 1 else f"{sign} {row.agent.state}", ink),)


def _name(row: Lane, _scene: Scene, width: int) -> Line:
    agent = row.agent
    indent = " " * min(agent.depth, _MOST_INDENT)
    task = f" {agent.task}" if agent.task and width >= 24 else ""
    return ((indent, ""), (agent.name, "strong" if agent.state == "working" else ""), (task, "muted"))


def _took(row: Lane, _scene: Scene, _width: int) -> Line:
    return ((format_duration_ms(sum(end - start for start, end in row.spans)) if row.spans else "–", ""),)


def _cost(row: Lane, _scene: Scene, _width: int) -> Line:
    return ((words.money(row.agent.own_money, lower_bound=bool(row.agent.lower_bound_responses)), "strong"),)


def _columns(width: int) -> tuple[Column[Lane], ...]:
    """All columns but the lane, which takes the room that is left."""
    name = 34 if width >= 150 else 24 if width >= 110 else 15
    return (
        Column("mark", "", 9 if width >= 150 else 1, 0, _mark, flush_right=False),
        Column("agent", "agent", name, 0, _name, flush_right=False),
        Column("lane", "", 16, 0, lambda *_: (), flush_right=False, share=1, is_drawing=True),
        Column("took", "at work", 7, 2, _took),
        Column("cost", "own cost", 8, 1, _cost),
    )


def plot_place(width: int) -> tuple[int, int]:
    """Where the time axis begins inside a pane of that width, and how many cells it has."""
    start = 1
    for column, wide in fit_columns(_columns(width), width - 2):
        if column.id == "lane":
            return start, wide
        start += wide + 1
    return start, 0


class LanesPane(RowTable[Lane]):
    """The table of lanes, one row for each agent."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("timeline"))
    HELP_TEXT: ClassVar = texts.PaneHelp(
        "timeline",
        "Every agent on one time axis, in the order in which they began, so that a fan-out is seen as a shape. A bar "
        "is work, a thin line is waiting in between. Above: the most agents at work at once, by column. {zoom_lane} "
        "zooms to the time of the agent under the cursor; what is at work is then counted in that time alone.",
        (
            ("at work", "signs of an agent no further apart than a minute are one stretch, added up"),
            ("a sign", "a response, or a tool call that is not yet answered"),
            ("own cost", "cost of the agent's own responses"),
            texts.MONEY,
        ),
    )
    session_id = ""
    whole = all_lanes = Lanes()
    stretch: Span | None = None
    """The stretch of time shown, None for all."""
    _taken: tuple[object, ...] = ()

    def take(self, insight: SessionInsight) -> None:
        """Show the new lanes."""
        if isinstance(insight.part, Timeline) and lanes_mark(insight) != self._taken:
            self._taken = lanes_mark(insight)
            self.session_id = insight.tree.session.session_id
            self.whole = lanes_of(insight.tree, insight.part)
            self.zoom(self.stretch)

    def zoom(self, stretch: Span | None) -> None:
        """Show only this stretch of time, or all of it for None."""
        self.stretch = stretch
        self.all_lanes = clipped(self.whole, stretch)
        self.set_rows(self.all_lanes.lanes)
        self.redraw()

    def action_zoom_lane(self) -> None:
        """Zoom to the time of the agent under the cursor, or back to all of it."""
        lane = self.whole.lanes[self._cursor] if self._cursor < len(self.whole.lanes) else None
        if self.stretch is not None or lane is None or not lane.spans:
            self.post_message(ZoomLanes(None))
            return
        start, end = lane.spans[0][0], lane.spans[-1][1]
        edge = max((end - start) // 20, _LEAST_EDGE_MS)
        self.post_message(ZoomLanes((start - edge, end + edge)))

    def key_of(self, row: Lane) -> str:
        """The agent's id."""
        return row.agent.agent_id

    def open_row(self, row: Lane) -> None:
        """Show the agent's responses."""
        self.post_message(OpenAgent(self.session_id, row.agent.agent_id))

    def columns(self, scene: Scene) -> Sequence[Column[Lane]]:
        """All columns, the lanes on the axis."""
        lanes = self.all_lanes

        def bar(row: Lane, scene: Scene, width: int) -> Line:
            style = "gauge-over" if row.agent.state == "failed" else "series-0"
            stretches = ((lanes.share(start), lanes.share(end)) for start, end in row.spans)
            return lane(stretches, width, style=style, alphabet=scene.alphabet)

        return [one._replace(cell=bar) if one.id == "lane" else one for one in _columns(self.inner_size.width)]

    def is_ghost(self, row: Lane) -> bool:
        """Background agents are drawn quietly."""
        return bool(row.agent.background)

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many lanes there are, and whether all of the time is shown."""
        order = "in the order in which they began"
        return words.plural(len(self.rows), "agent"), f"zoomed · {order}" if self.stretch else order
