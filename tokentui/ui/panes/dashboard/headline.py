"""Pane 1: the last minute in six tiles, each with its trend and compared with what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from tokentui.ui import words
from tokentui.ui.charts.spark import sparkline
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, fit
from tokentui.ui.scene import Scene
from tokentui.ui.tiles import Tile, tiles_of
from tokentui.widths import cell_width

LIST_BELOW_WIDTH = 78
_VALUE_CELLS = 7
_LIST_CELLS = 18
"""Cells for name and figure where tiles are below each other."""


class HeadlinePane(LinePane):
    """The tiles."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "now",
        "The last 60 seconds, and today. Each tile has its trend over the last 30 minutes and how it stands against "
        "usual; ▲ marks a figure above its usual p95, ▼ a hit rate ten points below usual with three times the usual "
        "misses in a minute of no fewer fresh tokens than usual. The trend of the hit rate runs from 50 to 100 %.",
        (
            texts.TOKENS_PER_MINUTE,
            ("$/min, $/h", "the price of the responses of the last 60 s; times 60"),
            texts.HIT_RATE,
            ("working agents", f"main threads and sub-agents that are working: {texts.WORKING[1]}"),
            (
                "today",
                "cost since midnight in your time zone; usual is the mean of the days with use in the last 7",
            ),
            texts.USUAL,
            texts.MONEY,
        ),
    )

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The pane's name, and what kind of money this is."""
        return f"1 {scene.now_word}", "estimate at list price"

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The tiles side by side, or one in each line on a narrow screen."""
        if scene.snapshot is None:
            return ()
        tiles = tiles_of(scene.snapshot.headline, scene)
        if width < LIST_BELOW_WIDTH:
            return _as_list(tiles if height > 5 else (*tiles[:4], _joined(*tiles[4:])), scene, width)
        return _side_by_side(tiles, scene, width, height)


def _side_by_side(tiles: tuple[Tile, ...], scene: Scene, width: int, height: int) -> list[Line]:
    edges = [1 + (width - 1) * index // len(tiles) for index in range(len(tiles) + 1)]
    cells = [end - start - 2 for start, end in pairwise(edges)]
    lines: list[Line] = [
        _joined_line([((words.fitting(cell, *tile.labels), "muted"),) for tile, cell in _zip(tiles, cells)], cells)
    ]
    if height >= 4:
        lines.append(_joined_line([((tile.value, _value_ink(tile)),) for tile in tiles], cells))
        lines.append(
            _joined_line([((_spark(tile, scene, cell), "spark"),) for tile, cell in _zip(tiles, cells)], cells)
        )
    else:
        lines.append(_joined_line([_value_and_spark(tile, scene, cell) for tile, cell in _zip(tiles, cells)], cells))
    lines.append(_joined_line([((_note(tile, cell), _note_ink(tile)),) for tile, cell in _zip(tiles, cells)], cells))
    return lines


def _zip(tiles: tuple[Tile, ...], cells: list[int]) -> list[tuple[Tile, int]]:
    return list(zip(tiles, cells, strict=True))


def _joined_line(parts: list[Line], cells: list[int]) -> Line:
    line: Line = ((" ", ""),)
    for part, cell in zip(parts, cells, strict=True):
        line = (*line, *fit(part, cell), ("  ", ""))
    return line


def _value_and_spark(tile: Tile, scene: Scene, width: int) -> Line:
    value_width = min(width, max(_VALUE_CELLS, cell_width(tile.value)))
    spark_width = max(0, width - value_width - 1)
    return (
        *fit(((tile.value, _value_ink(tile)),), value_width),
        (" ", ""),
        (_spark(tile, scene, spark_width), "spark"),
    )


def _spark(tile: Tile, scene: Scene, width: int) -> str:
    return sparkline(tile.trend, width, ceiling=tile.ceiling, alphabet=scene.alphabet) if tile.trend else ""


def _note(tile: Tile, width: int) -> str:
    return words.fitting(width, *tile.notes)


def _value_ink(tile: Tile) -> str:
    return "warn" if tile.is_high else "strong"


def _note_ink(tile: Tile) -> str:
    return "warn" if tile.is_high else "muted"


def _joined(agents: Tile, today: Tile) -> Tile:
    """Agents and today in one line, for the smallest screens."""
    notes = (f"{today.labels[-1]} {today.value}", f"day {today.value}", today.value)
    return Tile(("agents",), agents.value, agents.trend, notes, agents.is_high)


def _as_list(tiles: tuple[Tile, ...], scene: Scene, width: int) -> list[Line]:
    spark_width = 10 if width >= 50 else 6
    lines: list[Line] = []
    for tile in tiles:
        value_width = max(_VALUE_CELLS, cell_width(tile.value))
        label_width = _LIST_CELLS - value_width
        label = words.fitting(label_width - (cell_width(tile.value) >= _VALUE_CELLS), *tile.labels)
        note_width = max(0, width - 1 - _LIST_CELLS - spark_width - 3)
        lines.append(
            (
                (" ", ""),
                (words.left(label, label_width), "muted"),
                (words.right(tile.value, value_width), _value_ink(tile)),
                (" ", ""),
                (words.left(_spark(tile, scene, spark_width), spark_width), "spark"),
                (" ", ""),
                (_note(tile, note_width), _note_ink(tile)),
            )
        )
    return lines
