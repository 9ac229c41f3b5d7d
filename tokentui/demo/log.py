"""Where a made-up log lies, what is appended to it when, and the ids that stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from tokentui.demo.cast import FLAT_VERSION, VERSION, Role

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Event:
    """At this moment, these bytes reach this file."""

    at: datetime
    path: str
    """Relative to the configuration folder, with forward slashes."""
    data: bytes
    replace: bool = False
    """The bytes become the whole file instead of being appended."""


def by_time(events: Iterable[Event]) -> list[Event]:
    """The events in order of time; those of one moment keep their order."""
    return sorted(events, key=lambda event: event.at)


@dataclass(frozen=True, slots=True)
class Log:
    """One log: a session's main conversation, or that of a sub-agent."""

    session_id: str
    cwd: str
    branch: str
    version: str = VERSION
    agent_id: str = ""
    """Empty for the main conversation."""
    agent_type: str = ""

    @property
    def folder(self) -> str:
        """The folder of the project."""
        return f"projects/{re.sub('[^A-Za-z0-9]', '-', self.cwd)}"

    @property
    def path(self) -> str:
        """Where the log lies."""
        if not self.agent_id:
            return f"{self.folder}/{self.session_id}.jsonl"
        return f"{self._agent_stem}.jsonl"

    @property
    def meta_path(self) -> str:
        """Where a sub-agent's card lies."""
        return f"{self._agent_stem}.meta.json"

    @property
    def is_flat(self) -> bool:
        """Whether sub-agents lie beside their session, as they did in old versions."""
        return self.version == FLAT_VERSION

    @property
    def _agent_stem(self) -> str:
        nested = "" if self.is_flat else f"/{self.session_id}/subagents"
        return f"{self.folder}{nested}/agent-{self.agent_id}"


def new_rng(*names: object) -> Random:
    """A random source that the names decide alone, on every machine."""
    return Random(":".join(map(str, names)))  # noqa: S311


def new_log(role: Role, rng: Random, version: str = VERSION) -> Log:
    """The log of a new session of that role."""
    return Log(new_uuid(rng), role.cwd, role.branch, version)


def new_uuid(rng: Random) -> str:
    """A random uuid of version 4."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def new_id(prefix: str, rng: Random) -> str:
    """An id as the API makes them: `msg_`, `req_` or `toolu_`, `01`, and 22 letters and digits."""
    return f"{prefix}01{''.join(rng.choices(BASE62, k=22))}"


def new_agent_id(rng: Random, version: str = VERSION) -> str:
    """The id of a sub-agent; old versions had short ones."""
    return f"{rng.getrandbits(28):07x}" if version == FLAT_VERSION else f"a{rng.getrandbits(64):016x}"


def timestamp(at: datetime) -> str:
    """ISO-8601 with milliseconds and Z, as logs write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970, as the live registry writes it."""
    return int(at.timestamp() * 1000)
