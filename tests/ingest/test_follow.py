"""Following logs live: what is appended, what changes underneath, and rates that change while it runs."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.kit.answer_logs import Answer, session_id, write_logs
from tests.kit.log_lines import agent_log, answer, of_agent, write
from tests.kit.permissions import permissions_that_bind
from tokentui.config.settings import Settings
from tokentui.home import home_in
from tokentui.ingest.batches import Told
from tokentui.ingest.catch_up import WORTH_IT_LOGS, Apart
from tokentui.ingest.follow import Follow
from tokentui.ingest.following import REPORT_SECONDS
from tokentui.ingest.report import IngestReport
from tokentui.ingest.surroundings import Surroundings
from tokentui.records import Tokens
from tokentui.store.database import StoreError, open_reader, prepare
from tokentui.store.priced import PricedStore
from tokentui.transcripts.found_logs import FoundLog
from tokentui.transcripts.notice import Notice
from tokentui.transcripts.sources import Source, sources
from tokentui.workspace import LivePrices, make_workspace

PATIENCE_SECONDS = 20.0
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Following:
    """A follow loop in a thread of its own, and what it said."""

    def __init__(
        self,
        folder: Path,
        others: Sequence[Path] = (),
        faults: Sequence[StoreError] = (),
        search_seconds: float = 0.2,
        apart: Apart | None = None,
    ) -> None:
        self.logs_dir, self.home = folder / "claude", home_in(folder / "state")
        (self.logs_dir / "projects").mkdir(parents=True)
        self.changed = threading.Condition()
        self.searches = 0
        self.reports: list[IngestReport] = []
        found = sources([self.logs_dir, *others], {}, folder)
        environment = {"TOKENTUI_HOME": str(self.home.data_dir), "HOME": str(folder)}
        workspace = make_workspace(environment, Settings(), UTC, [self.logs_dir])
        prices = LivePrices(workspace)
        prepare(self.home.database)
        left = list(faults)

        def open_store(on_repricing: Callable[[int, int], None]) -> PricedStore:
            if left:
                raise left.pop()
            return prices.open_store(on_repricing)

        def find_sources() -> tuple[Source, ...]:
            with self.changed:
                self.searches += 1
                self.changed.notify_all()
            return found

        around = Surroundings(
            open_store,
            find_sources,
            lambda: 0.0 if apart is None else time.time() + 60,  # what is of today is never read apart
            prices.has_changed,
            restat_seconds=0.1,
            search_seconds=search_seconds,
            retry_seconds=0.1,
            apart=apart,
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=Follow(around, threading.Event()).run, args=(self._stop, self._report, self._wake)
        )

    def _wake(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def _report(self, report: IngestReport) -> None:
        with self.changed:
            self.reports.append(report)
            self.changed.notify_all()

    def total(self, what: str) -> int:
        with closing(open_reader(self.home.database)) as connection:
            return int(connection.execute(f"SELECT ifnull(sum({what}), 0) FROM usage_quarter").fetchone()[0])

    def wait_until(self, what: str, wanted: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.total(what) == wanted, PATIENCE_SECONDS), self.total(what)

    def wait_until_said(self, is_so: Callable[[IngestReport], bool]) -> IngestReport:
        """The first report of which it is so, from the latest on."""
        with self.changed:
            said = self.changed.wait_for(lambda: self.reports and is_so(self.reports[-1]), PATIENCE_SECONDS)
            assert said, self.reports[-1:]
            return self.reports[-1]

    def append(self, number: int) -> None:
        answer = Answer(number, AT, "claude-opus-5-5", Tokens(0, 1000), session_id(1), "/work/x")
        write_logs(self.logs_dir, [answer])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()


@contextmanager
def following(
    folder: Path, others: Sequence[Path] = (), faults: Sequence[StoreError] = (), search_seconds: float = 0.2
) -> Iterator[Following]:
    one = Following(folder, others, faults, search_seconds)
    one.start()
    try:
        yield one
    finally:
        one.stop()


def _is_live(report: IngestReport) -> bool:
    return report.progress.phase == "live"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Following]:
    with following(tmp_path) as one:
        one.wait_until_said(_is_live)
        yield one


def test_an_appended_line_is_stored(live: Following) -> None:
    live.append(1)
    live.wait_until("responses", 1)
    live.append(2)
    live.wait_until("responses", 2)


def test_what_tells_of_an_agent_is_taken_up_after_its_last_line(live: Following) -> None:
    log = agent_log(live.logs_dir, "a1")
    write(log, of_agent("a1", answer("m1", "r1")))
    live.wait_until("responses", 1)
    log.with_suffix(".meta.json").write_text('{"agentType": "Explore"}')
    with closing(open_reader(live.home.database)) as reader, live.changed:
        told = "SELECT agent_type FROM agent_link"
        assert live.changed.wait_for(lambda: reader.execute(told).fetchall() == [("Explore",)], PATIENCE_SECONDS)


def test_new_prices_hold_without_a_restart(live: Following) -> None:
    live.append(1)
    live.wait_until("cost_pico_usd", 1000 * 20 * 10**6)
    live.home.config_file.write_text('[[prices]]\nmodel = "claude-opus-5-5"\nfactor = 0.5\n')
    live.wait_until("cost_pico_usd", 1000 * 10 * 10**6)
    live.append(2)
    live.wait_until("cost_pico_usd", 2 * 1000 * 10 * 10**6)


def test_a_broken_configuration_leaves_the_old_prices_in_force(live: Following) -> None:
    live.append(1)
    live.wait_until("responses", 1)
    live.home.config_file.write_text("[[prices]]\nmodel = 7\n")
    live.append(2)
    live.wait_until("cost_pico_usd", 2 * 1000 * 20 * 10**6)


def test_a_source_that_goes_away_is_said(live: Following) -> None:
    (live.logs_dir / "projects").rmdir()
    live.wait_until_said(lambda report: any(source.state == "gone" for source in report.sources))


def test_a_directory_that_is_made_anew_is_known_to_be_another_one(tmp_path: Path) -> None:
    root, began = tmp_path / "projects", time.monotonic()
    root.mkdir()
    with closing(Notice([root])) as notice:
        while not notice.take(0.05):  # until it watches
            (root / f"{time.monotonic_ns()}.jsonl").touch()
            assert time.monotonic() < began + PATIENCE_SECONDS
        shutil.rmtree(root)
        root.mkdir()
        while not notice.has_lost_root:
            notice.take(0.05)
            assert time.monotonic() < began + PATIENCE_SECONDS


def test_a_source_that_comes_back_is_followed_at_once(tmp_path: Path) -> None:
    with following(tmp_path, search_seconds=10 * PATIENCE_SECONDS) as live:
        live.wait_until_said(_is_live)
        (live.logs_dir / "projects").rmdir()
        live.wait_until_said(lambda report: any(source.state == "gone" for source in report.sources))
        (live.logs_dir / "projects").mkdir()
        live.append(1)
        live.wait_until("responses", 1)


def test_a_directory_that_may_not_be_entered_keeps_no_other_from_being_followed(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    (shut / "projects").mkdir(parents=True)
    shut.chmod(0)
    with permissions_that_bind(), following(tmp_path, [shut]) as live:
        live.append(1)
        live.wait_until("responses", 1)
        report = live.wait_until_said(_is_live)
        said = {source.name: (source.state, source.detail) for source in report.sources}
    shut.chmod(0o755)
    assert said[str(shut / "projects")] == ("gone", "it cannot be read (Permission denied)")


def test_a_store_that_cannot_be_opened_is_said_so_and_tried_again(tmp_path: Path) -> None:
    with following(tmp_path, faults=[StoreError("it is locked")] * 2) as live:
        live.append(1)
        live.wait_until("responses", 1)
        live.wait_until_said(lambda report: report.sources[0].state == "live")
        said = [[(source.state, source.detail) for source in report.sources] for report in live.reports]
    assert said[:2] == [[("failed", "it is locked")]] * 2


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_history_that_is_taken_away_is_said_and_made_anew(
    live: Following, how: str, new_database: Callable[[], Path]
) -> None:
    live.append(1)
    live.wait_until("responses", 1)
    database = live.home.database
    with closing(open_reader(database)) as of_the_screen:  # which keeps SQLite's short files where they are
        if how == "deleted":
            database.unlink()
        else:
            new_database().replace(database)
        said = live.wait_until_said(lambda report: report.sources[0].state == "failed")
        assert f"tokentui.db was {how} while it was open" in said.sources[0].detail
        live.wait_until_said(_is_live)
        live.append(2)
        live.wait_until("responses", 2)
        assert of_the_screen.execute("SELECT count(*) FROM response").fetchone() == (1,)
    with closing(open_reader(database)) as anew:
        assert anew.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def none_apart(found: list[FoundLog]) -> Iterator[Told]:
    """Other processes that read for a while and get nowhere, as on a full disk."""
    ended = time.monotonic() + 3 * REPORT_SECONDS
    while time.monotonic() < ended:
        yield Told(0, 0, found[0].modified_ns)


def test_a_failure_is_said_until_something_could_be_stored(tmp_path: Path) -> None:
    refusal = "CREATE TRIGGER refusal BEFORE INSERT ON response BEGIN SELECT RAISE(ABORT, 'database is full'); END"
    live = Following(tmp_path, search_seconds=60.0, apart=none_apart)
    live.append(1)
    for number in range(WORTH_IT_LOGS):
        (live.logs_dir / "projects" / f"{number}.jsonl").touch()
    with closing(sqlite3.connect(live.home.database)) as other:
        other.execute(refusal)
        live.start()
        try:
            live.wait_until_said(lambda report: report.sources[0].state == "failed")
            first, tries = len(live.reports) - 1, live.searches
            with live.changed:
                assert live.changed.wait_for(lambda: live.searches >= tries + 3, PATIENCE_SECONDS)
            assert {report.sources[0].state for report in live.reports[first:]} == {"failed"}
            other.execute("DROP TRIGGER refusal")
            live.wait_until("responses", 1)
            live.wait_until_said(lambda report: report.sources[0].state == "live")
        finally:
            live.stop()
