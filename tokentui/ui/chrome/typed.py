"""An input whose keys take effect in the order typed."""

from __future__ import annotations

from textual.binding import Binding
from textual.events import Key
from textual.widgets import Input


class TypedInput(Input):
    """Its keys take effect in the order in which they were typed, however many arrive at once.

    Textual hands all but letters up to the app first, where the letters behind them overtake them: over a slow line
    `ab`, Backspace and `c` became `ab`.
    """

    def takes(self, key: Key) -> bool:
        """Whether the line takes this key, given that it has the focus."""
        return key.is_printable or self._binding_of(key) is not None

    def _binding_of(self, key: Key) -> Binding | None:
        found = self.screen.active_bindings.get(key.key)
        return found.binding if found is not None and found.node is self else None

    async def _on_key(self, event: Key) -> None:
        binding = None if event.is_printable else self._binding_of(event)
        if binding is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        await self.run_action(binding.action)
