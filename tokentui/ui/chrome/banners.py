"""The banners below the status line: alarms, a picture held still, what fails, what has no price."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.alerts import headline, shown
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, Piece
from tokentui.ui.keymap.spelled import first_key
from tokentui.ui.scene import Scene
from tokentui.widths import shorten_words

_WIDE = 100
"""From this width on, the first banner names keys."""
_TALL = 20
"""Below this height, a screen has only one line for banners."""
_ROOMY = 60
"""From this width on, banners about no danger are shown too."""


class Banners(LinePane, can_focus=False):
    """Full-width lines for what must be seen; no line when there is nothing to say."""

    def watch_scene(self) -> None:
        """Take as many lines as there are banners, and draw them."""
        height = len(banners(self.scene, *self.screen.size)) if self.scene else 0
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
        self.redraw()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.watch_scene()

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Each banner in its own ink over the whole width."""
        return [
            _whole(text, ink, _tail(scene, width) if place == int(scene.is_past) and shown(scene.alerts) else "", width)
            for place, (text, ink) in enumerate(banners(scene, *self.screen.size))
        ]


def _whole(text: str, ink: str, tail: str, width: int) -> Line:
    """One banner over the whole width; without room, its tail is left out first."""
    room = width - 1 - len(tail)
    if room < 40:
        tail, room = "", width - 1
    return ((" ", ink), (words.left(shorten_words(text, room), room), ink), *(((tail, ink),) if tail else ()))


def _tail(scene: Scene, screen_width: int) -> str:
    """How many more alerts there are, and the keys; a narrow banner names no keys."""
    more = len(shown(scene.alerts)) - 1
    if screen_width < _WIDE:
        return f" +{more} more " if more else ""
    culprit, log = (first_key(key, scene.keymap) for key in ("culprit", "alerts"))
    return f" {f'+{more} more · ' if more else ''}{culprit} culprit · {log} log "


def banners(scene: Scene, screen_width: int, screen_height: int) -> list[Piece]:
    """The banners, most pressing first, as many as the screen has room for: past, alarms, frozen, failing, unpriced."""
    found: list[Piece] = [_past(scene, screen_width - 2)] if scene.is_past else []
    most = 1 if screen_height < _TALL else 3 + len(found)
    for alert in shown(scene.alerts)[:1]:
        room = screen_width - 1 - len(_tail(scene, screen_width))
        texts, ink = headline(alert, room, is_tall=screen_height >= 24)
        found += [(text, ink) for text in texts]
        most += len(texts) - 1
    if scene.frozen_at is not None:
        at = words.clock(scene.frozen_at, scene.time_zone)
        waiting = words.plural(scene.waiting_responses, "response")
        found.append((f"‖ FROZEN {at} · +{waiting} waiting · {first_key('freeze', scene.keymap)} to resume", "frozen"))
    for part, reason in scene.failures.items():
        found.append((f"✖ {part} failing: {safe_text(reason)}", "banner"))
    for source in scene.report.sources if scene.report else ():
        if source.state in ("failed", "gone"):
            reason = f": {safe_text(source.detail)}" if source.detail else ""
            found.append((f"✖ {source.name} {source.state}{reason}", "banner"))
    if _reads_nothing(scene):
        stored = "▲ no Claude Code logs found: only what is stored is shown"
        found.append((words.fitting(screen_width - 2, f"{stored} · tokentui doctor explains", stored), "banner"))
    if unpriced_has_banner(scene, screen_width, screen_height):
        found.append((_unpriced(scene.unpriced_models, screen_width - 2), "banner"))
    return found[:most]


def _reads_nothing(scene: Scene) -> bool:
    """Whether there is a history, but no logs that could add to it."""
    has_history = scene.snapshot is not None and scene.snapshot.totals.responses > 0
    return has_history and scene.progress.phase == "live" and scene.report is not None and not scene.report.sources


def unpriced_has_banner(scene: Scene, screen_width: int, screen_height: int) -> bool:
    """Whether models without a price are worth a line of their own: while they are news, where there is room."""
    return scene.unpriced_is_news and screen_width >= _ROOMY and screen_height >= _TALL


def _unpriced(models: tuple[tuple[str, int], ...], width: int) -> str:
    """Which models have no price, and what to do about it."""
    names = ", ".join(f"{name} ({words.plural(responses, 'response')})" for name, responses in models)
    short = ", ".join(name for name, _ in models)
    return words.fitting(
        width,
        f"▲ no price for {names}: not in the sums · set one under [[prices]] in the configuration",
        f"▲ no price for {names}: not in the sums · set [[prices]]",
        f"▲ no price for {short}: not in the sums · set [[prices]]",
        f"▲ no price for {short} · set [[prices]]",
        f"▲ no price for {words.plural(len(models), 'model')} · set [[prices]]",
    )


def _past(scene: Scene, width: int) -> Piece:
    """The moment shown, the way back, a note if an alarm holds now, and the keys that step through time."""
    earlier, later, present = (first_key(key, scene.keymap) for key in ("earlier", "later", "freeze"))
    at = words.date_and_time(scene.now, scene.time_zone)
    meanwhile = shown(scene.snapshot.alerts_now) if scene.snapshot else []
    alerts = f"{words.plural(len(meanwhile), 'alert')} now!" if meanwhile else ""
    told = " · ".join(part for part in (f"« THE PAST: {at}", alerts) if part)
    text = words.fitting(
        width,
        f"{told} · {earlier} {later} a minute earlier, later · {present} back to now",
        f"{told} · {earlier} {later} · {present} back to now",
        f"{told.removesuffix(' now!')} · {present} now",
        told,
        f"« THE PAST: {alerts or at}",
    )
    return text, "alarm" if meanwhile else "frozen"
