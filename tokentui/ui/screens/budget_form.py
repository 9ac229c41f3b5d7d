"""A budget typed field by field, and the question before one is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tokentui.config.budget_drafts import BudgetDraft
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.chrome.typed import TypedInput
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, fold
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.keymap import keys, spelled
from tokentui.ui.messages import ActionDone
from tokentui.ui.scene import Scene

FIELDS = (
    ("name", "a name, such as day"),
    ("limit", "20, 12.50, 500k or 3M"),
    ("unit", "usd, tokens or fresh_tokens"),
    ("window", "day, week, month, or rolling 5h"),
    ("scope", "everything, project:TEXT, model:TEXT, session:ID or agent:TYPE"),
    ("marks", "50 75 90=warn 100=alarm"),
)
NEW = BudgetDraft("", "", "usd", "day", "everything", ("50", "75", "90", "100"))


class FieldInput(TypedInput):
    """One field of the form; Enter, Esc and Tab are the form's keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        replace(binding, priority=True)  # before the field sees the key
        for binding in keys.bindings("budget form")
        if binding.action not in ("save", "leave")
    ]

    def on_mount(self) -> None:
        """Have no blinking cursor: nothing moves while nobody types."""
        self.cursor_blink = False

    async def action_submit(self) -> None:
        """Save, in whichever field Enter is pressed."""
        await self.screen.run_action("save")


class FormHints(LinePane, can_focus=False):
    """The line that names the form's keys."""

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The keys and what they do."""
        save, following, leave = (
            spelled.first_key(key, scene.keymap) for key in ("save_budget", "next_field", "leave_budget")
        )
        said = words.fitting(
            width,
            f"{save} saves · {following} next field · {leave} leaves",
            f"{save} saves · {following} next · {leave} back",
        )
        return [((said, "muted"),)]


class BudgetForm(ModalScreen[None]):
    """Six fields; mistakes are named below them, and nothing is written until there are none."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("budget form"))
    AUTO_FOCUS: ClassVar[str | None] = "FieldInput"
    error = getters.query_one("#form-error", Static)

    def __init__(self, draft: BudgetDraft, save: Callable[[BudgetDraft], str], scene: Scene, note: str = "") -> None:
        """Take the budget to start with, and a note to show until something is wrong."""
        super().__init__()
        self._note = note
        self._draft, self._save, self._scene = draft, save, scene
        self._is_new = not draft.name

    def compose(self) -> ComposeResult:
        """Labels and fields in a box."""
        with Vertical(id="form") as form:
            form.border_title = "new budget" if self._is_new else "change a budget"
            for field, expected in FIELDS:
                with Horizontal(classes="field"):
                    yield Static(field, classes="label")
                    is_fixed = field == "name" and not self._is_new
                    yield FieldInput(
                        self._text(field), placeholder=expected, compact=True, id=f"field-{field}", disabled=is_fixed
                    )
            if self._note:
                yield Static(Content(self._note), id="form-note")
            yield Static("", id="form-error")
            yield FormHints(id="form-hints")

    def on_mount(self) -> None:
        """Draw the keys."""
        self.query_one(FormHints).scene = self._scene

    def _text(self, field: str) -> str:
        value = getattr(self._draft, field) if self._draft.name else getattr(NEW, field)
        return value if isinstance(value, str) else " ".join(value)

    def draft(self) -> BudgetDraft:
        """What stands in the fields."""
        texts = {field: self.query_one(f"#field-{field}", Input).value.strip() for field, _ in FIELDS}
        marks = tuple(texts.pop("marks").replace(",", " ").split())
        return BudgetDraft(**texts, marks=marks)

    async def action_save(self) -> None:
        """Write the budget and close, or say what is wrong."""
        draft = self.draft()
        if not draft.name:
            self._say("name: a budget needs a name")
            return
        if not draft.limit:
            self._say("limit: a budget needs one, such as 20 (dollars) or 500k (tokens)")
            return
        try:
            said = await asyncio.to_thread(self._save, draft)
        except Exception as error:  # shown, like every failure below the screen
            self._say(str(error))
            return
        self.app.post_message(ActionDone(said))
        self.dismiss()

    def _say(self, reason: str) -> None:
        """Say what is wrong in the place of the note: a small screen has no room for both."""
        self.query("#form-note").remove()
        self.error.update(Content(safe_text(reason, 400)))

    def action_leave(self) -> None:
        """Close without writing anything."""
        self.dismiss()


class RemovalText(ScrolledLines):
    """The question, or why the budget cannot be removed."""

    def __init__(self, name: str) -> None:
        super().__init__(id="removal-text")
        self._whose, self.reason = safe_text(name), ""

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame."""
        return "remove a budget", f"{spelled.first_key('keep_budget', scene.keymap)} closes"

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """Name the budget and the keys, or the reason that it stays."""
        lines: list[Line] = [((f" {self._whose}", "strong"),), ()]
        if self.reason:
            return lines + [((f" {part}", "bad"),) for part in fold(self.reason, max(20, width - 2))]
        return [
            *lines,
            (
                (f" {spelled.first_key('confirm_removal', scene.keymap)} ", "key"),
                ("takes it out of the configuration", ""),
            ),
            ((f" {spelled.first_key('keep_budget', scene.keymap)} ", "key"), ("keeps it", "")),
        ]


class RemovalScreen(ModalScreen[None]):
    """Asks before a budget is taken out of the file."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("removal"))
    AUTO_FOCUS: ClassVar[str | None] = "#removal-text"

    def __init__(self, name: str, remove: Callable[[str], str], scene: Scene) -> None:
        super().__init__()
        self._budget, self._remove, self._scene = name, remove, scene
        self._text = RemovalText(name)

    def compose(self) -> ComposeResult:
        """The question in a box."""
        yield self._text

    def on_mount(self) -> None:
        """Draw the question."""
        self._text.frame, self._text.scene = "box", self._scene

    async def action_remove(self) -> None:
        """Remove the budget and close, or say why that failed."""
        try:
            said = await asyncio.to_thread(self._remove, self._budget)
        except Exception as error:  # shown, like every failure below the screen
            self._text.reason = safe_text(str(error), 400)
            self._text.redraw()
            return
        self.app.post_message(ActionDone(said))
        self.dismiss()

    def action_leave(self) -> None:
        """Keep the budget."""
        self.dismiss()
