"""The surroundings of the watch in a workspace: settings that follow their file, and the live registry."""

from __future__ import annotations

from tokentui.config.watch import WatchedSettings
from tokentui.guard.post import Post
from tokentui.workspace import Workspace


def watched_settings(workspace: Workspace) -> WatchedSettings:
    """Settings that are read again whenever their file changes."""
    return WatchedSettings(workspace.home.config_file, workspace.settings)


def post_of(workspace: Workspace, settings: WatchedSettings | None = None) -> Post:
    """The watch's surroundings; without watched settings, those of the start stay in force."""
    from tokentui.transcripts.registry import read_registry

    read_settings = (lambda: workspace.settings) if settings is None else settings.current
    return Post(
        workspace.clock,
        workspace.time_zone,
        read_settings,
        lambda: read_registry(source.config_dir for source in workspace.sources),
        workspace.settings.week_start,
    )
