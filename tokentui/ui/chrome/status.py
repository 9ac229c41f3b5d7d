"""The status line on top, which says what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tokentui.figures import format_bytes
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.chrome.banners import unpriced_has_banner
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, Piece, line_width, spread
from tokentui.ui.scene import Scene
from tokentui.widths import shorten_end

_ROOMY = 60
"""From this width on, the line says *models* in words."""
_ERROR_CELLS = 40
"""Cells for the reason of a failed sync; the billed screen has it in full."""


class StatusLine(LinePane, can_focus=False):
    """Live or frozen, range, order, filter, sources, how far reading is, and the time."""

    def __init__(self, *, has_view: bool) -> None:
        """`has_view`: whether range, order and filter say what is on the screen."""
        super().__init__(id="status")
        self._has_view = has_view

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """One line, without the least important parts if there is no room."""
        end: Line = (
            *((("DEMO", "demo"), ("  ", "")) if scene.is_demo else ()),
            (f"{words.hour(scene.now, scene.time_zone)} ", "muted"),
        )
        room = width - line_width(end) - 1
        parts = _parts(scene, *self.screen.size, has_view=self._has_view)
        for dropped in range(len(parts)):
            line = _joined(parts[: len(parts) - dropped])
            if line_width(line) <= room:
                break
        return [spread(line, end, width)]


def _parts(scene: Scene, screen_width: int, screen_height: int, *, has_view: bool) -> list[Line]:
    """The parts of the line, the most important first."""
    view = scene.view
    parts: list[Line] = [_state(scene), *([((view.range, "strong"),)] if has_view else [])]
    if has_view and view.filter.terms:
        parts.append((("filter: ", "muted"), (safe_text(view.filter.source), "accent")))
    if reading := _reading(scene):
        parts.append(((reading, "accent"),))
    sync = sync_state(scene)
    if scene.sync.phase == "failed":
        parts.append(sync)
    if scene.unpriced_models and not unpriced_has_banner(scene, screen_width, screen_height):
        count = len(scene.unpriced_models)
        models = words.plural(count, "model") if screen_width >= _ROOMY else str(count)
        parts.append(((f"≥ {models} unpriced", "muted"),))
    if has_view:
        parts.append((("by ", "muted"), (f"{view.sort} {'▲' if view.reverse else '▼'}", "")))
    if scene.sync.phase in ("idle", "syncing") and sync:
        parts.append(sync)
    if scene.report:
        parts.append(((words.plural(len(scene.report.sources), "source"), "muted"),))
    return parts


def sync_state(scene: Scene, width: int = _ERROR_CELLS) -> Line:
    """`synced 12 s ago`, `syncing …`, or what failed and when it last went well; nothing without a key."""
    sync = scene.sync
    if sync.phase == "syncing":
        return (("syncing …", "accent"),)
    if sync.phase == "failed":
        failed = (f"sync failed: {shorten_end(safe_text(sync.error, 400), width)}", "warn")
        return (failed, (f" · good {_age(scene, sync.synced_at)}", "muted")) if sync.synced_at else (failed,)
    if sync.phase == "no key" or sync.synced_at is None:
        return ()
    return ((f"synced {_age(scene, sync.synced_at)}", "muted"),)


def _age(scene: Scene, moment: datetime) -> str:
    return f"{words.duration(max(0.0, (scene.now - moment).total_seconds()))} ago"


def _state(scene: Scene) -> Line:
    if scene.is_past or scene.frozen_at is not None:
        return ((" « PAST" if scene.is_past else " ‖ FROZEN", "accent"),)
    match scene.progress.phase:
        case "starting" | "catching up":
            return ((" ◌ READING", "accent"),)
        case "re-pricing":
            return ((" ◌ RE-PRICING", "accent"),)
        case "stopped":
            return ((" ● LIVE", "live"), (" history stopped", "muted"))
        case "live":
            return ((" ● LIVE", "live"),)


def _reading(scene: Scene) -> str:
    progress = scene.progress
    if progress.phase == "re-pricing":
        return f"{progress.responses_repriced:,}/{progress.responses_to_reprice:,} responses"
    if progress.phase != "catching up" or not progress.bytes_total:
        return ""
    left = f" {words.duration(progress.eta_seconds)} left" if progress.eta_seconds is not None else ""
    return f"reading {format_bytes(progress.bytes_read)}/{format_bytes(progress.bytes_total)}{left}"


def _joined(parts: Sequence[Line]) -> Line:
    pieces: list[Piece] = []
    for part in parts:
        if pieces:
            pieces.append((" · ", "muted"))
        pieces += part
    return tuple(pieces)
