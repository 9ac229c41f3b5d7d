"""The made-up run: the same each time, true to the log format, and as dramatic as its plot says."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.kit import storms
from tests.kit.generated_tree import write_tree
from tests.kit.played import until, write_events, write_until
from tokentui.cli.demo import made_up_workspace
from tokentui.cli.monitor.budgets import MonitorBudgets
from tokentui.cli.monitor.opening import ui_settings
from tokentui.config.budget_drafts import BudgetDraft
from tokentui.config.watch import WatchedSettings
from tokentui.demo import cast
from tokentui.demo.history import history
from tokentui.demo.log import Event
from tokentui.demo.plan import plan_limits, tell_plan
from tokentui.demo.player import play_events, play_into, write_history
from tokentui.demo.script import CYCLE_SECONDS, play
from tokentui.queries.budgets.plan import plan_gauges
from tokentui.records import Tokens
from tokentui.store.database import open_reader

START_AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
SEED = 7
USD_PER_MTOK = {
    cast.OPUS: (4.0, 20.0, 5.0, 8.0, 0.20),
    cast.SONNET: (2.0, 10.0, 2.5, 4.0, 0.10),
    cast.HAIKU: (0.1, 0.5, 0.125, 0.2, 0.01),
    cast.FABLE: (8.0, 40.0, 10.0, 16.0, 0.20),
}

Json = dict[str, Any]


@pytest.fixture(scope="module")
def run() -> list[Event]:
    return list(until(play(SEED, START_AT), START_AT + timedelta(seconds=CYCLE_SECONDS + 20)))


@pytest.fixture(scope="module")
def past() -> dict[str, bytes]:
    return dict(history(SEED, START_AT))


def log_lines(events: Iterable[Event]) -> Iterator[tuple[Event, Json]]:
    for event in events:
        if event.path.endswith(".jsonl"):
            assert event.data.endswith(b"\n")
            for line in event.data.splitlines():
                value = json.loads(line)
                assert isinstance(value, dict)
                yield event, value


def as_events(logs: dict[str, bytes]) -> list[Event]:
    return [Event(START_AT, path, data) for path, data in logs.items()]


def tokens_of(usage: Json) -> Tokens:
    parts = usage["cache_creation"]
    writes = parts["ephemeral_5m_input_tokens"], parts["ephemeral_1h_input_tokens"]
    assert sum(writes) == usage["cache_creation_input_tokens"]
    return Tokens(usage["input_tokens"], usage["output_tokens"], *writes, usage["cache_read_input_tokens"])


def responses(events: Iterable[Event]) -> dict[tuple[str, str], list[tuple[Event, Json]]]:
    found: dict[tuple[str, str], list[tuple[Event, Json]]] = defaultdict(list)
    for event, line in log_lines(events):
        if line["type"] == "assistant" and line["message"]["model"] != "<synthetic>":
            found[line["message"]["id"], line["requestId"]].append((event, line))
    return found


def winner(copies: list[tuple[Event, Json]]) -> Tokens:
    return max((tokens_of(line["message"]["usage"]) for _, line in copies), key=lambda tokens: tokens.output)


def usd(model: str, tokens: Tokens) -> float:
    prices = USD_PER_MTOK.get(model, (0.0,) * 5)
    return sum(price * count for price, count in zip(prices, tokens, strict=True)) / 1e6


def spend(events: Iterable[Event], from_s: float, to_s: float) -> float:
    """Dollars between two moments of the run, in seconds after the start."""
    total = 0.0
    for copies in responses(events).values():
        event, line = copies[-1]
        if from_s <= (event.at - START_AT).total_seconds() < to_s:
            total += usd(line["message"]["model"], winner(copies))
    return total


def working(events: list[Event], at_s: float) -> int:
    """Sub-agents between their first and their last line at that moment."""
    at, spans = START_AT + timedelta(seconds=at_s), defaultdict[str, list[datetime]](list)
    for event in events:
        if "/subagents/" in event.path and event.path.endswith(".jsonl"):
            spans[event.path].append(event.at)
    return sum(times[0] <= at < times[-1] for times in spans.values())


def test_same_seed_same_bytes(run: list[Event], past: dict[str, bytes]) -> None:
    again = list(until(play(SEED, START_AT), START_AT + timedelta(seconds=120)))
    assert run[: len(again)] == again
    assert dict(history(SEED, START_AT)) == past
    assert next(play(SEED + 1, START_AT)) != run[0]


def test_events_come_in_order_of_time(run: list[Event]) -> None:
    assert all(earlier.at <= later.at for earlier, later in pairwise(run))
    assert run[0].at == START_AT


def test_each_line_has_the_fields_of_its_type(run: list[Event], past: dict[str, bytes]) -> None:
    types: Counter[str] = Counter()
    for event, line in log_lines([*run, *as_events(past)]):
        types[str(line.get("subtype", line["type"]))] += 1
        assert line["sessionId"] in event.path or not line.get("agentId", "").startswith("a")
        if "uuid" in line:
            assert {"parentUuid", "isSidechain", "timestamp", "cwd", "version", "gitBranch"} <= line.keys()
            assert line["timestamp"].endswith("Z")
            assert len(line["timestamp"]) == len("2026-11-20T15:30:00.000Z")
            assert line["isSidechain"] == ("agentId" in line) == ("agent-" in event.path)
    expected = {"user", "assistant", "api_error", "turn_duration", "compact_boundary"}
    assert expected | {"ai-title", "queue-operation"} <= types.keys()


def test_lines_are_written_at_or_after_their_own_time(run: list[Event]) -> None:
    for event, line in log_lines(run):
        if "timestamp" in line:
            late = event.at - datetime.fromisoformat(line["timestamp"])
            assert timedelta() <= late < timedelta(seconds=45)


def test_final_line_of_a_response_has_the_most_output(run: list[Event]) -> None:
    unfinished = 0
    for copies in responses(run).values():
        counts = [tokens_of(line["message"]["usage"]) for _, line in copies]
        assert counts[-1].output == max(count.output for count in counts)
        assert len({count._replace(output=0) for count in counts}) == 1
        assert not (counts[0].cache_write_5m and counts[0].cache_write_1h)
        assert 2 <= counts[0].input <= 10
        unfinished += copies[-1][1]["message"]["stop_reason"] is None
        if "agentId" not in copies[0][1]:
            assert len(set(counts)) == 1
    assert 0 < unfinished < len(responses(run)) / 10


def test_parents_and_calls_are_linked(run: list[Event]) -> None:
    uuids = {line["uuid"] for _, line in log_lines(run) if "uuid" in line}
    calls: set[str] = set()
    for _, line in log_lines(run):
        assert line.get("parentUuid") is None or line["parentUuid"] in uuids
        content = line.get("message", {}).get("content")
        for block in content if isinstance(content, list) else ():
            if block["type"] == "tool_use":
                calls.add(block["id"])
            if block["type"] == "tool_result":
                assert block["tool_use_id"] in calls


def test_agents_have_cards_that_name_their_parents(run: list[Event]) -> None:
    cards = {e.path.removesuffix(".meta.json"): json.loads(e.data) for e in run if "meta.json" in e.path}
    names = {PurePosixPath(stem).name for stem in cards}
    logs = {e.path.removesuffix(".jsonl") for e in run if "/subagents/" in e.path and ".meta" not in e.path}
    assert {stem for stem in logs if "aside_question" not in stem} <= cards.keys()
    assert {card["spawnDepth"] for card in cards.values()} == {1, 2, 3}
    for card in cards.values():
        assert ("parentAgentId" in card) == (card["spawnDepth"] > 1)
        assert card["spawnDepth"] == 1 or f"agent-{card['parentAgentId']}" in names
    linked = {line["toolUseResult"]["agentId"] for _, line in log_lines(run) if _spawned(line)}
    assert linked <= {name.removeprefix("agent-") for name in names}
    assert len(linked) > 30


def _spawned(line: Json) -> bool:
    return "agentId" in line.get("toolUseResult", {})


def test_live_registry_is_replaced_whole(run: list[Event]) -> None:
    cards = [event for event in run if event.path.startswith("sessions/")]
    assert {event.replace for event in cards} == {True}
    assert {json.loads(event.data)["status"] for event in cards} == {"busy", "idle"}


def test_money_is_steady_before_the_storm_and_after_it(run: list[Event]) -> None:
    assert 0.3 < spend(run, 10, 45) * 60 / 35 < 2.5
    peak = max(spend(run, start, start + 60) for start in range(40, 200, 10))
    assert 22 < peak < 40
    assert 0.3 < spend(run, 360, 480) / 2 < 2.5


def test_storm_has_many_agents_at_work(run: list[Event]) -> None:
    assert max(working(run, second) for second in range(60, 180, 5)) >= 20
    assert working(run, 20) <= 2
    first_level = [
        event
        for event in run
        if event.at < START_AT + timedelta(seconds=110)
        and event.path.endswith("meta.json")
        and cast.REFACTOR_API.project in event.path
        and json.loads(event.data)["spawnDepth"] == 1
    ]
    assert len(first_level) >= 12


def test_cache_works_until_it_collapses(run: list[Event]) -> None:
    docs = [e for e in run if cast.DOCS_SITE.project in e.path and "/subagents/" not in e.path]
    found = sorted(responses(docs).values(), key=lambda copies: copies[-1][0].at)
    tokens = [winner(copies) for copies in found]
    broken = [one for one in tokens if not one.cache_read]
    whole = [one for one in tokens if one.cache_read]
    assert len(broken) == 8
    assert min(one.cache_write_1h for one in broken) > 60_000
    assert sum(one.cache_read for one in whole) / sum(one.prompt for one in whole) > 0.95


def test_everything_the_screens_show_happens(run: list[Event]) -> None:
    models = {line["message"]["model"] for _, line in log_lines(run) if line["type"] == "assistant"}
    assert models == {*USD_PER_MTOK, cast.UNKNOWN, "<synthetic>"}
    assert any("aside_question" in event.path for event in run)
    assert any("quotaLimits" in line for _, line in log_lines(run))
    assert sum(line.get("subtype") == "api_error" for _, line in log_lines(run)) >= 16


def test_history_has_busy_days_and_quiet_ones(past: dict[str, bytes]) -> None:
    days: Counter[str] = Counter()
    money: dict[str, float] = defaultdict(float)
    last = ""
    for copies in responses(as_events(past)).values():
        line = copies[-1][1]
        day = line["timestamp"][:10]
        days[day] += 1
        money[day] += usd(line["message"]["model"], winner(copies))
        last = max(last, line["timestamp"])
    assert 1500 < days.total() < 6000
    assert len(days) >= 6
    assert all(1 < amount < 45 for amount in money.values())
    assert "2026-11-20T15:00" < last < "2026-11-20T15:30"
    assert any("forkedFrom" in line for _, line in log_lines(as_events(past)))
    assert any("/agent-" in path and "subagents" not in path for path in past)


def test_history_leaves_nothing_open(past: dict[str, bytes]) -> None:
    for path, data in past.items():
        if path.endswith(".jsonl") and "agent-" not in path:
            last = [line for line in map(json.loads, data.splitlines()) if "uuid" in line][-1:]
            assert not last or last[0]["type"] == "system" or "quotaLimits" in last[0] or "isCompactSummary" in last[0]


def test_writing_at_once_equals_playing(tmp_path: Path) -> None:
    end_at = START_AT + timedelta(seconds=30)
    write_until(tmp_path / "once", START_AT, end_at, SEED)
    stop, now = threading.Event(), START_AT

    def clock() -> datetime:
        nonlocal now
        now += timedelta(seconds=20)
        if now > end_at:
            stop.set()
        return now

    play_into(tmp_path / "played", stop, clock, seed=SEED)
    assert stop.is_set()
    events = list(until(play(SEED, START_AT), end_at))
    play_events(tmp_path / "late", events, START_AT, threading.Event(), lambda: end_at)
    assert _tree(tmp_path / "late") == _tree(tmp_path / "once")
    for path, data in _tree(tmp_path / "once").items():
        assert path.startswith("sessions") or data.startswith(b"{")


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_history_is_written_below_the_folder(tmp_path: Path) -> None:
    write_history(tmp_path, START_AT, days=2, seed=SEED)
    assert dict(history(SEED, START_AT, days=2)) == _tree(tmp_path)


def test_rain_of_lines_is_even(tmp_path: Path) -> None:
    events = list(storms.storm_lines(8, 200, 5, START_AT))
    assert len(events) == 1000
    assert len({event.path for event in events}) == 8
    assert events[-1].at - START_AT == timedelta(seconds=999 / 200)
    assert len(responses(events)) == pytest.approx(500, rel=0.02)
    write_events(tmp_path, events)


def test_the_plan_s_limits_rise_with_the_storm_and_begin_anew_after_the_reset() -> None:
    def used(seconds: float) -> list[float]:
        return [limit.used_share for limit in plan_limits(START_AT, START_AT + timedelta(seconds=seconds))]

    shares = [used(seconds) for seconds in range(0, 600, 5)]
    assert all(before <= after for pair in pairwise(shares) for before, after in zip(*pair, strict=True))
    assert used(150)[0] - used(30)[0] > 2 * (used(270)[0] - used(150)[0])
    assert used(405) == used(5_000) == [1.0, 0.43]
    assert used(5_400) == [0.0, 0.43]
    assert used(9_000) == [0.15, 0.45]
    first, last = plan_limits(START_AT, START_AT), plan_limits(START_AT, START_AT + timedelta(seconds=5_399))
    assert [limit.resets_at_ms for limit in first] == [limit.resets_at_ms for limit in last]


def test_the_plan_is_told_until_the_demo_ends(tmp_path: Path) -> None:
    database, stop = tmp_path / "tokentui.db", threading.Event()
    moments = iter([START_AT, START_AT, START_AT + timedelta(seconds=96)])

    def clock() -> datetime:
        now = next(moments)
        if now > START_AT:
            stop.set()
        return now

    tell_plan(database, stop, clock, every_seconds=0)
    with closing(open_reader(database)) as reader:
        gauges = plan_gauges(reader, START_AT + timedelta(seconds=96))
    assert [(gauge.name, gauge.used_share) for gauge in gauges] == [("5h", 0.74), ("7d", 0.4)]


def test_loads_have_their_fault() -> None:
    nested = storms.nested_spawns(START_AT, depth=3, width=2)
    depths = [json.loads(event.data)["spawnDepth"] for event in nested if event.path.endswith("meta.json")]
    assert Counter(depths) == {1: 2, 2: 4, 3: 8}
    many = storms.crowd(START_AT, agents=40)
    assert max(working(many, second) for second in range(0, 300, 5)) == 40
    retries = storms.retry_storm(START_AT)
    assert sum(line.get("subtype") == "api_error" for _, line in log_lines(retries)) == 64
    loop = [line for _, line in log_lines(storms.tool_loop(START_AT)) if line["type"] == "assistant"]
    assert sum('"make status"' in json.dumps(line) for line in loop) == 25
    burn = storms.slow_burn(START_AT, minutes=30)
    assert spend(burn, 0, 1800) > 5


def test_generated_tree_holds_what_it_says(tmp_path: Path) -> None:
    truth = write_tree(tmp_path, files=200, size_bytes=6_000_000)
    logs = _tree(tmp_path)
    found = responses(as_events(logs))
    total = Tokens()
    for copies in found.values():
        total = total.plus(winner(copies))
    assert (len(found), total) == (truth.responses, truth.tokens)
    assert (len(logs), sum(map(len, logs.values()))) == (truth.files, truth.bytes)
    assert sum(data.count(b"\n") for data in logs.values()) == truth.lines
    every = [line for _, line in log_lines(as_events(logs))]
    copied = [line for line in every if "forkedFrom" in line]
    uuids = [line["uuid"] for line in every if "forkedFrom" not in line]
    assert len(uuids) == len(set(uuids))
    assert copied
    assert all(line["sessionId"] in path for path, data in logs.items() for line in map(json.loads, data.splitlines()))
    endless = sum(all(line["message"]["stop_reason"] is None for _, line in copies) for copies in found.values())
    assert endless == truth.lower_bound_responses


def test_a_change_on_the_screen_of_the_demo_keeps_its_other_settings() -> None:
    with made_up_workspace() as workspace:
        settings = WatchedSettings(workspace.home.config_file, workspace.settings)
        assert settings.current().budgets == cast.BUDGETS
        assert ui_settings(workspace).keep_theme("nord") == ""
        assert MonitorBudgets(workspace, settings).save(BudgetDraft("day", limit="50")).startswith("day")
        day, *others = settings.current().budgets
        assert (day.limit, tuple(others)) == (50.0, cast.BUDGETS[1:])
        assert settings.current().theme == "nord"
