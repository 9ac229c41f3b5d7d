"""What the reading thread tells the screen: how far reading has come, and the state of each source."""

from __future__ import annotations

from typing import Literal, NamedTuple


class IngestProgress(NamedTuple):
    """How far reading has come."""

    phase: Literal["starting", "re-pricing", "catching up", "live", "stopped"]
    logs_known: int = 0
    bytes_read: int = 0
    bytes_total: int = 0
    eta_seconds: float | None = None
    responses_added: int = 0
    responses_repriced: int = 0
    """While re-pricing: how many responses have been priced by the new rates."""
    responses_to_reprice: int = 0
    today_complete: bool = False
    """Whether every log that changed today has been read."""

    @property
    def bytes_left(self) -> int:
        """How much is still to be read."""
        return self.bytes_total - self.bytes_read


class SourceState(NamedTuple):
    """A directory that is read, and whether reading it works."""

    name: str
    state: Literal["live", "catching up", "polling", "failed", "gone"]
    detail: str = ""
    """Why it fails or polls, in a sentence."""


class IngestReport(NamedTuple):
    """What the reading thread tells the screen, at most ten times a second."""

    progress: IngestProgress
    sources: tuple[SourceState, ...]
    places_tried: tuple[str, ...]
    """Directories that were looked in, also those that do not exist."""
