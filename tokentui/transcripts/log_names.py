"""What names and paths of files say: which are logs, which are notes beside them, and whose they are."""

from __future__ import annotations

import os
import re

from tokentui.records import LogPlace
from tokentui.text import safe_text

_SESSION_ID = r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_AGENT_LOG = r"agent-(?P<id>(?s:.+))\.jsonl"
_NOTE = ".meta.json"
_BACKGROUND = (
    ("acompact-", "compaction"),
    ("aprompt_suggestion-", "prompt suggestion"),
    ("aside_question-", "side question"),
)


def is_log_name(name: str) -> bool:
    """Whether a file of this name is a session log; a workflow's journal is none."""
    return name.endswith(".jsonl") and name != "journal.jsonl"


def is_note_name(name: str) -> bool:
    """Whether a file of this name is an agent's note: what `.meta.json` beside its log tells of it."""
    return name.startswith("agent-") and name.endswith(_NOTE)


def note_of(log: str) -> str:
    """The name or path of an agent's note, from that of the agent's log."""
    return log.removesuffix(".jsonl") + _NOTE


def log_of(note: str) -> str:
    """The name or path of an agent's log, from that of the agent's note."""
    return note.removesuffix(_NOTE) + ".jsonl"


def place_of(path: str, source: str) -> LogPlace:
    """What the path of a log below its source says of session and agent.

    `<session>.jsonl`, `agent-<id>.jsonl`, `<session>/subagents/**/agent-<id>.jsonl`. If folders of agents are nested,
    the session is that of the outermost.
    """
    directory, _, name = path.rpartition(os.sep)
    agent = re.fullmatch(_AGENT_LOG, name)
    if agent is None:
        stem = name.removesuffix(".jsonl")
        return LogPlace(source, path, stem if re.fullmatch(_SESSION_ID, stem) else "", "", "")
    folders = directory.split(os.sep)  # noqa: PTH206
    session_id = next(
        (
            folders[i - 1]
            for i in range(len(folders) - 1, 0, -1)
            if folders[i] == "subagents" and not folders[i - 1].startswith("agent-")
        ),
        "",
    )
    agent_id = agent["id"]
    background = next((kind for prefix, kind in _BACKGROUND if agent_id.startswith(prefix)), "")
    return LogPlace(source, path, safe_text(session_id), safe_text(agent_id), background)
