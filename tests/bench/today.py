"""How soon a monitor that has read nothing yet shows all of today, on a long history.

`python -m tests.bench.today TREE`: TREE is a configuration folder with old logs; it gets today's beside them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from tests.bench.live import started
from tests.bench.table import Figure, machine, show
from tests.kit.played import write_events
from tokentui.demo import cast
from tokentui.demo.conversation import COMPACT_AT_TOKENS, Conversation
from tokentui.demo.log import new_log, new_rng
from tokentui.figures import format_usd
from tokentui.instants import ms_of
from tokentui.pricing.book import RateBook
from tokentui.pricing.price import pricer
from tokentui.records import BilledUsage

LOGS, RESPONSES = 20, 2_000
_CWD = "/bench/today"


def today_after_a_cold_start(tree: Path, folder: Path, environment: Mapping[str, str], runs: int = 5) -> list[Figure]:
    """From exec until the tile shows exactly what was written today; all other logs of the tree become older."""
    make_old(tree)
    now = datetime.now(UTC)
    shown = write_today(tree, now)
    own = {**environment, "TZ": _where_it_is_noon(now)}
    waits = [_until_shown(shown, tree, folder / "state-today", own) for _ in range(runs)]
    how = f"{RESPONSES:,} responses in {LOGS} logs of today among {_logs(tree):,}, nothing read before"
    value = f"{median(waits):.2f} s ({min(waits):.2f} to {max(waits):.2f})"
    return [Figure("today exact after a cold start", value, "≤ 1 s", f"{how}; median of {runs}")]


def _until_shown(texts: tuple[str, ...], tree: Path, state: Path, environment: Mapping[str, str]) -> float:
    """Seconds from exec, with nothing stored, until the screen shows all of these."""
    shutil.rmtree(state, ignore_errors=True)
    terminal = started(tree, state, environment, columns=200)
    seen_at = terminal.wait_until(lambda: all(text in terminal.text for text in texts), f"{texts}", 60)
    terminal.quit()
    terminal.close()
    return seen_at - terminal.began


def make_old(tree: Path) -> None:
    """Give each log a time within the last ninety days, before yesterday."""
    rng, now = Random(7), time.time()
    for path in sorted(tree.rglob("*.jsonl")):
        at = now - 86_400 * rng.uniform(2, 90)
        os.utime(path, (at, at))


def write_today(tree: Path, now: datetime) -> tuple[str, str]:
    """Write today's logs; the cost and the number of responses as the monitor has to show them."""
    shutil.rmtree(tree / "projects" / _CWD.replace("/", "-"), ignore_errors=True)
    price, cost = pricer(RateBook()), 0
    for number in range(LOGS):
        rng, role = new_rng("today", number), cast.LIVE_ROLES[number % len(cast.LIVE_ROLES)]
        talk = Conversation(replace(new_log(role, rng), cwd=_CWD), role.model, rng, now - timedelta(hours=2))
        talk.ask("go through the whole list")
        for _ in range(RESPONSES // LOGS):
            talk.use_tools()
            if talk.context > COMPACT_AT_TOKENS:
                talk.compact()
            cost += price(BilledUsage(talk.model, talk.last_tokens), ms_of(talk.at)).cost_pico_usd or 0
        write_events(tree, talk.take())
    return format_usd(cost), f"{RESPONSES:,} responses"


def _where_it_is_noon(now: datetime) -> str:
    """A time zone in which today has lasted for hours and will for some more."""
    return f"Etc/GMT{now.hour - 12:+d}"


def _logs(tree: Path) -> int:
    return sum(1 for _ in tree.rglob("*.jsonl"))


def main() -> int:
    """Measure that alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CLAUDE", "TOKENTUI"))}
    with tempfile.TemporaryDirectory(prefix="tokentui-today-") as name:
        figures = today_after_a_cold_start(arguments.tree, Path(name), environment, arguments.runs)
    show(figures, machine(), markdown=arguments.markdown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
