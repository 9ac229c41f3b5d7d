"""What is pasted is text: an Esc in it would end the paste early for Textual, and what follows would act as keys."""

from __future__ import annotations

_START, _END = "\x1b[200~", "\x1b[201~"


class Pastes:
    """Takes the Esc out of pasted text, however it is split into pieces; all else passes as it is."""

    def __init__(self) -> None:
        self._is_inside = False
        self._held = ""
        """What may be the beginning of the end."""

    def tame(self, typed: str) -> str:
        """The same for the parser."""
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
