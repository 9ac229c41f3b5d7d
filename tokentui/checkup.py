"""The checks of `tokentui doctor`: directories, logs, database and settings, and how to mend each problem."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from tokentui.config.settings import ConfigError, Settings
from tokentui.config.zones import find_zone
from tokentui.figures import plural
from tokentui.fresh import open_fresh
from tokentui.home import find_home
from tokentui.ingest.catch_up import Progress
from tokentui.queries.agreement import MOST_RESPONSES
from tokentui.queries.health import Health, SkippedLines, health
from tokentui.store.database import StoreError
from tokentui.store.priced import usable_update
from tokentui.transcripts.file_system import watch_limit, why_silent
from tokentui.transcripts.found_logs import NO_TEXT, find_logs
from tokentui.transcripts.sources import Source, is_directory
from tokentui.workspace import Workspace, make_workspace, open_workspace


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong, where, and how to mend it."""

    what: str
    where: str
    mend: str
    is_broken: bool = False
    """Whether figures are wrong or missing until it is mended."""


@dataclass(frozen=True, slots=True)
class Place:
    """A directory that is searched for logs, and what was found in it."""

    source: Source
    exists: bool
    logs: int
    size_bytes: int
    unreadable: tuple[tuple[str, str], ...]
    """(path, reason) of each directory and log in it that cannot be read."""
    silent: str
    """Why the file system does not report changes in it; empty where it does."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that the checks found."""

    workspace: Workspace
    places: tuple[Place, ...]
    database_bytes: int | None
    """Size of the database with its journal; None where there is none yet."""
    health: Health | None
    problems: tuple[Problem, ...]

    @property
    def is_broken(self) -> bool:
        """Whether any problem makes figures wrong or missing."""
        return any(problem.is_broken for problem in self.problems)


def examine(
    environment: Mapping[str, str],
    on_progress: Callable[[Progress], None] = lambda _: None,
    most_responses: int | None = MOST_RESPONSES,
) -> Checkup:
    """Catch up on new log lines, then check everything. Whatever is wrong is a problem in the result, never raised.

    `most_responses`: how many of the latest responses are compared with the stored sums; None for all.
    """
    workspace, config_problems = _usable_workspace(environment)
    places = tuple(_place(source) for source in workspace.sources)
    found, trouble = _health(workspace, on_progress, most_responses)
    problems = (
        *config_problems,
        *((_database_problem(workspace, trouble),) if trouble else ()),
        *_place_problems(places),
        *(_health_problems(workspace, found) if found else ()),
        *_price_problems(workspace),
    )
    return Checkup(workspace, places, _size(workspace.home.database), found, problems)


def _usable_workspace(environment: Mapping[str, str]) -> tuple[Workspace, list[Problem]]:
    """The workspace, with the shipped settings where the configuration is broken; and what is wrong with that."""
    try:
        return open_workspace(environment), []
    except ConfigError as error:
        mend = "until then the shipped settings hold here, and nothing else runs"
        where = str(find_home(environment).config_file)
        problems = [Problem(line, where, mend, is_broken=True) for line in error.lines]
        return make_workspace(environment, Settings(), _any_zone(environment)), problems


def _health(
    workspace: Workspace, on_progress: Callable[[Progress], None], most_responses: int | None
) -> tuple[Health | None, str]:
    """What the database says after catching up, if it can be read; and why it cannot be read or brought up to date."""
    try:
        reader, caught_up = open_fresh(workspace, threading.Event(), on_progress)
        with closing(reader):
            return health(reader, most_responses), caught_up.trouble
    except StoreError as error:
        return None, str(error)


def _any_zone(environment: Mapping[str, str]) -> tzinfo:
    """The time zone of the environment, or UTC where it names none that is known."""
    try:
        return find_zone("", environment)
    except ConfigError:
        return UTC


def _database_problem(workspace: Workspace, what: str) -> Problem:
    mend = "the logs are untouched; what they still hold can be read again at any time"
    return Problem(what, str(workspace.home.database), mend, is_broken=True)


def _place(source: Source) -> Place:
    errors: list[tuple[str, str]] = []
    sizes = [log.size_bytes for log in find_logs(source, errors)]
    if not (errors or is_directory(source.root)):
        return Place(source, exists=False, logs=0, size_bytes=0, unreadable=(), silent="")
    return Place(source, True, len(sizes), sum(sizes), tuple(errors), why_silent(source.root))


