"""How answers hold up at ten million responses: `python -m tests.bench.growth [--responses N] [--database FILE]`.

Makes the store unless it is given, then asks everything the dashboard shows, for each range, order and filter, again
and again while responses are added, and runs every report as a whole process. Figures are
milliseconds of processor time, which is what others on the machine do not change; those by the clock stand beside them.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.bench.growth_live import Live
from tests.bench.growth_rows import NOW, write_growth
from tests.bench.processes import run
from tests.bench.table import Figure, machine, show
from tokentui.cli.monitor.garbage import later
from tokentui.config.settings import Budget
from tokentui.filters import parse_filter
from tokentui.instants import EARLIEST_MS
from tokentui.queries.any_time import AnyTimeQuestions
from tokentui.queries.ask import StoredQuestions
from tokentui.queries.budgets.standing import BudgetQuestions
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.live.by_model import models_of
from tokentui.queries.live.chart import KeptBuckets, chart_of
from tokentui.queries.live.chart_buckets import buckets_of
from tokentui.queries.live.choosing import select
from tokentui.queries.live.headline import headline_of
from tokentui.queries.live.ranking import leading
from tokentui.queries.live.recent import RecentQuestion
from tokentui.queries.live.sessions import session_rows
from tokentui.queries.live.usual import UsualFigures, UsualQuestion
from tokentui.queries.live.working import working_now
from tokentui.queries.reports.report import GROUPINGS
from tokentui.queries.runaway.facts import FactGatherer
from tokentui.queries.runaway.usual_rates import UsualRates
from tokentui.queries.sums.kept_sums import KeptSums
from tokentui.queries.sums.usage import Scope
from tokentui.store.database import open_reader
from tokentui.view import RANGES, SORTS, View

ZONE = ZoneInfo("Europe/Berlin")
QUERY_AIM, REPORT_AIM, WIDE_AIM = "≤ 20 ms", "≤ 300 ms", "≤ 1 s"
NOW_MS = round(NOW.timestamp() * 1000)
DAY_START_MS = round(NOW.astimezone(ZONE).replace(hour=0, minute=0).timestamp() * 1000)
BUDGETS = tuple(
    Budget(f"{window} {scope}", 25, "usd", window, scope=scope)
    for window, scope in (
        ("day", "everything"), ("week", "everything"), ("month", "everything"), ("rolling 5h", "everything"),
        ("month", "project:p1"), ("month", "model:opus"), ("month", "agent:Explore"),
    )
)  # fmt: skip
FILTERS = ("project:p12", "engine", "model:opus", "cost>1", "since:2h")
REPORTS = (
    *(["--by", by, "--json"] for by in GROUPINGS if by != "minute"),
    *(["--by", by] for by in ("hour", "session", "agent")),
    ["--by", "day", "--project", "p1", "--json"],
    ["--by", "day", "--tz", "Asia/Kathmandu", "--json"],
    ["--by", "month", "--model", "opus", "--json"],
    ["--by", "minute", "--since", "2026-11-20", "--json"],
    ["--by", "agent", "--since", "2026-11-20", "--json"],
)
CHECKS = (["budget", "check"], ["alerts", "check"])
WIDE = (
    ["doctor"],
    ["compare", "model:opus", "model:sonnet"],
    ["compare", "project:p1", "project:p2"],
    ["advise", "--since", "2026-11-13"],
    ["advise", "--since", "2026-10-21"],
)

Ask = Callable[[], object]


def main() -> int:
    """Make the store unless it is given, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=10_000_000)
    parser.add_argument("--database", type=Path, help="use or make this one, and keep it")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--markdown", action="store_true", help="print a table for the README")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tokentui-bench-") as name:
        path = arguments.database or Path(name) / "tokentui.db"
        figures = []
        if not path.exists():
            began = perf_counter()
            write_growth(path, arguments.responses)
            figures.append(Figure("making the store", f"{perf_counter() - began:.0f} s"))
        figures += [*sizes(path), *dashboard(path, arguments.rounds), *commands(path, Path(name))]
    show(figures, machine(), markdown=arguments.markdown)
    return 0


def sizes(path: Path) -> Iterator[Figure]:
    """What a response takes, and what the sums take of it."""
    with closing(open_reader(path)) as reader:
        responses = reader.execute("SELECT count(*) FROM response").fetchone()[0]
        yield Figure("responses", f"{responses:,}")
        yield Figure("database", f"{path.stat().st_size / responses:,.0f} bytes a response")
        pages = reader.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE").fetchall()
    for label, names in (("quarters", ("usage_quarter",)), ("longer sums", ("usage_hour", "usage_day", "usage_total"))):
        found = sum(taken for name, taken in pages if name.startswith(names))
        yield Figure(f"of it, {label}", f"{found / responses:,.1f} bytes a response")


def dashboard(path: Path, rounds: int) -> Iterator[Figure]:
    """Each part of what the dashboard asks: the first time, then again while responses come in.

    Python looks for garbage as it does in the monitor.
    """
    around = Circumstances(lambda: NOW, ZONE, lambda: BUDGETS, tuple)
    with closing(open_reader(path)) as reader, closing(AnyTimeQuestions(path, around)) as questions, later() as begun:
        asks = {**_parts(reader), **_ranges(reader), **_whole(questions)}
        first = {name: _timed(ask) for name, ask in asks.items()}
        begun()
        again: dict[str, list[_Time]] = {name: [] for name in asks}
        with closing(Live(path, NOW_MS)) as live:
            for _ in range(rounds):
                live.add(20)
                for name, ask in asks.items():
                    again[name].append(_timed(ask))
    yield from (_figure(name, first[name], found) for name, found in again.items())


