"""Pasted text without Esc: for Textual, an Esc would end the paste early, and the rest would act as keys."""

from __future__ import annotations

_START, _END = "\x1b[200~", "\x1b[201~"


class Pastes:
    """Takes Esc out of pasted text, however the input is split into pieces; all other input passes unchanged."""

    def __init__(self) -> None:
        self._is_inside = False
        self._held = ""
        """Input kept back because it may begin the sequence that ends a paste."""

    def tame(self, typed: str) -> str:
        """The next piece of input, as the parser should see it."""
        rest, self._held, kept = self._held + typed, "", ""
        while rest:
            if not self._is_inside:
                before, start, rest = rest.partition(_START)
                kept, self._is_inside = kept + before + start, bool(start)
                continue
            inside, end, rest = rest.partition(_END)
            if not end:
                self._held = next((_END[:length] for length in range(5, 0, -1) if inside.endswith(_END[:length])), "")
                inside = inside.removesuffix(self._held)
            kept, self._is_inside = kept + inside.replace("\x1b", "") + end, not end
        return kept
