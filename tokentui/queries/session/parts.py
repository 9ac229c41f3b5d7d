"""Types of questions and answers about a session; cheap to import for those who only pass them on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tokentui.queries.session.results import SessionTree

if TYPE_CHECKING:
    from tokentui.queries.cache.results import SessionCache
    from tokentui.queries.session.context_window import AgentContext
    from tokentui.queries.session.timeline import Timeline
    from tokentui.queries.session.tools import SessionTools
    from tokentui.queries.session.turns import SessionTurns

    Part = Timeline | SessionTurns | SessionCache | SessionTools | AgentContext

PartName = Literal["timeline", "turns", "cache", "tools", "context"]


@dataclass(frozen=True, eq=False, slots=True)
class SessionInsight:
    """A session's tree, and one more part of what is known about it."""

    tree: SessionTree
    part: Part
    """The same object as before if nothing has changed."""
