"""Telling alarms outside the screen: a real server on the loopback, real programs, and nobody kept waiting."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.config.settings import Notify, Settings, WebhookShape
from tokentui.store.deliveries import Delivery
from tokentui.watch.telling.channels import ChannelError, Wait, run
from tokentui.watch.telling.notices import Notice, made_up_notice
from tokentui.watch.telling.outbox import QUEUE_LENGTH, Outbox, channels_of
from tokentui.watch.telling.programs import Command, Desktop, desktop_command
from tokentui.watch.telling.telling import Telling
from tokentui.watch.telling.terminal import BELL, terminal_text, title
from tokentui.watch.telling.webhook import PAUSES_SECONDS, Webhook, body

NOTICE = Notice(
    7, "alarm", "agents_at_once", "too many agents at once", "14 agents working <b> & *x*", 14.0, 10.0, "agents",
    1_800_000_000_000, "s1", "refactor-api", "/work", ("", "a1"),
)  # fmt: skip
PATH = "T000/B000/very-secret"


def never(_: float) -> bool:
    """Does not wait."""
    return False


class Pauses:
    """Remembers how long it should have waited."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return False


class Server:
    """Answers with the statuses it is given, one after the other, then with 200."""

    def __init__(self, *statuses: int, retry_after: str = "") -> None:
        self.bodies: list[dict[str, object]] = []
        self.tokens: list[str | None] = []
        waiting = list(statuses)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.tokens.append(self.headers.get("Authorization"))
                outer.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(waiting.pop(0) if waiting else 200)
                if retry_after:
                    self.send_header("Retry-After", retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/{PATH}"

    @contextmanager
    def running(self) -> Iterator[Server]:
        thread = threading.Thread(target=lambda: self._server.serve_forever(0.01))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def webhook(url: str, shape: WebhookShape = "json", token: str = "") -> Webhook:
    return Webhook(shape, "HOOK", "TOKEN", {"HOOK": url, "TOKEN": token})


def closed_port() -> int:
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


# Webhooks.


def test_a_webhook_gets_the_alert() -> None:
    with Server().running() as server:
        assert webhook(server.url, "json", "t0ken").send(NOTICE, never) == 1
        assert webhook(server.url, "slack").send(NOTICE, never) == 1
        assert webhook(server.url, "discord").send(NOTICE, never) == 1
    plain, slack, discord = server.bodies
    assert plain == NOTICE.fields()
    assert (plain["schema_version"], plain["id"], plain["agents"]) == (1, 7, ["", "a1"])
    assert slack == {"text": "tokentui: too many agents at once: 14 agents working &lt;b&gt; &amp; *x*"}
    assert discord["allowed_mentions"] == {"parse": []}
    assert server.tokens == ["Bearer t0ken", None, None]


def test_a_webhook_tries_again_with_longer_pauses() -> None:
    pauses = Pauses()
    with Server(500, 503).running() as server:
        assert webhook(server.url).send(NOTICE, pauses) == 3
    assert pauses.seconds == list(PAUSES_SECONDS[:2])


def test_a_webhook_waits_as_long_as_it_is_told_to_but_not_for_ever() -> None:
    pauses = Pauses()
    with Server(429, retry_after="7").running() as server:
        webhook(server.url).send(NOTICE, pauses)
    with Server(429, retry_after="86400").running() as server:
        webhook(server.url).send(NOTICE, pauses)
    assert pauses.seconds == [7.0, 60.0]


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_a_webhook_that_says_no_is_not_asked_again(status: int) -> None:
    with (
        Server(status).running() as server,
        pytest.raises(ChannelError, match=f"answered {status}") as caught,
    ):
        webhook(server.url).send(NOTICE, never)
    assert caught.value.attempts == 1
    assert len(server.bodies) == 1


def test_a_webhook_that_cannot_be_reached_gives_up_without_a_word_of_its_address() -> None:
    with pytest.raises(ChannelError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        webhook(f"http://127.0.0.1:{closed_port()}/{PATH}").send(NOTICE, never)
    assert caught.value.attempts == len(PAUSES_SECONDS) + 1
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "hooks.slack.com/x", "file:///etc/passwd", "http://[x/secret", "http://a b/secret"]
)
def test_an_address_that_is_none_is_said_so(url: str) -> None:
    with pytest.raises(ChannelError) as caught:
        webhook(url).send(NOTICE, never)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(webhook(url, "json", "secret"))


