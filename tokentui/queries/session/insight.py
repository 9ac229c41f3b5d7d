"""Answers for the views of one session, kept until rows of the session change."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from tokentui.pricing.book import RateBook
from tokentui.queries.cache.forensics import LiveCache
from tokentui.queries.kept_answers import Kept
from tokentui.queries.live.working import Working
from tokentui.queries.results import SessionRow
from tokentui.queries.session.context_window import agent_context
from tokentui.queries.session.drills import ToolCalls, TurnResponses, tool_calls, turn_responses
from tokentui.queries.session.parts import PartName, SessionInsight
from tokentui.queries.session.results import SessionTree
from tokentui.queries.session.timeline import session_timeline
from tokentui.queries.session.tools import ToolGrouping, session_tools
from tokentui.queries.session.tree import session_tree
from tokentui.queries.session.turns import session_turns

if TYPE_CHECKING:
    from tokentui.queries.session.parts import Part


class SessionViews:
    """Answers about the session on screen; made and used in one thread."""

    def __init__(self, read_rates: Callable[[sqlite3.Connection], RateBook]) -> None:
        self._read_rates = read_rates
        self._cache: tuple[str, LiveCache] | None = None
        self._marked: tuple[str, int, Hashable] = ("", -1, None)
        self._tree: Kept[SessionTree] = Kept()
        self._part: Kept[Part] = Kept()
        self._drill: Kept[TurnResponses | None] = Kept()
        self._calls: Kept[ToolCalls] = Kept()

    def _mark(self, connection: sqlite3.Connection, session_id: str) -> Hashable:
        """The session's mark; looked up only if anything was written to the store since the last time."""
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if self._marked[:2] != (session_id, version):
            self._marked = (session_id, version, session_mark(connection, session_id))
        return self._marked[2]

    def tree(self, connection: sqlite3.Connection, session: SessionRow, working: Working, now: datetime) -> SessionTree:
        """The tree of agents; kept for a second at most while the session spends, as its rates move on."""
        minute = round(now.timestamp()) if session.tokens_last_minute.total else 0
        mark = (self._mark(connection, session.session_id), working.all_agents, minute)
        kept = self._tree.ask(session.session_id, mark, lambda: session_tree(connection, session, working, now))
        return replace(kept, as_of=now, session=session)

    def insight(
        self, connection: sqlite3.Connection, tree: SessionTree, name: PartName, agent_id: str
    ) -> SessionInsight:
        """One part of what is known about a session; `agent_id` matters only for the context."""
        session_id = tree.session.session_id
        mark = self._mark(connection, session_id)

        def work_out() -> Part:
            return self._work_out(connection, session_id, name, agent_id, tree.as_of)

        return SessionInsight(tree, self._part.ask((session_id, name, agent_id), mark, work_out))

    def turn(self, connection: sqlite3.Connection, tree: SessionTree, number: int, limit: int) -> TurnResponses | None:
        """The responses of a turn."""
        session_id = tree.session.session_id
        return self._drill.ask(
            (session_id, number, limit),
            self._mark(connection, session_id),
            lambda: turn_responses(connection, tree, number, limit),
        )

    def calls(
        self, connection: sqlite3.Connection, tree: SessionTree, by: ToolGrouping, name: str, limit: int
    ) -> ToolCalls:
        """The calls of a tool."""
        session_id = tree.session.session_id
        return self._calls.ask(
            (session_id, by, name, limit),
            self._mark(connection, session_id),
            lambda: tool_calls(connection, tree, by, name, limit),
        )

    def _work_out(
        self, connection: sqlite3.Connection, session_id: str, name: PartName, agent_id: str, now: datetime
    ) -> Part:
        if name == "timeline":
            return session_timeline(connection, session_id)
        if name == "turns":
            return session_turns(connection, session_id)
        if name == "tools":
            return session_tools(connection, session_id)
        if name == "context":
            return agent_context(connection, session_id, agent_id)
        if self._cache is None or self._cache[0] != session_id:
            self._cache = (session_id, LiveCache(self._read_rates(connection)))
        return self._cache[1].ask(connection, session_id, now)


def session_mark(connection: sqlite3.Connection, session_id: str) -> Hashable:
    """A value that changes with any line, response, tool call, result, event or link of a session."""
    row = connection.execute("SELECT id, title, last_at_ms FROM session WHERE session_id = ?", (session_id,)).fetchone()
    if row is None:
        return None
    return (row, *(connection.execute(statement, row[:1]).fetchone() for statement in _MARKS))


_MARKS = (
    "SELECT count(*), sum(last_at_ms), sum(last_line_at_ms), sum(length(last_line)) FROM agent WHERE session_id = ?",
    "SELECT count(*), sum(length(status)), sum(rank) FROM agent_link WHERE session_id = ?",
    """SELECT sum(responses), sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens),
           sum(cache_write_1h_tokens), sum(cache_read_tokens), sum(cost_pico_usd), sum(unpriced_responses)
       FROM agent JOIN usage_quarter AS used ON used.agent_id = agent.id WHERE session_id = ?""",
    """SELECT count(*), sum(result_at_ms), sum(is_error)
       FROM agent JOIN tool_call ON tool_call.agent_id = agent.id WHERE session_id = ?""",
    "SELECT count(*), max(event.id) FROM agent JOIN event ON event.agent_id = agent.id WHERE session_id = ?",
)
