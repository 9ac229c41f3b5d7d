"""The guard's surroundings in a workspace: settings that follow their file, and the live registry."""

from __future__ import annotations

from tokentui.config.watch import WatchedSettings
from tokentui.guard.surroundings import Surroundings
from tokentui.workspace import Workspace


def watched_settings(workspace: Workspace) -> WatchedSettings:
    """Settings that are read again whenever their file changes."""
    return WatchedSettings(workspace.home.config_file, workspace.settings)


def surroundings_of(workspace: Workspace, settings: WatchedSettings | None = None) -> Surroundings:
    """The guard's surroundings; without watched settings, those of the start stay in force."""
    from tokentui.transcripts.registry import read_registry

    read_settings = (lambda: workspace.settings) if settings is None else settings.current
    return Surroundings(
        workspace.clock,
        workspace.time_zone,
        read_settings,
        lambda: read_registry(source.config_dir for source in workspace.sources),
        workspace.settings.week_start,
    )