def test_a_webhook_stops_when_it_is_told_to() -> None:
    with Server(500, 500).running() as server, pytest.raises(ChannelError) as caught:
        webhook(server.url).send(NOTICE, lambda _: True)
    assert caught.value.attempts == 1


@given(st.sampled_from(("slack", "discord", "json")), st.text())
def test_any_text_can_be_posted(shape: WebhookShape, text: str) -> None:
    posted = body(replace(NOTICE, evidence=text), shape)
    assert json.dumps(posted)
    if shape == "slack":
        assert "<" not in str(posted["text"])


# Programs.


def test_a_command_gets_the_alert_as_json(tmp_path: Path) -> None:
    target = tmp_path / "got.json"
    script = f"import sys, pathlib; pathlib.Path({str(target)!r}).write_text(sys.stdin.read())"
    assert Command((sys.executable, "-c", script)).send(NOTICE, never) == 1
    assert json.loads(target.read_text()) == NOTICE.fields()


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(ChannelError, match="ended with 3: no such pager"):
        Command((sys.executable, "-c", "import sys; sys.stderr.write('no such pager'); sys.exit(3)")).send(
            NOTICE, never
        )
    with pytest.raises(ChannelError, match="/no/such/program cannot be run: No such file"):
        Command(("/no/such/program",)).send(NOTICE, never)
    with pytest.raises(ChannelError, match=r"did not end within 0\.2 s"):
        run([sys.executable, "-c", "import threading; threading.Event().wait()"], "", 0.2)


def test_a_command_that_reads_nothing_is_no_failure() -> None:
    assert Command((sys.executable, "-c", "pass")).send(NOTICE, never) == 1


def test_desktop_notifications_take_any_text_as_text() -> None:
    linux = desktop_command(NOTICE, "linux")
    assert linux[:4] == ("notify-send", "--app-name=tokentui", "--urgency=critical", "--")
    assert linux[-1] == "14 agents working &lt;b&gt; &amp; *x*"
    quoted = Notice(1, "over", "r", 'a "b"', 'say "hi" \\ $(x)', 1, 1, "x", 0)
    mac = desktop_command(quoted, "darwin")
    assert mac[2] == 'display notification "say \\"hi\\" \\\\ $(x)" with title "tokentui: over: a \\"b\\""'
    seen: list[Sequence[str]] = []
    assert Desktop("linux", lambda arguments, _: seen.append(arguments)).send(NOTICE, never) == 1
    assert seen == [linux]


# The terminal.


def test_what_the_terminal_is_told() -> None:
    assert terminal_text(NOTICE, Notify()) == ""
    assert terminal_text(NOTICE, Notify(bell=True)) == "\a"
    assert terminal_text(NOTICE, Notify(terminal="osc9", title=True)) == (
        f"\x1b]9;{NOTICE.line}\x1b\\\x1b]2;{NOTICE.line}\x1b\\"
    )
    assert terminal_text(NOTICE, Notify(terminal="osc777")).startswith("\x1b]777;notify;tokentui: too many agents")


@given(st.text(), st.text(), st.sampled_from(("osc9", "osc777")))
def test_no_text_ends_a_sequence_early(head: str, said: str, terminal: str) -> None:
    notice = Notice(1, "alarm", "r", head, said, 1, 1, "x", 0)
    text = terminal_text(notice, Notify(terminal=terminal, title=True))  # type: ignore[arg-type]
    assert text.count("\x1b") == 4
    assert "\a" not in text


# The outbox.


