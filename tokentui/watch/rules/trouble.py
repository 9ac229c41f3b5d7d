"""Rules about going in circles: errors and retries, and the same tool call again and again."""

from __future__ import annotations

from collections.abc import Iterator

from tokentui.figures import format_duration_ms
from tokentui.watch.facts import Facts
from tokentui.watch.rules.findings import Finding, Limits, sentence
from tokentui.watch.usual import Usuals


def api_errors(facts: Facts, _usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Answers 429, 529 and 5xx of one session in the last two minutes, retries included."""
    for session in facts.sessions:
        if session.errors:
            kinds = ", ".join(session.error_kinds)
            lead = f"{session.errors} API errors and retries in 2 min ({kinds})"
            said = sentence(facts, (lead,), session, None)
            yield Finding(
                "api_errors", session.session_id, session.errors, limits["errors"], "errors", said, session.session_id
            )


def tool_loop(facts: Facts, _usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """How often an agent repeated the same tool call among its latest calls, with at most one other call in turn."""
    for session in facts.sessions:
        loop = session.loop
        if loop is None or not session.is_spending:
            continue
        lead = f"{loop.tool} called {loop.repeats}× with the same input in {format_duration_ms(loop.seconds * 1000)}"
        said = sentence(facts, (lead,), session, None)
        yield Finding(
            "tool_loop", session.session_id, loop.repeats, limits["repeats"], "calls", said, session.session_id,
            (loop.agent_id,),
        )  # fmt: skip
