"""An agent's note, `agent-<id>.meta.json` beside its log: the best source for who spawned the agent."""

from __future__ import annotations

from tokentui.batch import AgentLink
from tokentui.records import LogPlace
from tokentui.transcripts import wire
from tokentui.transcripts.decode import decode_bytes
from tokentui.transcripts.fields import identifier, label, title
from tokentui.transcripts.log_names import note_of

_LARGEST_BYTES = 1024 * 1024


def read_note(place: LogPlace) -> bytes | None:
    """The note beside an agent's log: empty bytes if it cannot be read, None if there is none."""
    if not place.agent_id:
        return None
    try:
        with open(note_of(place.path), "rb", buffering=0) as file:  # noqa: PTH123
            return file.read(_LARGEST_BYTES)
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def link_in_note(place: LogPlace, note: bytes) -> AgentLink | None:
    """The link that an agent's note states; None if the note is damaged."""
    meta = decode_bytes(wire.AgentMeta, note)
    if meta is None:
        return None
    depth = meta.spawn_depth if isinstance(meta.spawn_depth, int) else 0
    return AgentLink(
        place.session_id,
        place.agent_id,
        identifier(meta.tool_use_id),
        "meta",
        1,
        agent_type=label(meta.agent_type),
        name=label(meta.name),
        description=title(meta.description),
        parent_agent_id=identifier(meta.parent_agent_id),
        spawn_depth=min(max(depth, 0), 1000),
        is_fork=meta.is_fork is True,
    )