def _size(database: Path) -> int | None:
    files = [database, database.with_name(database.name + "-wal")]
    sizes = [os.path.getsize(file) for file in files if os.path.exists(file)]  # noqa: PTH110, PTH202 - they raise
    return sum(sizes) if sizes else None


def _place_problems(places: tuple[Place, ...]) -> Iterator[Problem]:
    if not any(place.logs for place in places):
        tried = ", ".join(str(place.source.root) for place in places)
        mend = "start Claude Code once, give a directory (`tokentui DIR`), or set CLAUDE_CONFIG_DIR"
        yield Problem("no session logs were found", tried, mend)
    for place in places:
        root = str(place.source.root)
        if place.source.named_by_user and not place.exists:
            mend = "check CLAUDE_CONFIG_DIR and `directories` in the configuration"
            yield Problem("a directory that was named does not exist", root, mend)
        for path, reason in place.unreadable:
            if reason == NO_TEXT:
                mend = "rename it, or the directory above it that is not: it is read as soon as its path is"
                yield Problem(f"a log is not counted ({reason})", path, mend)
            else:
                yield Problem(f"a directory cannot be read ({reason})", path, f"check its permissions: ls -ld {path!r}")
        if place.silent:
            yield Problem(place.silent, root, "nothing to mend: it is looked at every half second instead")
    yield from _watch_problems(places)


def _watch_problems(places: tuple[Place, ...]) -> Iterator[Problem]:
    limit = watch_limit()
    folders = sum(place.logs for place in places)  # at least as many as there are folders with logs in them
    if limit is not None and folders > limit:
        mend = "raise it: sudo sysctl fs.inotify.max_user_watches=524288"
        yield Problem(f"the system lets one user watch {limit:,} directories", "fs.inotify.max_user_watches", mend)


def _health_problems(workspace: Workspace, found: Health) -> Iterator[Problem]:
    for skipped in found.skipped:
        line = line_number(skipped)
        where = f"{skipped.path}, {f'line {line:,}' if line else f'byte {skipped.first_offset_bytes:,}'}"
        what = f"{skipped.count:,} of {skipped.lines:,} lines skipped, the first: {skipped.reason}"
        yield Problem(what, where, "nothing to mend, unless it was edited by hand: all other lines count")
    for path, reason in found.unreadable_logs:
        if not os.path.lexists(path):
            continue  # a log that was deleted is no problem: the lines read from it before are kept
        yield Problem(f"a log cannot be read ({reason})", path, f"check its permissions: ls -l {path!r}")
    for model, count in found.unpriced_models:
        mend = f"set its price (input and output) under [[prices]] in {workspace.home.config_file}, or update tokentui"
        yield Problem(f"{plural(count, 'response')} without a known price, in no cost", model, mend)
    for model, count in found.early_models:
        what = f"{plural(count, 'response')} of before the model was on sale, at its first price"
        yield Problem(what, model, "nothing to mend, unless the clock was wrong where it was logged")
    if found.sums_differ:
        mend = "move the database away and run `tokentui ingest`; please report it, this should never happen"
        what = f"kept sums differ from the responses in {', '.join(found.sums_differ)}"
        yield Problem(what, str(workspace.home.database), mend, is_broken=True)


def _price_problems(workspace: Workspace) -> Iterator[Problem]:
    update = workspace.price_sources.update
    if update is not None and usable_update(workspace.price_sources) is None:
        mend = "fetch it again with `tokentui prices update`, or drop it with `tokentui prices reset`"
        yield Problem("fetched price data does not read, so the installed prices hold", str(update), mend)


def line_number(skipped: SkippedLines) -> int | None:
    """The number of the first skipped line, counted from 1; None if the log cannot be read or has become shorter."""
    left, newlines = skipped.first_offset_bytes, 0
    try:
        with Path(skipped.path).open("rb") as log:
            while left > 0 and (block := log.read(min(left, 1 << 20))):
                newlines += block.count(b"\n")
                left -= len(block)
    except OSError:
        return None
    return None if left else newlines + 1