class _Time(NamedTuple):
    """Of one answer; the two differ where others use the machine as well."""

    processor_ms: float
    ms: float


def _figure(name: str, first: _Time, again: list[_Time]) -> Figure:
    processor, whole = (sorted(one[place] for one in again) for place in range(2))
    last = max(len(again) * 95 // 100 - 1, 0)
    note = f"p95 {whole[last]:.1f} ms by the clock; first {first.processor_ms:.1f} ms"
    return Figure(name, f"p50 {median(processor):.1f}, p95 {processor[last]:.1f} ms", QUERY_AIM, note)


def _parts(reader: sqlite3.Connection) -> dict[str, Ask]:
    """What does not depend on the range."""
    working = working_now(reader, NOW_MS, ())
    gatherer, usual, rates = FactGatherer(reader, ZONE), UsualQuestion(), UsualRates()
    of_tiles, recent = RecentQuestion(), RecentQuestion()
    asks: dict[str, Ask] = {
        "working agents": lambda: working_now(reader, NOW_MS, ()),
        "tiles": lambda: headline_of(of_tiles.ask(reader, NOW_MS, DAY_START_MS), working, UsualFigures()),
        "last minutes and today by session": lambda: recent.ask(reader, NOW_MS, DAY_START_MS),
        "usual, whole": lambda: usual.ask(reader, NOW, ZONE),
        "usual by the rules": lambda: rates.ask(reader, NOW, ZONE),
        "facts for the rules": lambda: gatherer.gather(NOW, BUDGETS[:3]),
    }
    for budget in BUDGETS:
        asks[f"budget of a {budget.name}"] = lambda b=budget: BudgetQuestions(reader, ZONE, 0).now((b,), NOW)  # type: ignore[misc]
    return asks


def _ranges(reader: sqlite3.Connection) -> dict[str, Ask]:
    """What the range, the order and the filter choose."""
    views = {name: View(range=name) for name in RANGES}
    asks: dict[str, Ask] = {}
    for name, view in views.items():
        asks |= _of_view(reader, name, view)
    for sort in SORTS:
        asks[f"all by {sort}: sessions"] = _of_view(reader, "", views["all"]._replace(sort=sort))[": sessions"]
    for text in FILTERS:
        for name in ("30d", "all"):
            asks |= _of_view(reader, f"{name} {text}", views[name]._replace(filter=parse_filter(text)))
    return asks


def _of_view(reader: sqlite3.Connection, label: str, view: View) -> dict[str, Ask]:
    sums = KeptSums()
    sums.begin(NOW_MS)
    buckets = buckets_of(reader, view, NOW, ZONE)
    scope = Scope(EARLIEST_MS if view.range == "all" else buckets.start_ms)
    selection = select(reader, view, scope, buckets.range_start_ms, NOW, sums)
    kept, working = KeptBuckets(sums), working_now(reader, NOW_MS, ())
    latest = RecentQuestion().ask(reader, NOW_MS, DAY_START_MS)

    def sessions() -> object:
        lines = leading(reader, selection, view, working, latest.last_minute, sums)
        return session_rows(reader, lines, selection.scope, working, latest, sums)

    return {
        f"{label}: filter": lambda: select(reader, view, scope, buckets.range_start_ms, NOW, sums),
        f"{label}: sessions": sessions,
        f"{label}: chart": lambda: chart_of(reader, view, buckets, selection.scope, kept, {}),
        f"{label}: models": lambda: models_of(reader, selection.scope, sums),
    }


def _whole(questions: StoredQuestions) -> dict[str, Ask]:
    return {f"{name}: whole picture": lambda r=name: questions.snapshot(View(range=r)) for name in ("1h", "30d", "all")}  # type: ignore[misc]


def _timed(ask: Ask) -> _Time:
    began, began_thread = perf_counter(), thread_time()
    ask()
    return _Time((thread_time() - began_thread) * 1000, (perf_counter() - began) * 1000)


def commands(path: Path, folder: Path) -> Iterator[Figure]:
    """Reports, checks and what looks at much of the history, as whole processes, nothing new to read."""
    home = folder / "home"
    (folder / "claude" / "projects").mkdir(parents=True)
    home.mkdir()
    (home / "tokentui.db").symlink_to(path.absolute())
    environment: Mapping[str, str] = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("CLAUDE", "TOKENTUI"))},
        "TOKENTUI_HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(folder / "claude"),
        "TZ": "Europe/Berlin",
    }
    start = [sys.executable, "-m", "tokentui"]
    for words, aim in (
        *((["report", *words], REPORT_AIM) for words in REPORTS),
        *((words, REPORT_AIM) for words in CHECKS),
        *((words, WIDE_AIM) for words in WIDE),
    ):
        runs = [run([*start, *words], environment, also_good=3) for _ in range(3)]
        processor, clock = min(one.cpu_seconds for one in runs), min(one.seconds for one in runs)
        note = f"{clock * 1000:.0f} ms by the clock; whole process"
        yield Figure(f"`{' '.join(words)}`", f"{processor * 1000:.0f} ms", aim, note)


if __name__ == "__main__":
    sys.exit(main())
