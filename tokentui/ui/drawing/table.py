"""A table that draws only the rows in sight, drops columns it has no room for, and keeps its cursor on a row's key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic

from textual import events
from textual.binding import BindingType

from tokentui.ui import words
from tokentui.ui.drawing.columns import Column, Row, fit_columns
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, Piece, fit, folded, line_width
from tokentui.ui.keymap import keys
from tokentui.ui.scene import Scene


class RowTable(LinePane, Generic[Row]):
    """Rows under a header. Subclasses say which columns, which key, and what Enter does."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("rows", "scrolling"))
    ENTER: ClassVar[str] = "open"
    """What Enter does to the row under the cursor, in the footer."""
    COLUMNS: ClassVar[tuple[Column[object], ...]] = ()
    STARTS_ON_TOP: ClassVar = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.rows: tuple[Row, ...] = ()
        self.cursor_key = ""
        self.is_chosen = False
        """Whether the user put the cursor where it is."""
        self._cursor = 0
        self._top = 0

    def key_of(self, row: Row) -> str:
        """The key of a row, by which the cursor finds it wherever it stands."""
        raise NotImplementedError

    def open_row(self, row: Row) -> None:
        """Do what Enter does to this row."""
        raise NotImplementedError

    def columns(self, scene: Scene) -> Sequence[Column[Row]]:
        """All columns, in order."""
        raise NotImplementedError

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """What to show when there are no rows."""
        return ()

    def is_ghost(self, row: Row) -> bool:
        """Whether the whole row is drawn in a quiet ink."""
        return False

    def sorted_by(self, scene: Scene) -> tuple[str, bool]:
        """The sort in force, empty for none, and whether it is reversed."""
        return "", False

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Take new rows; the cursor stays on its key, or on its place where the key is gone.

        Where `STARTS_ON_TOP`, it stays on the top row until it is moved or a row is opened.
        """
        if bool(rows) is not bool(self.rows):
            self.refresh_keys()
        self.rows = tuple(rows)
        if self.STARTS_ON_TOP and not self.is_chosen:
            self._place_cursor(0)
            return
        found = next((index for index, row in enumerate(rows) if self.key_of(row) == self.cursor_key), None)
        self._place_cursor(self._cursor if found is None else found)

    def refresh_keys(self) -> None:
        """Bring the footer's keys up to date once the rows are drawn, unless the table is gone by then."""

        def refresh() -> None:
            if self.is_attached:
                self.refresh_bindings()

        self.call_after_refresh(refresh)

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self._cursor] if self._cursor < len(self.rows) else None

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Header and the rows in sight."""
        if not self.rows:
            parts = [part for line in self.empty_lines(scene, width, height) for part in folded(line, width)]
            return parts if len(parts) <= height else [part for part in parts if part]
        page = max(1, height - 1)
        self._top = max(0, min(self._top, len(self.rows) - page, self._cursor), self._cursor - page + 1)
        has_bar = len(self.rows) > page
        columns = fit_columns(self.columns(scene), width - 2)
        lines: list[Line] = [self._header(columns, scene)]
        for index in range(self._top, min(self._top + page, len(self.rows))):
            bar = self._bar(index - self._top, page) if has_bar else " "
            lines.append((*self._row_line(index, columns, scene, width - 1), (bar, "track")))
        return lines

    def _header(self, columns: list[tuple[Column[Row], int]], scene: Scene) -> Line:
        sort, is_reversed = self.sorted_by(scene)
        pieces: list[Piece] = [(" ", "header")]
        for column, width in columns:
            is_sorted = bool(sort) and column.sort == sort
            title = f"{column.title}{'▲' if is_reversed else '▼'}" if is_sorted else column.title
            cell = words.right(title, width) if column.flush_right else words.left(title, width)
            pieces += [(cell, "title" if is_sorted else "header"), (" ", "header")]
        return tuple(pieces)

    def _row_line(self, index: int, columns: list[tuple[Column[Row], int]], scene: Scene, room: int) -> Line:
        row = self.rows[index]
        is_cursor = index == self._cursor
        ink = "cursor" if is_cursor and self.has_focus else "cursor-blurred" if is_cursor else ""
        ink = ink or ("muted" if self.is_ghost(row) else "")
        pieces: list[Piece] = [("▌" if is_cursor and self.has_focus else " ", ink or "accent")]
        for column, width in columns:
            cell = fit(column.cell(row, scene, width), width, flush_right=column.flush_right)
            pieces += cell if column.is_drawing or not ink else [(text, ink) for text, _ in cell]
            pieces.append((" ", ink))
        del pieces[-1]
        if (gap := room - line_width(pieces)) > 0:
            pieces.append((" " * gap, ink))
        return tuple(pieces)

    def _bar(self, y: int, page: int) -> str:
        """One cell of the scroll bar."""
        thumb = max(1, page * page // len(self.rows))
        start = (page - thumb) * self._top // max(1, len(self.rows) - page)
        return "▐" if start <= y < start + thumb else " "

    def _place_cursor(self, index: int) -> None:
        self._cursor = max(0, min(index, len(self.rows) - 1))
        row = self.cursor_row
        if row is not None:
            self.cursor_key = self.key_of(row)

    def action_move(self, rows: int) -> None:
        """Move the cursor up or down."""
        self.is_chosen = True
        self._place_cursor(self._cursor + rows)
        self.redraw()

    def action_page(self, pages: int) -> None:
        """Move the cursor by what fits on the screen."""
        self.action_move(pages * max(1, self.inner_size.height - 2))

    def action_move_to_end(self, direction: int) -> None:
        """Move the cursor to the first or the last row."""
        self.action_move(direction * len(self.rows))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse to open a row where there is none."""
        return bool(self.rows) if action == "open_row" else True

    def action_open_row(self) -> None:
        """Open the row under the cursor."""
        row = self.cursor_row
        if row is not None:
            self.is_chosen = True
            self.open_row(row)

    def sort_asked(self, sort: str) -> None:
        """Sort as a click on a column's header asks; does nothing in a table with one order."""

    def on_click(self, event: events.Click) -> None:
        """Select a row; a second click opens it; a click on the header sorts."""
        left, top = self.inner_offset
        y = event.y - top
        if y == 0:
            self._click_header(event.x - left)
        index = self._top + y - 1
        if y < 1 or index >= len(self.rows):
            return
        is_second = index == self._cursor and event.chain > 1
        self.action_move(index - self._cursor)
        if is_second:
            self.action_open_row()

    def _click_header(self, x: int) -> None:
        start = 1
        scene = self.scene
        for column, width in fit_columns(self.columns(scene), self.inner_size.width - 2) if scene else ():
            if start <= x < start + width and column.sort:
                self.sort_asked(column.sort)
            start += width + 1

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor three rows down."""
        event.stop()
        self.action_move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor three rows up."""
        event.stop()
        self.action_move(-3)

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Draw the cursor as active or not."""
        super().watch_has_focus(_has_focus)
        self.redraw()
