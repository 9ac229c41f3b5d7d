"""The area between status line and footer, which places the panes as `layout` says."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.reactive import reactive
from textual.widget import Widget

from tokentui.ui.chrome.filter_bar import FilterBar
from tokentui.ui.chrome.layout import PANES, Arrangement, PaneId, arrange
from tokentui.ui.drawing.line_pane import LinePane


class PaneLayout(Layout):
    """Textual's side of `layout.arrange`."""

    name = "panes"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Place each child that has room; the others are not shown."""
        assert isinstance(parent, Body)  # noqa: S101 - only a Body uses this layout
        regions = parent.arrangement(size).regions
        table = regions.get("sessions")
        placements = []
        for child in children:
            region = regions.get(child.id)  # type: ignore[call-overload] # ids of other children have no region
            if isinstance(child, FilterBar):
                region = Region(table.x, table.y, table.width, 1) if table and parent.is_filtering else None
            elif child.id == "sessions" and table and parent.is_filtering:
                region = Region(table.x, table.y + 1, table.width, table.height - 1)
            if region is not None:
                placements.append(WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child))
        return placements


_LAYOUT = PaneLayout()


class Body(Container):
    """Holds the panes: the user chooses which are shown, and the layout where."""

    hidden: reactive[frozenset[PaneId]] = reactive(frozenset, init=False, repaint=False)
    zoomed: reactive[PaneId | None] = reactive(None, init=False, repaint=False)
    is_filtering: reactive[bool] = reactive(False, init=False, repaint=False)

    @property
    def layout(self) -> Layout:
        """The layout of this module."""
        return _LAYOUT

    def arrangement(self, size: Size | None = None) -> Arrangement:
        """The arrangement of the panes in a body of this size, by default the present size."""
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
        """Fit the frames to the new size."""
        self._place()

    def _place(self) -> None:
        """Give each pane the frame that there is room for."""
        for child in self.children[:1]:
            child.refresh(layout=True)  # a child's new layout makes its parent forget the old places
        arrangement = self.arrangement()
        for pane in self.query_children(LinePane):
            pane.frame = arrangement.frame_of(pane.id)  # type: ignore[arg-type] # panes are named by their ids
