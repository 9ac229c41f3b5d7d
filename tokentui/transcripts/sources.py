"""Which directories to look for session logs in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_DESKTOP_FOLDERS = ("local-agent-mode-sessions", "claude-code-sessions")
_DESKTOP_DEPTH = 6
_LOGS_BELOW = ("*.jsonl", "*/*.jsonl", "*/subagents", "*/*/subagents")
"""Where logs lie below a directory of logs, of one project or of several."""


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
    """The source that is meant by a directory: mostly a configuration directory, or its `projects`.

    One that the user named may also be a home directory, or hold logs itself, as backups do.
    """
    if is_directory(directory / "projects"):
        return Source(directory / "projects", directory, named_by_user)
    if directory.name == "projects":
        return Source(directory, directory.parent, named_by_user)
    if named_by_user and is_directory(directory):
        if is_directory(directory / ".claude" / "projects"):
            return _source(directory / ".claude", named_by_user=True)
        if any(any(directory.glob(pattern)) for pattern in _LOGS_BELOW):
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
