"""Stopping a session: asks first, says what was done, and asks again before anything harder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from tokentui.text import safe_text
from tokentui.ui.drawing.lines import Line, fold
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.keymap import keys, spelled
from tokentui.ui.scene import Scene
from tokentui.watch.interrupt import Refusal, Target

How = Literal["interrupt", "end"]
Send = Callable[[Target, How], Refusal | None]
Stage = Literal["asking", "interrupted", "ended", "refused"]


class InterruptText(ScrolledLines):
    """The question, or why the session cannot be interrupted."""

    def __init__(self, name: str, found: Target | Refusal) -> None:
        super().__init__(id="interrupt-text")
        self._whose = safe_text(name)
        self.stage: Stage = "refused" if isinstance(found, Refusal) else "asking"
        self.refusal = found if isinstance(found, Refusal) else None
        self._target = found if isinstance(found, Target) else None

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame."""
        return "interrupt a session", f"{spelled.first_key('leave_interrupt', scene.keymap)} closes"

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """What will be sent to which process, or what was sent."""
        lines = [*_folded(self._whose, "strong", width), ()]
        if self.refusal is not None:
            return [*lines, *_refused(self.refusal, width)]
        assert self._target is not None  # noqa: S101 - what was not refused was found
        process = self._target.process
        lines += _folded(f"process {process.process_id}: {safe_text(' '.join(process.arguments), 200)}", "muted", width)
        lines.append(())
        if self.stage == "asking":
            lines += [
                _key("send_interrupt", "sends SIGINT, as Ctrl+C in its terminal does", scene),
                _key("leave_interrupt", "leaves it alone", scene),
            ]
        elif self.stage == "interrupted":
            lines += [
                *_folded("✓ SIGINT was sent. If it goes on all the same:", "good", width),
                _key("send_end", "ends the process with SIGTERM", scene),
                _key("leave_interrupt", "leaves it at that", scene),
            ]
        else:
            lines += _folded("✓ SIGTERM was sent.", "good", width)
        return lines


def _refused(refusal: Refusal, width: int) -> list[Line]:
    lines = [*_folded("✖ cannot be interrupted from here:", "bad", width), *_folded(refusal.reason, "", width)]
    if refusal.command:
        lines += [(), *_folded("what you can do:", "muted", width), *_folded(refusal.command, "strong", width)]
    return lines


def _folded(text: str, ink: str, width: int) -> list[Line]:
    return [((f" {part}", ink),) for part in fold(safe_text(text), max(10, width - 2))]


def _key(key_id: str, does: str, scene: Scene) -> Line:
    return ((f" {spelled.first_key(key_id, scene.keymap)} ", "key"), (does, ""))


class InterruptScreen(ModalScreen[None]):
    """Asks before each signal; each has a key of its own, so that one key pressed twice sends one signal."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("interrupt"))
    AUTO_FOCUS: ClassVar[str | None] = "#interrupt-text"

    def __init__(self, name: str, found: Target | Refusal, send: Send, scene: Scene) -> None:
        super().__init__()
        self._target = found if isinstance(found, Target) else None
        self._text, self._send, self._scene = InterruptText(name, found), send, scene

    def compose(self) -> ComposeResult:
        """The text in a box."""
        yield self._text

    def on_mount(self) -> None:
        """Draw the question."""
        self._text.frame = "box"
        self._text.scene = self._scene

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse SIGTERM until SIGINT was sent."""
        if action != "send":
            return True
        return self._text.stage == {"interrupt": "asking", "end": "interrupted"}[str(parameters[0])]

    async def action_send(self, how: How) -> None:
        """Send the signal, and say what became of it."""
        if self._target is None:
            return
        try:
            refusal = await asyncio.to_thread(self._send, self._target, how)
        except Exception as error:  # shown, like every failure below the screen
            refusal = Refusal(f"{type(error).__name__}: {error}", self._target.command)
        if refusal is not None:
            self._text.refusal, self._text.stage = refusal, "refused"
        else:
            self._text.stage = "interrupted" if how == "interrupt" else "ended"
        self._text.redraw()
        self.refresh_bindings()

    def action_leave(self) -> None:
        """Close the question."""
        self.dismiss()
