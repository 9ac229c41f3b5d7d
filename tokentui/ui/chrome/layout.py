"""Where each pane goes: a pure function of the room and of what the user wants to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from textual.geometry import Region

from tokentui.ui.drawing.line_pane import Frame

PaneId = Literal["headline", "chart", "cache", "models", "budgets", "sessions"]
PANES: tuple[PaneId, ...] = ("headline", "chart", "cache", "models", "budgets", "sessions")

LEAST_WIDTH, LEAST_HEIGHT = 40, 12
"""The smallest terminal in which the dashboard makes sense."""
NARROW, WIDE, VERY_WIDE = 80, 120, 168
BOXED_HEIGHT, SHORT_HEIGHT, TINY_HEIGHT = 28, 18, 17


class Arrangement(NamedTuple):
    """Places of the panes that have room, and what is around them."""

    regions: Mapping[PaneId, Region]
    frame: Frame
    is_tiny: bool

    def frame_of(self, pane: PaneId) -> Frame:
        """The frame of a pane; the tiles have none where lines are few."""
        return "none" if self.is_tiny and pane == "headline" else self.frame


def arrange(width: int, height: int, shown: frozenset[PaneId], zoomed: PaneId | None = None) -> Arrangement:
    """Give each pane its place in a body of this size."""
    is_boxed = frame_for(width, height) == "box"
    is_tiny = height < TINY_HEIGHT and width < NARROW and zoomed is None
    if zoomed is not None:
        regions = {zoomed: Region(0, 0, width, height)}
    else:
        place = _column if width < NARROW else _grid
        regions = place(width, height, shown, 2 if is_boxed else 1)
    return Arrangement(regions, frame_for(width, height), is_tiny)


def frame_for(width: int, height: int) -> Frame:
    """The frame for a terminal of this size: full boxes if there is room for them."""
    return "box" if height >= BOXED_HEIGHT and width >= NARROW else "rule"


def _column(width: int, height: int, shown: frozenset[PaneId], frame: int) -> dict[PaneId, Region]:
    """On a narrow terminal: panes below each other, the least needed left out if there is no room."""
    is_tiny = height < TINY_HEIGHT
    heights: dict[PaneId, int] = {"headline": 5 if is_tiny else 6 + frame}
    table = min(5, height - heights["headline"]) if is_tiny else 6
    room = height - table if "sessions" in shown else height
    wanted: Sequence[tuple[PaneId, int]] = (
        ("headline", heights["headline"]), ("budgets", 3 + frame), ("models", 3 + frame), ("cache", 3 + frame),
        ("chart", 9),
    )  # fmt: skip
    taken: dict[PaneId, int] = {}
    for pane, needed in wanted:
        if pane in shown and needed <= room:
            taken[pane] = needed
            room -= needed
    if "sessions" in shown:
        taken["sessions"] = room + table
    elif taken:
        last = next(pane for pane in reversed(PANES) if pane in taken)
        taken[last] += room
    return _stack({pane: taken[pane] for pane in PANES if pane in taken}, Region(0, 0, width, height))


def _grid(width: int, height: int, shown: frozenset[PaneId], frame: int) -> dict[PaneId, Region]:
    """Tiles on top, the chart beside the small panes, the table below."""
    top = frame + (4 if height >= 40 else 3) if "headline" in shown else 0
    rest = height - top
    middle_panes: list[PaneId] = [pane for pane in PANES[1:5] if pane in shown]
    middle = _middle_height(rest, frame, has_table="sessions" in shown) if middle_panes else 0
    regions: dict[PaneId, Region] = {}
    if top:
        regions["headline"] = Region(0, 0, width, top if middle or "sessions" in shown else height)
    if middle:
        regions |= _middle(Region(0, top, width, middle), middle_panes, frame)
    if "sessions" in shown:
        regions["sessions"] = Region(0, top + middle, width, rest - middle)
    return regions


def _middle_height(rest: int, frame: int, *, has_table: bool) -> int:
    """Lines for the chart and the small panes: about half of all, or none if the table would have no rows left."""
    if not has_table:
        return rest
    wanted = max(8, min(rest * (52 if frame == 2 else 48) // 100, 3 * (frame + 6)))
    height = min(wanted, rest - frame - 4)
    return height if height >= frame + 3 else 0


def _middle(room: Region, panes: list[PaneId], frame: int) -> dict[PaneId, Region]:
    """The chart on the left, the small panes stacked in one or two columns on the right."""
    small: list[PaneId] = [pane for pane in panes if pane != "chart"]
    if "chart" not in panes:
        return _row(small, room)
    if not small:
        return {"chart": room}
    columns: list[list[PaneId]] = [
        [pane for pane in small if pane != "budgets"],
        [pane for pane in small if pane == "budgets"],
    ]
    if room.width < VERY_WIDE or not all(columns):
        columns = [small]
    side = _side_width(room.width) * len(columns)
    regions: dict[PaneId, Region] = {"chart": Region(room.x, room.y, room.width - side, room.height)}
    for index, column in enumerate(columns):
        kept = _that_fit(column, room.height, frame)
        x = room.right - side + index * side // len(columns)
        regions |= _evenly(kept, Region(x, room.y, side // len(columns), room.height))
    return regions


def _side_width(width: int) -> int:
    return 46 if width >= VERY_WIDE else 44 if width >= WIDE else 36


def _that_fit(panes: list[PaneId], height: int, frame: int) -> list[PaneId]:
    """The small panes that have three lines each; the cache is left out first, since its rate is in a tile."""
    by_need: list[PaneId] = [pane for pane in ("budgets", "models", "cache") if pane in panes]
    kept = by_need[: max(1, height // (frame + 3))]
    return [pane for pane in panes if pane in kept]


def _row(panes: list[PaneId], room: Region) -> dict[PaneId, Region]:
    edges = [room.x + room.width * index // max(1, len(panes)) for index in range(len(panes) + 1)]
    return {
        pane: Region(start, room.y, end - start, room.height)
        for pane, start, end in zip(panes, edges, edges[1:], strict=False)
    }


def _evenly(panes: list[PaneId], room: Region) -> dict[PaneId, Region]:
    share, extra = divmod(room.height, max(1, len(panes)))
    return _stack({pane: share + (index < extra) for index, pane in enumerate(panes)}, room)


def _stack(heights: Mapping[PaneId, int], room: Region) -> dict[PaneId, Region]:
    regions: dict[PaneId, Region] = {}
    y = room.y
    for pane, height in heights.items():
        regions[pane] = Region(room.x, y, room.width, height)
        y += height
    return regions
