"""Where session logs are: which directories to look in, and which files in them are logs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

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
_DESKTOP_FOLDERS = ("local-agent-mode-sessions", "claude-code-sessions")
_DESKTOP_DEPTH = 6
NO_TEXT = "its path is not valid UTF-8"
"""Why a log is not read: the database cannot hold such a path."""


class Source(NamedTuple):
    """A directory that is searched for logs, and the configuration directory it belongs to."""

    root: Path
    """The `projects` folder, or a directory that the user named."""
    config_dir: Path
    """Where the live registry `sessions/` may be."""
    named_by_user: bool = False


def sources(
    directories: Iterable[Path], environment: Mapping[str, str], home: Path, platform: str = sys.platform
) -> tuple[Source, ...]:
    """The directories to search: those named, else `CLAUDE_CONFIG_DIR`, else the known defaults.

    A directory that is reached twice, by a link or by two names, is searched once.
    """
    named = list(directories)
    if named:
        found = [_source(_expanded(directory), named_by_user=True) for directory in named]
    elif configured := environment.get("CLAUDE_CONFIG_DIR"):
        found = [_source(path, named_by_user=True) for path in _configured(configured)]
    else:
        found = [_source(path) for path in _default_places(environment, home)]
        found += [_source(path) for path in _desktop_places(environment, home, platform)]
    return _distinct(found)


def _configured(value: str) -> list[Path]:
    """The directories in `CLAUDE_CONFIG_DIR`: to Claude Code it is one directory, to many tools a list with commas."""
    literal = _expanded(value)
    if is_directory(literal) or "," not in value:
        return [literal]
    return [_expanded(part.strip()) for part in value.split(",") if part.strip()]


def _expanded(path: str | Path) -> Path:
    """The path with `~` replaced by the home directory; `~name` stays if there is no such user."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - the method raises instead


def is_directory(path: Path) -> bool:
    """Whether there is a directory; False if that cannot be told, for want of permission or because of the name."""
    return os.path.isdir(path)  # noqa: PTH112 - the method raises instead


def _source(directory: Path, *, named_by_user: bool = False) -> Source:
    if is_directory(directory / "projects"):
        return Source(directory / "projects", directory, named_by_user)
    if directory.name == "projects":
        return Source(directory, directory.parent, named_by_user)
    if named_by_user and is_directory(directory) and any(directory.glob("*.jsonl")):
        return Source(directory, directory, named_by_user)
    return Source(directory / "projects", directory, named_by_user)


def _default_places(environment: Mapping[str, str], home: Path) -> list[Path]:
    config_home = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    return [home / ".claude", config_home / "claude"]


def _desktop_places(environment: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """Configuration folders of Claude Desktop's agent mode, nested under account, workspace and session."""
    bases = {
        "darwin": [home / "Library/Application Support/Claude"],
        "win32": [
            Path(environment.get("APPDATA", home / "AppData/Roaming")) / "Claude",
            Path(environment.get("LOCALAPPDATA", home / "AppData/Local"))
            / "Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude",
        ],
    }.get(platform, [Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "Claude"])
    return [
        config
        for base in bases
        for folder in _DESKTOP_FOLDERS
        for config in _config_folders(base / folder, _DESKTOP_DEPTH)
    ]


def _config_folders(directory: Path, depth: int) -> Iterator[Path]:
    try:
        children = sorted(entry for entry in directory.iterdir() if entry.is_dir() and not entry.is_symlink())
    except OSError:
        return
    for child in children:
        if child.name == ".claude":
            yield child
        elif depth > 1:
            yield from _config_folders(child, depth - 1)


def _distinct(found: list[Source]) -> tuple[Source, ...]:
    distinct: dict[str, Source] = {}
    for source in found:
        distinct.setdefault(os.path.realpath(source.root), source)
    return tuple(distinct.values())


class FoundLog(NamedTuple):
    """A log on disk, described by its directory entry."""

    source: str
    """The directory it was found under."""
    path: str
    size_bytes: int
    modified_ns: int
    inode: int
    has_note: bool
    """Whether an agent's log has its `.meta.json` beside it."""

    @property
    def place(self) -> LogPlace:
        """What its path says; worked out only when asked for, since most of thousands of logs have nothing new."""
        return place_of(self.path, self.source)


def find_logs(source: Source, on_error: list[tuple[str, str]] | None = None) -> Iterator[FoundLog]:
    """Every log below a source; directories that cannot be read are added to `on_error` and skipped."""
    for path, status, has_note in log_files(source, on_error):
        yield found_log(path, status, has_note, source)


def found_log(path: str, status: os.stat_result, has_note: bool, source: Source) -> FoundLog:
    """Describe a log by its path, its directory entry, and whether a note is beside it."""
    return FoundLog(str(source.root), path, status.st_size, status.st_mtime_ns, status.st_ino, has_note)


def log_files(
    source: Source, on_error: list[tuple[str, str]] | None = None
) -> Iterator[tuple[str, os.stat_result, bool]]:
    """Every log below a source as (path, directory entry, has note): cheaper than `find_logs` if few of them matter.

    Links to directories are followed once each, so loops end. A source that does not exist is no error.
    """
    errors = [] if on_error is None else on_error
    visited: set[tuple[int, int]] = set()
    stack = [str(source.root)]
    while stack:
        directory = stack.pop()
        try:
            here = os.stat(directory)  # noqa: PTH116 - a path object would cost as much as the call
            if (here.st_dev, here.st_ino) in visited:
                continue
            visited.add((here.st_dev, here.st_ino))
            entries = list(os.scandir(directory))
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                errors.append((directory, error.strerror or str(error)))
            continue
        noted = {log_of(entry.name) for entry in entries if is_note_name(entry.name)}
        for entry in entries:
            status = _log_status(entry, stack)
            if status is None:
                continue
            if _is_text(entry.path):
                yield entry.path, status, entry.name in noted
            else:
                errors.append((ascii(entry.path), NO_TEXT))


def _is_text(path: str) -> bool:
    try:
        return path.isascii() or bool(path.encode())
    except UnicodeEncodeError:
        return False


def _log_status(entry: os.DirEntry[str], stack: list[str]) -> os.stat_result | None:
    """Size, time and inode of a log, None for anything else; a directory is put on the stack to be searched."""
    try:
        if is_log_name(entry.name) and entry.is_file():
            return entry.stat()
        if entry.is_dir():
            stack.append(entry.path)
    except OSError:
        pass  # it vanished, or its link leads nowhere
    return None


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
