"""The room between status line and footer: puts the panes where `layout` says."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.reactive import reactive
from textual.widget import Widget

from tokentui.ui.filter_bar import FilterBar
from tokentui.ui.layout import PANES, Arrangement, PaneId, arrange


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
                region = Region(table.x, table.y, table.width, 1) if table else None
            elif child.id == "sessions" and table and parent.is_filtering:
                region = Region(table.x, table.y + 1, table.width, table.height - 1)
            if region is not None:
                placements.append(WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child))
        return placements


_LAYOUT = PaneLayout()


class Body(Container):
    """Holds the panes. Which are shown is the user's choice, where they go is the layout's."""

    hidden: reactive[frozenset[PaneId]] = reactive(frozenset, layout=True)
    zoomed: reactive[PaneId | None] = reactive(None, layout=True)
    is_filtering: reactive[bool] = reactive(False, layout=True)

    @property
    def layout(self) -> Layout:
        """The layout of this module."""
        return _LAYOUT

    def arrangement(self, size: Size | None = None) -> Arrangement:
        """Where the panes are in a body of that size, by default the present one."""
        width, height = size or self.size
        shown = frozenset(PANES) - self.hidden
        return arrange(width, height, shown, self.zoomed)

    def on_resize(self) -> None:
        """Full frames where there is room for them."""
        self.set_class(self.arrangement().is_boxed, "-boxed")
