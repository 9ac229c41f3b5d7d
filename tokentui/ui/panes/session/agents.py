"""The agent tree of one session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.binding import BindingType

from tokentui.figures import format_count, format_duration_ms
from tokentui.queries.session.results import AgentRow, AgentState
from tokentui.ui import words
from tokentui.ui.alerts import guilty_agents
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys
from tokentui.ui.requests import OfferInterrupt, OpenAgent
from tokentui.ui.scene import Scene
from tokentui.widths import shorten_middle

MARKS: dict[AgentState, tuple[str, str]] = {
    "working": ("●", "good"),
    "waiting": ("◐", "accent"),
    "idle": ("○", "muted"),
    "done": ("○", "muted"),
    "failed": ("✖", "bad"),
}


class TreeRow(NamedTuple):
    """An agent and the branch drawn before its name."""

    agent: AgentRow
    branch: str


def tree_rows(agents: Sequence[AgentRow]) -> tuple[TreeRow, ...]:
    """Each agent with its `├─` and `│` signs."""
    rows: list[TreeRow] = []
    open_levels: list[bool] = []
    for agent in agents:
        depth = min(agent.depth, 16)
        open_levels = [*open_levels[: max(0, depth - 1)]]
        open_levels += [False] * (depth - 1 - len(open_levels))
        trunk = "".join("│ " if is_open else "  " for is_open in open_levels)
        branch = "" if not depth else "└─" if agent.is_last_child else "├─"
        rows.append(TreeRow(agent, trunk + branch))
        if depth:
            open_levels.append(not agent.is_last_child)
    return tuple(rows)


def _mark(row: TreeRow, _scene: Scene, width: int) -> Line:
    sign, ink = MARKS[row.agent.state]
    return ((sign if width == 1 else f"{sign} {row.agent.state}", ink),)


def _name(row: TreeRow, _scene: Scene, _width: int) -> Line:
    agent, branch = row
    return ((branch, "muted"), (agent.name, "strong" if agent.state == "working" else ""))


def _task(row: TreeRow, _scene: Scene, _width: int) -> Line:
    agent = row.agent
    if not agent.background:
        kinds = ["fork"] * agent.is_fork + [f"workflow {agent.workflow}"] * bool(agent.workflow)
        return ((" · ".join([*kinds, *([agent.task] if agent.task else [])]), "muted"),)
    return (("background" if agent.background == agent.name else f"background: {agent.background}", "muted"),)


def _rate(row: TreeRow, _scene: Scene, _width: int) -> Line:
    rate = row.agent.tokens_last_minute.total
    return ((format_count(rate), "strong") if rate else ("–", "muted"),)


def _own(row: TreeRow, _scene: Scene, _width: int) -> Line:
    return ((words.money(row.agent.own_money, lower_bound=bool(row.agent.lower_bound_responses)), ""),)


def _own_tokens(row: TreeRow, _scene: Scene, _width: int) -> Line:
    return ((format_count(row.agent.own_tokens.total, bool(row.agent.lower_bound_responses)), ""),)


def _all_tokens(row: TreeRow, _scene: Scene, _width: int) -> Line:
    return (
        (format_count(row.agent.inclusive_tokens.total, bool(row.agent.inclusive_money.lower_bound_responses)), ""),
    )


def _errors(row: TreeRow, _scene: Scene, _width: int) -> Line:
    errors = row.agent.errors
    return ((f"✖ {errors}", "bad") if errors else ("–", "muted"),)


def _origin(row: TreeRow, _scene: Scene, width: int) -> Line:
    """The last part of the id of the call that spawned the agent, and how that is known."""
    agent = row.agent
    if not agent.depth:
        return (("–", "muted"),)
    if not agent.spawned_by:
        return (("not logged", "muted"),)
    known = f" {agent.link}" if agent.link else ""
    return ((shorten_middle(agent.spawned_by, max(width - len(known), 8)), ""), (known, "muted"))


COLUMNS: tuple[Column[TreeRow], ...] = (
    Column("mark", "", 1, 0, _mark, flush_right=False),
    Column("agent", "agent", 14, 0, _name, flush_right=False, share=2, ease=30),
    Column("task", "task", 12, 6, _task, flush_right=False, share=3),
    Column("model", "model", 10, 5, lambda row, *_: ((words.model(row.agent.model), ""),), flush_right=False),
    Column("rate", "tok/min", 7, 2, _rate),
    Column("own", "own cost", 8, 3, _own),
    Column("all", "inclusive", 9, 0, lambda row, *_: ((words.money(row.agent.inclusive_money), "strong"),)),
    Column("tokens", "own tok", 7, 7, _own_tokens),
    Column("all_tokens", "incl. tok", 9, 9, _all_tokens),
    Column("context", "context", 7, 8, lambda row, *_: ((words.context(row.agent.context_tokens), ""),)),
    Column("hit", "hit", 4, 10, lambda row, *_: ((words.share_short(row.agent.hit_rate), ""),)),
    Column("tools", "tools", 5, 7, lambda row, *_: ((str(row.agent.tool_calls), ""),)),
    Column("errors", "errors", 6, 4, _errors),
    Column("took", "took", 6, 8, lambda row, *_: ((format_duration_ms(row.agent.duration_ms), ""),)),
    Column("origin", "spawned by", 20, 11, _origin, flush_right=False),
    Column("age", "age", 4, 1, lambda row, scene, _: ((words.age(row.agent.last_line_at, scene.now), "muted"),)),
)


class AgentsPane(RowTable[TreeRow]):
    """The tree of agents, one row each, parents before children."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("session"))
    HELP_TEXT: ClassVar = texts.PaneHelp(
        "agents",
        "The main thread and its sub-agents as a tree. ● working, ◐ waiting, ○ idle or done, ✖ failed. ▲ before the "
        "name: an alert names this agent. Background agents (compaction, prompt suggestion, side question, warm-up) "
        "are billed like any other and shown quietly.",
        (
            ("own cost", "cost of the agent's own responses; all rows add up to the session"),
            ("inclusive", "own + everything its sub-agents did, at any depth"),
            ("took", "from the agent's first line to its last"),
            (
                "spawned by",
                "the tool call that began the agent, and how that is known: meta file, result, progress, notification, "
                "the same prompt; where nothing tells, the agent hangs under the main thread",
            ),
            ("tok/min", "all tokens of its responses in the last 60 s"),
            texts.HIT_RATE,
            texts.WORKING,
            texts.MONEY,
        ),
    )
    session_id = ""
    session_title = ""
    pointed_at: frozenset[str] = frozenset()
    """Agents named by the alert that led here, marked even when that alert is over."""

    def key_of(self, row: TreeRow) -> str:
        """The agent's id, empty for the main thread."""
        return row.agent.agent_id

    def open_row(self, row: TreeRow) -> None:
        """Show the agent's responses."""
        self.post_message(OpenAgent(self.session_id, row.agent.agent_id))

    def action_interrupt(self) -> None:
        """Offer to interrupt the session."""
        self.post_message(OfferInterrupt(self.session_id, self.session_title or f"session {self.session_id[:8]}"))

    def columns(self, scene: Scene) -> Sequence[Column[TreeRow]]:
        """All columns; on a wide screen the sign of a state has its word beside it."""
        guilty = self.pointed_at | guilty_agents(scene.alerts, self.session_id)

        def name(row: TreeRow, scene: Scene, width: int) -> Line:
            branch, own = _name(row, scene, width)
            return (branch, ("▲ ", "bad"), own) if row.agent.agent_id in guilty else (branch, own)

        columns = [column._replace(cell=name) if column.id == "agent" else column for column in COLUMNS]
        mark: Column[TreeRow] = Column("mark", "", 9, 0, _mark, flush_right=False)
        return columns if self.inner_size.width < 110 else (mark, *columns[1:])

    def is_ghost(self, row: TreeRow) -> bool:
        """Background agents are drawn quietly."""
        return bool(row.agent.background)

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many agents there are."""
        working = sum(row.agent.state == "working" for row in self.rows)
        return f"agents · {words.plural(len(self.rows), 'agent')}, {working} working", "cost at list price"
