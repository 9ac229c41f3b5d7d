"""The room between status line and footer: puts the panes where `layout` says."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.reactive import reactive
from textual.widget import Widget

from tokentui.ui.filter_bar import FilterBar
from tokentui.ui.layout import PANES, Arrangement, PaneId, arrange
from tokentui.ui.line_pane import LinePane


class PaneLayout(Layout):
    """Textual's side of `layout.arrange`."""

    name = "panes"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Place each child that has room; the others are not shown."""
        assert isinstance(parent, Body)  # noqa: S101 - nobody else uses this layout
        regions = parent.arrangement(size).regions
        table = regions.get("sessions")
        placements = []
        for child in children:
            region = regions.get(child.id)  # type: ignore[call-overload] # a name that is no pane has no region
            if isinstance(child, FilterBar):
                region = Region(table.x, table.y, table.width, 1) if table and parent.is_filtering else None
            elif child.id == "sessions" and table and parent.is_filtering:
                region = Region(table.x, table.y + 1, table.width, table.height - 1)
            if region is not None:
                placements.append(WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child))
        return placements


_LAYOUT = PaneLayout()


class Body(Container):
    """Holds the panes. Which are shown is the user's choice, where they go is the layout's."""

    hidden: reactive[frozenset[PaneId]] = reactive(frozenset, init=False, repaint=False)
    zoomed: reactive[PaneId | None] = reactive(None, init=False, repaint=False)
    is_filtering: reactive[bool] = reactive(False, init=False, repaint=False)

    @property
    def layout(self) -> Layout:
        """The layout of this module."""
        return _LAYOUT

    def arrangement(self, size: Size | None = None) -> Arrangement:
        """Where the panes are in a body of that size, by default the present one."""
        width, height = size or self.size
        shown = frozenset(PANES) - self.hidden
        return arrange(width, height, shown, self.zoomed)

    def watch_hidden(self) -> None:
        """Place the panes anew."""
        self._place()

    def watch_zoomed(self) -> None:
        """Place the panes anew."""
        self._place()

    def watch_is_filtering(self) -> None:
        """Make room for the filter line."""
        self._place()

    def on_resize(self) -> None:
        """Frames as the room allows."""
        self._place()

    def _place(self) -> None:
        """Full frames where there is room for them."""
        for child in self.children[:1]:
            child.refresh(layout=True)  # a child's new layout makes its parent forget the old places
        arrangement = self.arrangement()
        for pane in self.query_children(LinePane):
            pane.frame = arrangement.frame_of(pane.id)  # type: ignore[arg-type] # panes are named by their ids
