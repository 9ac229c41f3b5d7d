"""Sends notices by the channels of the present settings, also after the configuration has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tokentui.config.settings import Notify, Settings
from tokentui.store.deliveries import Delivery
from tokentui.watch.telling.channels import Channel
from tokentui.watch.telling.notices import Notice
from tokentui.watch.telling.outbox import Outbox, channels_of
from tokentui.watch.telling.terminal import terminal_text


class Telling:
    """Hands notices to the outbox and to the terminal's owner. Used by the thread that applies the rules."""

    def __init__(
        self,
        read_settings: Callable[[], Settings],
        on_notice: Callable[[Notice], None] = lambda _: None,
        write_terminal: Callable[[str], None] = lambda _: None,
        make_channels: Callable[[Notify], Sequence[Channel]] = channels_of,
    ) -> None:
        self._read_settings, self._on_notice = read_settings, on_notice
        self._write_terminal, self._make_channels = write_terminal, make_channels
        self._notify: Notify | None = None
        self._outboxes = [Outbox(())]

    def channels(self) -> tuple[str, ...]:
        """The names of the channels by which a notice would be sent now; without the terminal, which cannot fail."""
        return self._outbox().channels

    def tell(self, notice: Notice, only: str = "") -> None:
        """Send a notice by all channels, or only by the one of that name; returns at once."""
        outbox = self._outbox()
        if not only:
            self._on_notice(notice)
            if said := terminal_text(notice, self._read_settings().notify):
                self._write_terminal(said)
        outbox.tell(notice, only)

    def ring(self, notice: Notice) -> None:
        """Tell of an alarm in this terminal alone, because another program sends it by all channels."""
        notify = self._read_settings().notify
        if said := terminal_text(
            notice, notify._replace(terminal="off")
        ):  # the other program's notification shows on the desktop
            self._write_terminal(said)

    def _outbox(self) -> Outbox:
        """The outbox for the present settings."""
        notify = self._read_settings().notify
        if notify != self._notify:
            self._outboxes[-1].retire()  # it still sends the notices that it holds
            self._notify = notify
            self._outboxes = [*self._outboxes[-3:], Outbox(self._make_channels(notify))]
        return self._outboxes[-1]

    def delivered(self) -> list[Delivery]:
        """The notices that were sent, or could not be, since the last call."""
        return [sent for outbox in self._outboxes for sent in outbox.delivered()]

    def finish(self, timeout_seconds: float) -> list[Delivery]:
        """Wait that long for pending notices, then stop; returns what became of them."""
        return [sent for outbox in self._outboxes for sent in outbox.finish(timeout_seconds)]
