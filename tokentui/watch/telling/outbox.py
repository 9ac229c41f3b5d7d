"""Sends notices, with a thread for each channel, so that the caller never waits."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from tokentui.config.settings import Notify
from tokentui.store.deliveries import Delivery
from tokentui.watch.telling.channels import Channel, ChannelError
from tokentui.watch.telling.notices import Notice

QUEUE_LENGTH = 50
STOPPED_SECONDS = 0.3
"""How long to wait for a channel, after it was told to stop, to report what became of its notice."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Outbox:
    """Takes notices and reports what became of them. `tell` and `delivered` return at once, from any thread."""

    def __init__(self, channels: Iterable[Channel], now_ms: Callable[[], int] = _now_ms) -> None:
        self._now_ms = now_ms
        self._stop = threading.Event()
        self._results: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._lines = [_Line(channel, self._results, self._stop, now_ms) for channel in channels]

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels."""
        return tuple(line.name for line in self._lines)

    def tell(self, notice: Notice, only: str = "") -> None:
        """Give a notice to every channel, or only to the one of that name."""
        for line in self._lines:
            if only in ("", line.name):
                line.put(notice)

    def delivered(self) -> list[Delivery]:
        """The notices that were sent, or could not be, since the last call."""
        found: list[Delivery] = []
        while True:
            try:
                found.append(self._results.get_nowait())
            except queue.Empty:
                return found

    def finish(self, timeout_seconds: float) -> list[Delivery]:
        """Wait that long for pending notices, then stop; returns what became of them, as far as it is known by then."""
        deadline = time.monotonic() + timeout_seconds
        for line in self._lines:
            line.finish(max(deadline - time.monotonic(), 0.0))
        self._stop.set()
        for line in self._lines:
            line.join(STOPPED_SECONDS)  # a channel that was waiting to try again now reports a failure
        return self.delivered()

    def retire(self) -> None:
        """Take no more notices; the threads end once they have sent what they hold."""
        for line in self._lines:
            line.finish(0.0)


class _Line:
    """One channel, its queue, and the thread that empties the queue; it is started by the first notice."""

    def __init__(
        self, channel: Channel, results: queue.SimpleQueue[Delivery], stop: threading.Event, now_ms: Callable[[], int]
    ) -> None:
        self._channel, self._results, self._stop, self._now_ms = channel, results, stop, now_ms
        self._waiting: queue.Queue[Notice | None] = queue.Queue(QUEUE_LENGTH)
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """The channel's name."""
        return self._channel.name

    def put(self, notice: Notice) -> None:
        """Queue a notice, or report that too many are waiting."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"tell {self._channel.name}", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(notice)
        except queue.Full:
            self._note(notice, 0, "too many notices are waiting to be sent")

    def finish(self, timeout_seconds: float) -> None:
        """Let the thread end once its queue is empty."""
        if self._thread is not None:
            try:
                self._waiting.put(None, block=timeout_seconds > 0, timeout=timeout_seconds or None)
            except queue.Full:
                return  # the thread ends when it is told to stop, or with the process
            self._thread.join(timeout_seconds)

    def join(self, timeout_seconds: float) -> None:
        """Wait for the thread's end."""
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            notice = self._waiting.get()
            if notice is None:
                return
            try:
                self._note(notice, self._channel.send(notice, self._stop.wait))
            except ChannelError as error:
                self._note(notice, error.attempts, str(error))
            except Exception as error:
                self._note(notice, 1, f"{type(error).__name__}")

    def _note(self, notice: Notice, attempts: int, error: str = "") -> None:
        self._results.put(Delivery(notice.alert_id, self._channel.name, self._now_ms(), attempts, error))


def channels_of(notify: Notify, environment: Mapping[str, str] | None = None) -> Sequence[Channel]:
    """The channels that are switched on, without the terminal: only the thread that owns it may write to it."""
    from tokentui.watch.telling.programs import Command, Desktop
    from tokentui.watch.telling.webhook import Webhook

    found: list[Channel] = []
    if notify.desktop:
        found.append(Desktop())
    if notify.webhook != "off":
        given = os.environ if environment is None else environment
        found.append(Webhook(notify.webhook, notify.webhook_url_env, notify.webhook_token_env, given))
    if notify.command:
        found.append(Command(notify.command))
    return found
