"""How fast questions about runs are on two million responses: `python -m tests.bench.insight [--database FILE]`."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import get_args

from tests.bench.processes import own_peak_mb
from tests.bench.rows import BIG, write_rows
from tests.bench.table import Figure, machine, show
from tokentui.pricing.book import RateBook
from tokentui.queries.advice.advise import advise
from tokentui.queries.any_time import AnyTimeQuestions
from tokentui.queries.cache.forensics import session_cache
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.compare.side_by_side import compare
from tokentui.queries.compare.subjects import Calendar
from tokentui.queries.export import EXPORT_KINDS, ExportKind, export
from tokentui.queries.named import NAMES, AnalysisScope, run_analysis
from tokentui.queries.session.context_window import agent_context
from tokentui.queries.session.parts import PartName
from tokentui.queries.session.tools import session_tools
from tokentui.queries.session.turns import session_turns
from tokentui.store.database import open_reader
from tokentui.view import RangeName, View

SMALL = "00000100-5e55-4000-8000-000000000000"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SHOWN_AT = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)  # just after the last rows
_SIZES = (("1,000 responses", SMALL), ("20,000 responses of 500 agents", BIG))


def main() -> int:
    """Make the rows unless they are given, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, help="use or make this one, and keep it")
    parser.add_argument("--markdown", action="store_true", help="print a table for the README")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tokentui-bench-") as name:
        path = arguments.database or Path(name) / "state.db"
        if not path.exists():
            write_rows(path)
        with closing(open_reader(path)) as reader:
            found = figures(reader)
        show([*screens(path), *found, *_exports(path)], machine(), markdown=arguments.markdown)
    return 0


def figures(reader: sqlite3.Connection) -> list[Figure]:
    """Drill-downs, analyses, comparisons, advice, export."""
    book = RateBook()
    for model in ("claude-opus-4-8", "claude-sonnet-5-5", "claude-haiku-4-5"):
        book.card(model, NOW.date())
    found = [figure for size, session in _SIZES for figure in _drills(reader, book, size, session)]
    for name in NAMES:
        scope = AnalysisScope(session=SMALL if name == "run-detail" else "")
        found.append(_timed(f"query {name}", 1, "2 s", lambda n=name, s=scope: run_analysis(reader, n, s, NOW)))  # type: ignore[misc]
    calendar = Calendar(NOW, UTC)
    found.append(_timed("compare two models", 1, "2 s", lambda: compare(reader, "opus", "haiku", calendar)))
    found.append(_timed("compare two weeks", 1, "", lambda: compare(reader, "2026-W40", "2026-W41", calendar)))
    month = NOW - timedelta(days=30)
    found.append(_timed("advise, 30 days", 1, "5 s", lambda: advise(reader, book, NOW, month)))
    for kind in EXPORT_KINDS:
        found.append(_timed(f"export {kind}", 1, "", lambda k=kind: _drained(reader, k)))  # type: ignore[misc]
    return found


def screens(path: Path) -> list[Figure]:
    """What a refresh of each screen takes, and what opening it does; the dashboard's snapshot is part of each."""
    around = Circumstances(lambda: SHOWN_AT, UTC, tuple, tuple, read_rates=lambda _: RateBook())
    with closing(AnyTimeQuestions(path, around)) as ask:
        ranges: tuple[RangeName, ...] = ("1h", "24h", "30d", "all")
        found = [_timed(f"dashboard, {name}", 5, "50 ms", partial(ask.snapshot, View(range=name))) for name in ranges]
        for size, session in _SIZES:
            found.append(_timed(f"open agents, {size}", 1, "150 ms", partial(ask.session_tree, session)))
            for name in get_args(PartName):
                show_part = partial(ask.session_insight, session, name)
                found.append(_timed(f"open {name}, {size}", 1, "150 ms", show_part))
                found.append(_timed(f"refresh {name}, {size}", 5, "50 ms", show_part))
        return found


def _exports(path: Path) -> list[Figure]:
    """Peak memory of whole processes: the same for a tenth of the history as for all of it."""
    with tempfile.TemporaryDirectory(prefix="tokentui-bench-") as name:
        found = []
        for size, source in (("100 k", None), ("2 M", path)):
            home = Path(name) / size
            home.mkdir()
            if source is None:
                write_rows(home / "tokentui.db", sessions=80)
            else:
                (home / "tokentui.db").symlink_to(source.resolve())
            (home / "claude" / "projects").mkdir(parents=True)
            environment = {**os.environ, "TOKENTUI_HOME": str(home), "CLAUDE_CONFIG_DIR": str(home / "claude")}
            tokentui = [sys.executable, "-m", "tokentui"]
            own_peak_mb([*tokentui, "ingest"], environment)  # prices them, which is another matter
            peak = own_peak_mb([*tokentui, "export", "responses"], environment)
            found.append(Figure(f"export of {size} responses", f"peak {peak:.0f} MB", "constant", "a process"))
        return found


def _drills(reader: sqlite3.Connection, book: RateBook, size: str, session: str) -> list[Figure]:
    questions: dict[str, Callable[[], object]] = {
        "cache": lambda: session_cache(reader, session, book, NOW),
        "turns": lambda: session_turns(reader, session),
        "tools": lambda: session_tools(reader, session),
        "context": lambda: agent_context(reader, session),
    }
    return [_timed(f"{name}, {size}", 5, "150 ms", ask) for name, ask in questions.items()]


def _drained(reader: sqlite3.Connection, kind: ExportKind) -> None:
    for _ in export(reader, kind).rows:
        pass


def _timed(name: str, runs: int, aim: str, ask: Callable[[], object]) -> Figure:
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        ask()
        best = min(best, time.perf_counter() - start)
    return Figure(name, f"{best * 1000:,.1f} ms", aim, "best of 5" if runs > 1 else "once")


if __name__ == "__main__":
    sys.exit(main())
