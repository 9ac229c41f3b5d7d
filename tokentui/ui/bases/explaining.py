"""What the app says about itself: the help, and the palette of commands."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual.app import SystemCommand
from textual.screen import Screen

from tokentui.ui.bases.watching import WatchingApp
from tokentui.ui.keymap import keys
from tokentui.ui.keymap.key import Context
from tokentui.ui.keymap.spelled import shown_keys
from tokentui.ui.screens.dashboard import DashboardScreen


class ExplainingApp(WatchingApp):
    """Says what the focused pane shows and what every key does."""

    def action_help(self) -> None:
        """Open the help about the focused pane and all keys that work here."""
        from tokentui.ui.screens.help import HelpScreen, HelpText

        bound = {active.binding.id for active in self.screen.active_bindings.values()}
        contexts: set[Context] = {key.context for key in keys.KEYS if key.id in bound}
        if isinstance(self.screen, DashboardScreen):
            contexts |= {"dashboard", "filter"}
        pane_help = getattr(self.screen.focused, "HELP_TEXT", None)
        self.push_screen(HelpScreen(HelpText(pane_help, frozenset(contexts), self.scene.keymap), self.scene))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The commands of the palette: everything that a key does here, the themes, and a screenshot."""
        yield SystemCommand("theme", "Change the colours", self.action_change_theme)
        yield SystemCommand("screenshot", "Save the screen as SVG", self.deliver_screenshot)
        bound = {active.binding.id: active for active in self.live_screen.active_bindings.values()}
        for key in keys.KEYS:
            active = bound.get(key.id)
            if active is not None and active.enabled and key.group != "move" and key.id not in ("palette", "back"):
                run = partial(self.run_action, key.action, active.node)
                yield SystemCommand(f"{key.description} ({shown_keys(active.binding.key)})", key.tooltip, run)
