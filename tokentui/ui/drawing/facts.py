"""Lines of facts: figures that stand out, and the quiet words around them."""

from __future__ import annotations

from tokentui.figures import format_count
from tokentui.queries.results import SessionRow
from tokentui.queries.session.results import AgentRow
from tokentui.ui import words
from tokentui.ui.drawing.lines import Line, Piece, clip, line_width


def session_name(session: SessionRow) -> str:
    """The session's title, or the start of its id."""
    return session.title or f"session {session.session_id[:8]}"


def agent_name(agent: AgentRow) -> str:
    """The agent's name, with its task if it has one."""
    return f"{agent.name}: {agent.task}" if agent.task else agent.name


def facts(*parts: tuple[str, str] | tuple[str, str, str]) -> Line:
    """`$29.83 today · branch main`: figures strong, the words around them quiet; nothing empty."""
    pieces: list[Piece] = [(" ", "")]
    for figure, after, *before in parts:
        if figure:
            pieces += [(" · ", "muted")] if len(pieces) > 1 else []
            pieces += [(f"{label} ", "muted") for label in before]
            pieces += [(figure, "strong"), (f" {after}" if after else "", "muted")]
    return tuple(pieces)


def counted(number: int, noun: str) -> tuple[str, str]:
    """A count and its noun as a fact: `1` and `tool call`, `3` and `tool calls`."""
    figure, _, what = words.plural(number, noun).partition(" ")
    return figure, what


def whole_facts(line: Line, width: int) -> Line:
    """As many facts as fit, none of them cut."""
    ends = [place for place, (text, _) in enumerate(line) if text == " · "]
    for end in (len(line), *reversed(ends)):
        if line_width(line[:end]) <= width:
            return line[:end]
    return clip(line, width)


def session_facts(session: SessionRow, today_word: str, idle_since: str) -> tuple[Line, Line]:
    """What a session is, and what it burns."""
    place: Line = facts(
        (session.state, f"since {idle_since}" if session.state == "idle" else ""),
        (words.model(session.model), ""), (session.project, ""),
        (session.branch, "", "branch"), (session.version, "", "version"),
        (str(session.process_id or ""), "", "process"),
    )  # fmt: skip
    burn = facts(
        (words.money(session.today_money), f"{today_word} at list price"),
        (words.money(session.range_money), "in all"),
        (format_count(session.tokens_last_minute.fresh), "fresh/min"),
        (format_count(session.tokens_last_minute.cache_read), "cached/min"),
        (words.context(session.context_tokens), "context"),
        (words.share_short(session.hit_rate), "hit rate"),
    )
    return place, burn
