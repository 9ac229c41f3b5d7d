"""What is shown instead of Anthropic's figures: that there is no key, that nothing was synced, or why syncing fails."""

from __future__ import annotations

from tokentui.queries.reckoning.screen import BilledSide
from tokentui.text import safe_text
from tokentui.ui.drawing.lines import Line, fold
from tokentui.ui.keymap.spelled import first_key
from tokentui.ui.scene import Scene

_NO_KEY = (
    ("ANTHROPIC_ADMIN_API_KEY=…", "set it before tokentui starts: an organization's Admin key"),
    ("key_command = [\"pass\", \"show\", \"…\"]", "or this under [anthropic] in the configuration"),
    ("tokentui import FILE", "or read an export of the console's Usage or Cost page, without a key"),
)  # fmt: skip


def sync_error(side: BilledSide, scene: Scene) -> str:
    """What the last sync failed with, in this or another program; empty if it did not."""
    if scene.sync.phase == "failed":
        return safe_text(scene.sync.error, 400)
    last = side.sync.last
    if scene.sync.phase == "no key" and last is not None and last.outcome in ("failed", "incomplete"):
        return safe_text(last.error, 400)
    return ""


def nothing_to_compare(side: BilledSide, scene: Scene, width: int) -> list[Line]:
    """The lines for the state of syncing."""
    error = sync_error(side, scene)
    if side.is_known:
        lines = _folded(f"nothing Anthropic reported falls into the last {side.days_back} days", width)
        return [*lines, *_failing(error, scene, width)] if error else lines
    if error:
        return [*_failing(error, scene, width), *_folded("nothing of Anthropic's side is stored yet", width)]
    if scene.sync.phase == "no key":
        return _no_key(width)
    if scene.sync.phase == "syncing":
        return [*_heading("the first sync is running", width), *_folded("it fetches 30 days", width)]
    return [
        *_heading("an Admin key is set, but nothing was ever synced", width),
        ((f" {first_key('sync', scene.keymap)}", "key"), (" syncs now", "muted")),
    ]


def _failing(error: str, scene: Scene, width: int) -> list[Line]:
    return [
        ((" ✖ sync failed", "bad"),),
        *_folded(error, width),
        ((f" {first_key('sync', scene.keymap)}", "key"), (" tries again; the logs are counted all the same", "muted")),
    ]


def _no_key(width: int) -> list[Line]:
    lines = _heading("no Admin key and no import yet: what was billed is not known", width)
    for command, meaning in _NO_KEY:
        lines.append(((f"   {command}", "key"),))
        lines += [((f"     {part}", "muted"),) for part in fold(meaning, max(10, width - 6))]
    return lines


def _heading(text: str, width: int) -> list[Line]:
    return [((f" {part}", "strong"),) for part in fold(text, max(10, width - 2))]


def _folded(text: str, width: int) -> list[Line]:
    return [((f" {part}", ""),) for part in fold(text, max(10, width - 2))]