class Slow:
    """A channel that waits until it is let go."""

    name = "slow"

    def __init__(self) -> None:
        self.go = threading.Event()
        self.sent: list[int] = []

    def send(self, notice: Notice, _wait: Wait) -> int:
        self.go.wait(30)
        self.sent.append(notice.alert_id)
        return 1


class Broken:
    """A channel with a fault in it."""

    name = "broken"

    def send(self, _notice: Notice, _wait: Wait) -> int:
        raise ZeroDivisionError


def test_telling_never_blocks_and_loses_nothing_silently() -> None:
    slow = Slow()
    outbox = Outbox([slow], lambda: 5)
    began = time.perf_counter()
    for number in range(QUEUE_LENGTH + 10):
        outbox.tell(Notice(number, "alarm", "r", "t", "e", 1, 1, "x", 0))
    refused = outbox.delivered()
    assert time.perf_counter() - began < 1
    assert all(one.error == "too many notices are waiting to be sent" for one in refused)
    slow.go.set()
    done = outbox.finish(20)
    assert len(done) + len(refused) == QUEUE_LENGTH + 10
    assert slow.sent == sorted(slow.sent)


def test_one_slow_channel_does_not_keep_another_waiting() -> None:
    slow, server = Slow(), Server()
    with server.running():
        outbox = Outbox([slow, webhook(server.url)])
        outbox.tell(NOTICE)
        while not (done := outbox.delivered()):
            threading.Event().wait(0.005)
        assert [one.channel for one in done] == ["webhook json"]
        slow.go.set()
        assert [one.channel for one in outbox.finish(20)] == ["slow"]


def test_a_fault_in_a_channel_is_told() -> None:
    outbox = Outbox([Broken()], lambda: 5)
    outbox.tell(NOTICE)
    assert outbox.finish(20) == [Delivery(7, "broken", 5, 1, "ZeroDivisionError")]


def test_channels_are_those_that_are_switched_on() -> None:
    assert not channels_of(Notify(bell=True, title=True, terminal="osc9"))
    on = Notify(desktop=True, webhook="slack", command=("x",))
    assert [channel.name for channel in channels_of(on, {})] == ["desktop", "webhook slack", "command"]


def test_telling_follows_the_settings() -> None:
    settings = [Settings()]
    made: list[Notify] = []
    terminal: list[str] = []
    slow = Slow()
    slow.go.set()

    def make(notify: Notify) -> list[Slow]:
        made.append(notify)
        return [slow] if notify.desktop else []

    telling = Telling(lambda: settings[0], write_terminal=terminal.append, make_channels=make)
    telling.tell(NOTICE)
    settings[0] = Settings(notify=Notify(desktop=True, bell=True))
    telling.tell(NOTICE)
    telling.tell(NOTICE)
    assert made == [Notify(), Notify(desktop=True, bell=True)]
    assert terminal == ["\a", "\a"]
    settings[0] = Settings()
    telling.tell(NOTICE)
    assert [one.channel for one in telling.finish(20)] == ["slow", "slow"]


def test_what_another_program_tells_only_rings_here() -> None:
    terminal: list[str] = []
    settings = Settings(notify=Notify(bell=True, title=True, terminal="osc9", desktop=True))
    slow = Slow()
    telling = Telling(lambda: settings, write_terminal=terminal.append, make_channels=lambda _: [slow])
    telling.ring(NOTICE)
    assert terminal == [BELL + title(NOTICE)]
    assert not telling.finish(1)


def test_the_made_up_notice_says_so() -> None:
    assert made_up_notice(0).line.startswith("tokentui: test: this is only a test: 14 agents working")


def test_what_waits_to_try_again_says_at_the_end_that_it_failed() -> None:
    outbox = Outbox([webhook(f"http://127.0.0.1:{closed_port()}/{PATH}")])
    outbox.tell(NOTICE)
    (sent,) = outbox.finish(0.5)
    assert (sent.channel, sent.alert_id) == ("webhook json", 7)
    assert "cannot be reached" in sent.error
