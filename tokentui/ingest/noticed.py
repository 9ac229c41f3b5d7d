"""Which logs the watcher's paths stand for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tokentui.records import LogPlace
from tokentui.transcripts.found_logs import find_logs
from tokentui.transcripts.log_names import is_log_name, is_note_name, log_of, place_of
from tokentui.transcripts.sources import Source


def places_of(paths: Iterable[str], sources: Iterable[Source]) -> list[LogPlace]:
    """The logs at these paths, each once: an agent's note stands for its log, a directory for all logs in it."""
    places: dict[str, LogPlace] = {}
    for path in paths:
        source = next((source for source in sources if path.startswith(str(source.root) + os.sep)), None)
        if source is not None:
            places.update((log, place_of(log, str(source.root))) for log in _logs_at(path, source))
    return list(places.values())


def _logs_at(path: str, source: Source) -> list[str]:
    name = path.rpartition(os.sep)[2]
    if is_log_name(name):
        return [path]
    if is_note_name(name):
        return [log_of(path)]
    if os.path.isdir(path):  # noqa: PTH112 - a path object raises where nobody may look
        return [log.path for log in find_logs(Source(Path(path), source.config_dir))]
    return []
