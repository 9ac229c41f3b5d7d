"""The dashboard: all panes of one snapshot."""

from __future__ import annotations

from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from tokentui.ui.chrome.body import Body
from tokentui.ui.chrome.filter_bar import FilterBar
from tokentui.ui.chrome.layout import PANES, PaneId
from tokentui.ui.chrome.notices import notice
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line
from tokentui.ui.keymap import keys
from tokentui.ui.panes.dashboard.budgets import BudgetsPane
from tokentui.ui.panes.dashboard.cache import CachePane
from tokentui.ui.panes.dashboard.chart import ChartPane
from tokentui.ui.panes.dashboard.headline import HeadlinePane
from tokentui.ui.panes.dashboard.models import ModelsPane
from tokentui.ui.panes.dashboard.sessions import SessionsPane
from tokentui.ui.requests import SetFilter, ShowPresent
from tokentui.ui.scene import Scene
from tokentui.ui.screens.live import LiveScreen
from tokentui.view import Filter

_NEED_PANES = ("filter", "pane", "zoom", "next_pane")


class Notice(LinePane, can_focus=False):
    """What is shown instead of the panes while the store is empty."""

    def draw(self, scene: Scene, width: int, height: int) -> list[Line]:
        """What to say: that logs are being read, or that none were found."""
        return list(notice(scene, width, height))


class DashboardScreen(LiveScreen):
    """Panes, their arrangement, and the filter line."""

    RANGE: ClassVar = "shared"
    AUTO_FOCUS: ClassVar[str | None] = "#sessions"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("dashboard"), *keys.bindings("nothing found")]
    body = getters.query_one(Body)
    filter_bar = getters.query_one(FilterBar)

    def compose_main(self) -> ComposeResult:
        """All panes; the body places those that have room."""
        with Body(id="main"):
            for pane in (HeadlinePane, ChartPane, CachePane, ModelsPane, BudgetsPane):
                yield pane(id=pane.__name__.removesuffix("Pane").lower()).data_bind(LiveScreen.scene)
            yield FilterBar()
            yield SessionsPane(id="sessions").data_bind(LiveScreen.scene)
        yield Notice(id="notice").data_bind(LiveScreen.scene)

    def watch_scene(self, scene: Scene) -> None:
        """Show the notice instead of the panes while the store is empty."""
        is_empty = scene.stage in ("opening", "nothing found", "reading first", "no responses")
        if self.has_class("-empty") is not is_empty:
            self.set_class(is_empty, "-empty")
            if self.focused is None and not is_empty:
                self.call_after_refresh(self._focus_first)
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse to go back where there is no step back, and to play the demo where logs were found."""
        if action == "back":
            has_filter = self.scene is not None and bool(self.scene.view.filter.terms)
            is_past = self.scene is not None and self.scene.is_past
            return is_past or self.body.zoomed is not None or has_filter
        if action == "demo":
            return self.scene is not None and self.scene.stage == "nothing found"
        if action == "filter" and self.body.is_filtering:
            return False
        return action not in _NEED_PANES or not self.has_class("-empty")

    def pane(self, pane_id: PaneId) -> LinePane:
        """A pane by its id."""
        return self.query_one(f"#{pane_id}", LinePane)

    def placed_panes(self) -> list[PaneId]:
        """The panes that have room, in reading order."""
        regions = self.body.arrangement().regions
        return [pane for pane in PANES if pane in regions]

    def action_pane(self, pane_id: PaneId) -> None:
        """Show and focus a pane; hide it if it has the focus, zoom it if there is no room for it."""
        body, pane = self.body, self.pane(pane_id)
        is_placed = pane_id in self.placed_panes()
        body.zoomed = None
        if is_placed and self.focused is pane:
            if len(self.placed_panes()) > 1:
                body.hidden |= {pane_id}
                self._focus_first()
            return
        body.hidden -= {pane_id}
        if pane_id not in self.placed_panes():
            body.zoomed = pane_id
        pane.focus()
        self.refresh_bindings()

    def action_zoom(self) -> None:
        """Show the focused pane alone, or all panes again."""
        focused = self.focused
        if self.body.zoomed is None and focused is not None and focused.id in PANES:
            self.body.zoomed = focused.id
        else:
            self.body.zoomed = None
        self.refresh_bindings()

    def action_next_pane(self, direction: int) -> None:
        """Focus the next pane that has room."""
        placed = self.placed_panes()
        focused = self.focused.id if self.focused else None
        place = placed.index(focused) if focused in placed else -1
        self.pane(placed[(place + direction) % len(placed)]).focus()

    def action_filter(self) -> None:
        """Open the filter line."""
        if self.scene is None:
            return
        if "sessions" in self.body.hidden or self.body.zoomed not in (None, "sessions"):
            self.body.hidden -= {"sessions"}
            self.body.zoomed = None
        self.body.is_filtering = True
        self.filter_bar.open(self.scene.view.filter.source)

    @on(FilterBar.Left)
    def close_filter(self) -> None:
        """Close the filter line with the last good filter, and focus the table."""
        self.body.is_filtering = False
        self.pane("sessions").focus()

    @on(events.DescendantFocus)
    def leave_filter(self) -> None:
        """Close the filter line when a key or a click takes the focus to a pane; `/` opens it again."""
        if self.body.is_filtering and isinstance(self.focused, LinePane):
            self.filter_bar.call_later(self.filter_bar.apply)  # by the bar, for a message rises from its sender
            self.body.is_filtering = False

    def action_back(self) -> None:
        """Leave the past, then zoom, then clear the filter."""
        if self.scene is not None and self.scene.is_past:
            self.post_message(ShowPresent())
        elif self.body.zoomed is not None:
            self.body.zoomed = None
        elif self.scene is not None and self.scene.view.filter.terms:
            self.post_message(SetFilter(Filter()))
        self.refresh_bindings()

    def action_demo(self) -> None:
        """Leave, and let the caller start the demo."""
        self.app.exit("demo")

    def _focus_first(self) -> None:
        placed = self.placed_panes()
        self.pane("sessions" if "sessions" in placed else placed[0]).focus()
