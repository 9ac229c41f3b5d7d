"""Syncing as the monitor does it: fetches Anthropic's reports for a workspace, one run at a time."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from tokentui.anthropic_side import can_sync
from tokentui.workspace import Workspace

if TYPE_CHECKING:
    from tokentui.ui.ports import Synced


def background_sync(workspace: Workspace, environment: Mapping[str, str]) -> BackgroundSync | None:
    """What the monitor syncs with; None without a key, and for the demo, whose figures are made up."""
    if workspace.is_demo or not can_sync(workspace, environment):
        return None
    return BackgroundSync(workspace, environment)


class BackgroundSync:
    """Imports what it needs in the thread that runs it, so that the first picture does not wait."""

    def __init__(self, workspace: Workspace, environment: Mapping[str, str]) -> None:
        self._workspace, self._environment = workspace, environment

    def last_done_at(self) -> datetime | None:
        """When the last complete sync ended, None before the first. Raises StoreError."""
        from tokentui.queries.reckoning.reported.reach import sync_state
        from tokentui.store.database import open_reader

        with closing(open_reader(self._workspace.home.database)) as connection:
            return sync_state(connection).last_done_at

    def once(self, stop: threading.Event, everything: bool) -> Synced:
        """Sync once; ends as soon as it can once `stop` is set."""
        from tokentui.anthropic.errors import AnthropicError
        from tokentui.anthropic_side import sync_now
        from tokentui.ingest.sync import SyncPlan
        from tokentui.store.database import StoreError
        from tokentui.ui.ports import Synced

        try:
            result = sync_now(self._workspace, self._environment, SyncPlan(everything=everything), stop)
        except (AnthropicError, StoreError) as error:
            return Synced(error=str(error))
        return Synced(error=result.error) if result.outcome is not None else Synced(too_soon=result.error)
