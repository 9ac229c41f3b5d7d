"""Opens the live monitor on a terminal, else prints today's report."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from tokentui.cli.signals import answering, leave
from tokentui.config.settings import ConfigError
from tokentui.exit_codes import ended_by
from tokentui.workspace import Workspace

if TYPE_CHECKING:
    from tokentui.config.watch import WatchedSettings
    from tokentui.ingest.report import IngestReport
    from tokentui.ingest.surroundings import Surroundings
    from tokentui.queries.any_time import AnyTimeQuestions
    from tokentui.queries.circumstances import Circumstances
    from tokentui.ui.app import TokentuiApp
    from tokentui.ui.settings import UiSettings

DEMO_ASKED_FOR = "demo"
"""The app's result when the user has no logs and asks for the demo."""
SETTLED_SECONDS = 3.0
"""Time after the first answer during which no garbage is collected, so that today is on screen soon."""


def show(workspace: Workspace) -> str | None:
    """Open the monitor on a terminal, else print today's report; returns the app's result."""
    if sys.stdout.isatty() and sys.stdin.isatty():
        return open_monitor(workspace)
    print_today(workspace)
    return None


def print_today(workspace: Workspace) -> None:
    """Print today's report as a table, for a pipe or a file."""
    from tokentui.cli.report import answer
    from tokentui.queries.reports.report import ReportQuestion
    from tokentui.queries.sums.scoped import ReportScope
    from tokentui.queries.typed_moments import parse_since

    since = parse_since("today", workspace.clock(), workspace.time_zone)
    question = ReportQuestion("model", workspace.time_zone, workspace.settings.week_start, ReportScope(since))
    answer(workspace, question)
    if workspace.is_demo:
        click.echo("All of this is made up: it is the demo.")


def open_monitor(workspace: Workspace) -> str | None:
    """Run the app until the user leaves it; what it returns says whether the demo was asked for.

    Raises click.exceptions.Exit where the app itself failed; it has told of it by then.
    """
    from tokentui.cli.monitor import garbage

    with garbage.later() as begin:
        app = _app(workspace, on_shown=lambda: app.set_timer(SETTLED_SECONDS, begin))
        with _leaving_when_told(app):
            asked_for = app.run()
    if app.return_code:
        raise click.exceptions.Exit(app.return_code)
    return asked_for


def _app(workspace: Workspace, on_shown: Callable[[], object]) -> TokentuiApp:
    from tokentui.cli.monitor.budgets import MonitorBudgets
    from tokentui.cli.monitor.sync import background_sync
    from tokentui.cli.monitor.watch import MonitorWatch
    from tokentui.config.watch import WatchedSettings
    from tokentui.memory import use_one_pool
    from tokentui.store.database import prepare
    from tokentui.ui.app import TokentuiApp

    use_one_pool()
    prepare(workspace.home.database)
    settings = WatchedSettings(workspace.home.config_file, workspace.settings)
    return TokentuiApp(
        lambda: _open_questions(workspace, settings),
        _FollowLater(workspace),
        ui_settings(workspace)._replace(on_shown=on_shown),
        workspace.clock,
        workspace.time_zone,
        watch=MonitorWatch(workspace, settings),
        sync=background_sync(workspace, os.environ),
        budgets=MonitorBudgets(workspace, settings),
    )


@contextmanager
def _leaving_when_told(app: TokentuiApp) -> Iterator[None]:
    """A kill, interrupt or hang-up ends the app in order, so that the terminal is whole and nothing temporary stays.

    One that comes while it is ending already, as a kill after a hang-up, leaves it to that: cut short, it would wait
    for its threads for ever.
    """

    def leave_in_order(number: int) -> None:
        app.hurry()
        if app.is_running:
            arguments = {"return_code": ended_by(number)}
            threading.Thread(target=app.call_from_thread, args=(app.exit,), kwargs=arguments, daemon=True).start()
        elif not app.has_opened:
            leave(number)

    with answering(leave_in_order):
        yield


class _FollowLater:
    """The ingest loop, imported in the thread that runs it, so that the first picture does not wait."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._history_stopped = threading.Event()

    def run(
        self, stop: threading.Event, on_report: Callable[[IngestReport], None], on_change: Callable[[], None]
    ) -> None:
        """Catch up, then follow new lines until `stop` is set."""
        from tokentui.ingest.follow import Follow

        Follow(surroundings_of(self._workspace), self._history_stopped).run(stop, on_report, on_change)

    def stop_history(self) -> None:
        """Stop reading old logs, but go on following new lines."""
        self._history_stopped.set()


def surroundings_of(workspace: Workspace) -> Surroundings:
    """The settings and callbacks of the ingest loop."""
    from tokentui.ingest.crew import crew_of, reading_apart
    from tokentui.ingest.surroundings import Surroundings
    from tokentui.memory import give_back
    from tokentui.queries.typed_moments import parse_since
    from tokentui.workspace import LivePrices

    prices = LivePrices(workspace)
    return Surroundings(
        prices.open_store,
        workspace.find_sources,
        lambda: parse_since("today", workspace.clock(), workspace.time_zone).timestamp(),
        prices.has_changed,
        partial(reading_apart, crew_of(workspace.home, leave_free=1)),
        give_back,
    )


def _open_questions(workspace: Workspace, settings: WatchedSettings) -> AnyTimeQuestions:
    """Open the questions, imported in the thread that asks, so that the first picture does not wait."""
    from tokentui.queries.any_time import AnyTimeQuestions

    return AnyTimeQuestions(workspace.home.database, _circumstances(workspace, settings))


def _circumstances(workspace: Workspace, settings: WatchedSettings) -> Circumstances:
    from tokentui.anthropic_side import rate_book
    from tokentui.queries.circumstances import Circumstances
    from tokentui.transcripts.registry import read_registry

    return Circumstances(
        workspace.clock,
        workspace.time_zone,
        lambda: settings.current().budgets,
        lambda: read_registry(source.config_dir for source in workspace.sources),
        workspace.settings.week_start,
        partial(rate_book, workspace=workspace),
    )


def ui_settings(workspace: Workspace) -> UiSettings:
    """The screen's settings, and what it calls to keep a change of them."""
    from tokentui.ui.settings import UiSettings

    settings = workspace.settings
    return UiSettings(
        keymap=settings.keymap,
        theme=settings.theme,
        alphabet=settings.graph,
        interval_seconds=settings.interval_seconds,
        is_demo=workspace.is_demo,
        keep_theme=partial(_keep_theme, workspace),
        mark_finding=partial(_mark_finding, workspace),
    )


def _keep_theme(workspace: Workspace, name: str) -> str:
    """Store the theme; returns why that failed, empty if it did not."""
    from tokentui.config.rewrite import write_theme

    try:
        write_theme(workspace.home.config_file, name)
    except ConfigError as error:
        return str(error)
    return ""


def _mark_finding(workspace: Workspace, key: str, is_dismissed: bool) -> None:
    """Store that a finding is dismissed or shown again. Raises StoreError."""
    from contextlib import closing

    from tokentui.store.database import open_writer
    from tokentui.store.dismissals import dismiss, restore

    with closing(open_writer(workspace.home.database)) as writer:
        if is_dismissed:
            dismiss(writer, key, workspace.clock())
        else:
            restore(writer, key)
