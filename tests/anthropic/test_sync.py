"""Syncing with a real server on loopback: exact at the end, or it says what is missing; nothing is ever doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.kit.admin_api import (
    BEFORE_NOW,
    COST,
    DAY,
    KEY,
    MESSAGES,
    NOW,
    ROOT,
    SONNET,
    Row,
    Server,
    Time,
    asked,
    fault,
    minute_of,
    run_sync,
    some_usage,
    stored_usage,
    true_usage,
    usage_row,
)
from tests.kit.anthropic_answers import GROUPS
from tests.kit.stores import NewDatabase
from tokentui.anthropic_side import BASE_URL_VARIABLE
from tokentui.ingest.sync import SyncPlan
from tokentui.instants import ms_of
from tokentui.queries.reckoning.reported.reach import sync_runs, sync_state
from tokentui.records import Tokens
from tokentui.store.database import open_reader

# What is stored is what the server holds.


@pytest.mark.parametrize("page_limit", [None, 600, 250])
def test_all_pages_are_stored_and_nothing_else(server: Server, new_database: NewDatabase, page_limit: int) -> None:
    server.tell(page_limit=page_limit)
    database = new_database()
    result = run_sync(server, database)
    assert (result.outcome, result.error, result.notes) == ("done", "", ())
    assert stored_usage(database) == true_usage(BEFORE_NOW)
    assert result.change.changed == 0
    queries = [[item for item in request["query"] if item[0] != "page"] for request in server.seen(MESSAGES)]
    assert all(query == queries[0] for query in queries)
    assert {request["version"] for request in server.seen()} == {"2023-06-01"}


def test_a_second_run_asks_little_and_changes_nothing(server: Server, new_database: NewDatabase) -> None:
    database, time = new_database(), Time()
    run_sync(server, database, time)
    before = stored_usage(database)
    server.tell(forget=True)
    time.now += timedelta(minutes=2)
    result = run_sync(server, database, time, SyncPlan())
    assert (result.outcome, result.change) == ("done", (0, 0))
    assert dict(server.seen(MESSAGES)[0]["query"])["starting_at"] == "2026-11-22T07:00:00Z"
    assert stored_usage(database) == before


def test_late_data_and_corrections_come_in_by_the_overlap(server: Server, new_database: NewDatabase) -> None:
    database, time = new_database(), Time()
    run_sync(server, database, time)
    late = usage_row(minute_of(NOW) - 60, Tokens(1, 2, 3, 4, 5), "claude-of-tomorrow")
    corrected = [row for row in BEFORE_NOW if row is not BEFORE_NOW[-1]]
    server.tell(usage=[*corrected, late])
    time.now += timedelta(minutes=1)
    result = run_sync(server, database, time, SyncPlan())
    assert result.change == (1, 1)
    assert stored_usage(database) == true_usage([*(row for row in BEFORE_NOW if row is not BEFORE_NOW[-1]), late])


def test_four_times_a_day_two_days_are_asked_for_again(server: Server, new_database: NewDatabase) -> None:
    database, time = new_database(), Time()
    run_sync(server, database, time)
    server.tell(forget=True)
    time.now += timedelta(hours=3)
    run_sync(server, database, time, SyncPlan())
    assert dict(server.seen(MESSAGES)[0]["query"])["starting_at"] == "2026-11-20T10:00:00Z"


def test_two_polls_in_a_minute_are_one(server: Server, new_database: NewDatabase) -> None:
    database, time = new_database(), Time()
    run_sync(server, database, time)
    asked_before = len(server.seen())
    time.now += timedelta(seconds=59)
    result = run_sync(server, database, time)
    assert result.outcome is None
    assert len(server.seen()) == asked_before
    time.now += timedelta(seconds=1)
    assert run_sync(server, database, time).outcome == "done"


def test_in_the_background_reports_by_day_come_once_an_hour(server: Server, new_database: NewDatabase) -> None:
    database, time, plan = new_database(), Time(), SyncPlan(everything=False)
    server.tell(keys=[{"id": "apikey_1", "name": "laptop", "status": "active"}])
    run_sync(server, database, time, SyncPlan(days=1))
    server.tell(forget=True)
    for minutes, expected in ((5, 0), (5, 0), (60, 1)):
        time.now += timedelta(minutes=minutes)
        run_sync(server, database, time, plan)
        assert len(server.seen("cost_report")) == expected
    assert server.seen("api_keys") == []


# What the other reports say.


def test_costs_are_exact_and_the_same_key_twice_is_summed(server: Server, new_database: NewDatabase) -> None:
    cost = [{**COST, "day": "2026-11-21", "amount": amount} for amount in ("123.78912", "0.00001", "-1")]
    server.tell(cost=[*cost, {**COST, "day": "2026-11-20", "amount": "5", "cost_type": "a_new_one", "model": None}])
    database = new_database()
    assert run_sync(server, database).outcome == "done"
    stored = asked(database, "SELECT cost_type, token_type, cost_pico_usd FROM billed_cost ORDER BY start_ms")
    assert stored == [("a_new_one", "input", 5 * 10**10), ("tokens", "input", 1_227_891_300_000)]


def code_record(actor: Row, sessions: int, terminal: str = "tmux") -> Row:
    tokens = {"input": 10, "output": 20, "cache_read": 30, "cache_creation": 40}
    return {
        "actor": actor, "date": "2026-11-21T00:00:00Z", "customer_type": "api", "terminal_type": terminal,
        "core_metrics": {"num_sessions": sessions, "lines_of_code": {"added": 3, "removed": 1}},
        "tool_actions": {"edit_tool": {"accepted": 2, "rejected": 1}, "a_new_tool": None},
        "model_breakdown": [
            {"model": SONNET, "tokens": tokens, "estimated_cost": {"amount": 12.5, "currency": "USD"}}
        ],
    }  # fmt: skip


def person(number: int) -> Row:
    return {"type": "user_actor", "email_address": f"Someone{number}@example.com"}


BUILD = {"type": "api_actor", "api_key_name": "build"}
MODELS = "SELECT actor, terminal_type, output_tokens, estimated_pico_usd FROM claude_code_model ORDER BY 1, 2"


def test_the_claude_code_report_tells_people_apart_and_names_none(server: Server, new_database: NewDatabase) -> None:
    people = [code_record(person(n), 1) for n in range(2500)]
    tabs = [code_record(BUILD, 7), code_record(BUILD, 5, "vscode")]
    server.tell(code={"2026-11-21": people + tabs, "2026-11-20": [code_record(person(1), 9)]})
    database, time = new_database(), Time()
    assert run_sync(server, database, time).outcome == "done"
    days = asked(database, "SELECT actor, records, sessions, lines_added, accepted_edits FROM claude_code_day "
                 "WHERE actor_kind = 'key' ORDER BY terminal_type")  # fmt: skip
    assert days == [("build", 1, 7, 3, 2), ("build", 1, 5, 3, 2)]
    assert asked(database, MODELS)[:2] == [("build", "tmux", 20, 125 * 10**9), ("build", "vscode", 20, 125 * 10**9)]
    names = asked(database, "SELECT actor, count(*) FROM claude_code_model WHERE actor_kind = 'person' GROUP BY 1")
    assert len(names) == 2500
    assert [n for _, n in names if n > 1] == [2]
    assert b"example.com" not in b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    time.now += timedelta(minutes=1)
    assert run_sync(server, database, time).change == (0, 0)


@pytest.mark.parametrize("part", ["actor", "core_metrics", "tool_actions", "model_breakdown"])
def test_a_part_that_the_claude_code_report_leaves_null_costs_no_other(
    server: Server, new_database: NewDatabase, part: str
) -> None:
    bare = code_record(BUILD, 7) | {"core_metrics": {"num_sessions": 7, "lines_of_code": None}}
    bare["model_breakdown"] = [{"model": SONNET, "tokens": None, "estimated_cost": None}]
    server.tell(code={"2026-11-21": [bare, code_record(BUILD, 5, "vscode") | {part: None}, code_record(person(1), 1)]})
    database = new_database()
    assert run_sync(server, database).outcome == "done"
    assert asked(database, "SELECT sum(records) FROM claude_code_day") == [(3,)]


def test_people_keep_their_addresses_where_and_as_long_as_the_user_wants_it(
    server: Server, new_database: NewDatabase
) -> None:
    server.tell(code={"2026-11-21": [code_record(person(1), 1)]})
    database, time = new_database(), Time()
    run_sync(server, database, time)
    time.now += timedelta(minutes=1)
    run_sync(server, database, time, SyncPlan(days=3, keep_emails=True))
    assert asked(database, MODELS) == [("someone1@example.com", "tmux", 20, 125 * 10**9)]
    server.tell(code={})
    time.now += timedelta(days=30)
    server.tell(now=time.now.isoformat())
    run_sync(server, database, time, SyncPlan(days=1))
    ((name, *rest),) = asked(database, MODELS)
    assert (name.startswith("person "), rest) == (True, ["tmux", 20, 125 * 10**9])
    assert asked(database, "SELECT actor FROM claude_code_day") == [(name,)]


def test_usage_is_told_apart_by_all_that_the_report_knows(server: Server, new_database: NewDatabase) -> None:
    rows = [
        usage_row(minute_of(NOW) - 60, Tokens(n), SONNET, "apikey_1", account_id=account, service_account_id=service)
        for n, account, service in ((1, "user_1", None), (2, "user_2", None), (4, None, "svac_1"))
    ]
    server.tell(usage=rows)
    database = new_database()
    assert run_sync(server, database, plan=SyncPlan(days=1)).outcome == "done"
    told = "SELECT account_id, service_account_id, input_tokens FROM billed_usage JOIN billed_group ON group_id = id"
    assert sorted(asked(database, told)) == [("", "svac_1", 4), ("user_1", "", 1), ("user_2", "", 2)]
    groups = [value for name, value in server.seen(MESSAGES)[0]["query"] if name == "group_by[]"]
    assert sorted(groups) == list(GROUPS)


def test_a_gateway_that_knows_no_accounts_is_asked_without(server: Server, new_database: NewDatabase) -> None:
    server.tell(accounts="never")
    database = new_database()
    assert run_sync(server, database).outcome == "done"
    assert stored_usage(database) == true_usage(BEFORE_NOW)
    groups = [value for name, value in server.seen(MESSAGES)[-1]["query"] if name == "group_by[]"]
    assert set(groups) == set(GROUPS) - {"account_id", "service_account_id"}


def test_names_are_kept_and_hints_of_keys_are_not(server: Server, new_database: NewDatabase) -> None:
    keys = [{"id": "apikey_1", "name": "lap\x1b[31mtop", "workspace_id": None, "status": "active",
             "partial_key_hint": "sk-ant-api03-R2D...igAA"}]  # fmt: skip
    server.tell(keys=keys, workspaces=[{"id": "wrkspc_1", "name": "Research", "archived_at": None}])
    database = new_database()
    run_sync(server, database)
    assert asked(database, "SELECT * FROM api_key") == [("apikey_1", "laptop", "", "active")]
    assert asked(database, "SELECT * FROM workspace") == [("wrkspc_1", "Research", 0)]


@pytest.mark.parametrize("style", ["id", "bare", "token"])
def test_long_lists_of_names_are_read_to_the_end(server: Server, new_database: NewDatabase, style: str) -> None:
    keys = [{"id": f"apikey_{n}", "name": f"key {n}", "status": "active"} for n in range(2300)]
    server.tell(keys=keys, workspaces=[{"id": "wrkspc_1", "name": "Research"}], list_limit=500, list_style=style)
    database = new_database()
    assert run_sync(server, database).notes == ()
    assert asked(database, "SELECT count(*), max(name) FROM api_key") == [(2300, "key 999")]
    assert len(server.seen("api_keys")) == 5


@pytest.mark.parametrize(("style", "said"), [("circle", "the same page follows"), ("dead end", "no id follows")])
def test_lists_that_never_end_are_given_up_and_the_other_names_kept(
    server: Server, new_database: NewDatabase, style: str, said: str
) -> None:
    keys = [{"id": f"apikey_{n}", "name": f"key {n}"} for n in range(9)]
    server.tell(keys=keys, workspaces=[{"id": "wrkspc_1", "name": "Research"}], list_limit=4, list_style=style)
    if style == "dead end":
        server.tell(workspaces=[])
    database = new_database()
    result = run_sync(server, database)
    assert (result.outcome, len(result.notes)) == ("done", 1)
    assert said in result.notes[0]
    assert len(server.seen("api_keys")) <= 2
    assert asked(database, "SELECT count(*) FROM workspace") == [(int(style == "circle"),)]


@pytest.mark.parametrize("form", ["Z", "+00:00", ".000Z", ".427722Z", ".123456789Z", "", "+02:00", "-05:00"])
def test_every_form_of_a_time_is_the_same_minute(server: Server, new_database: NewDatabase, form: str) -> None:
    server.tell(time_form=form, cost=[{**COST, "day": "2026-11-21", "amount": "100"}])
    database = new_database()
    result = run_sync(server, database)
    assert (result.outcome, result.error) == ("done", "")
    assert stored_usage(database) == true_usage(BEFORE_NOW)


@pytest.mark.parametrize("form", ["page_", "2025-05-14T00:00:00.000+02:00 ", "a+b/c=d&e=f;%20", "\u00fc\u2192"])
def test_a_pages_token_is_sent_back_as_it_came_whatever_it_looks_like(
    server: Server, new_database: NewDatabase, form: str
) -> None:
    server.tell(page_form=form, page_limit=600)
    database = new_database()
    assert run_sync(server, database).outcome == "done"
    assert stored_usage(database) == true_usage(BEFORE_NOW)


def test_a_key_that_may_not_list_names_still_syncs(server: Server, new_database: NewDatabase) -> None:
    server.tell(faults=[fault("status", "api_keys", status=403, type="permission_error", message="needs org:admin")])
    result = run_sync(server, new_database())
    assert result.outcome == "done"
    assert "needs org:admin" in result.notes[0]


@pytest.mark.parametrize(("speed", "tries"), [("open", 1), ("beta", 2), ("never", 3)])
def test_speed_is_asked_for_as_far_as_the_server_knows_it(
    server: Server, new_database: NewDatabase, speed: str, tries: int
) -> None:
    server.tell(speed=speed)
    database = new_database()
    assert run_sync(server, database, plan=SyncPlan(days=1)).outcome == "done"
    assert len(server.seen(MESSAGES)) == tries
    speeds = {row[0] for row in asked(database, "SELECT speed FROM billed_group")}
    assert speeds == ({"standard"} if speed != "never" else {""})


def test_tokens_of_a_kind_nobody_knows_are_spoken_of(server: Server, new_database: NewDatabase) -> None:
    start = "2026-11-22T00:00:00Z"
    result = {"output_tokens": 5, "model": SONNET, "thought_tokens": 7, "service_tier": "of_tomorrow"}
    bucket = {"starting_at": start, "ending_at": "2026-11-22T00:01:00Z", "results": [result, result]}
    body = {"data": [bucket], "has_more": False, "next_page": None}
    server.tell(faults=[fault("json", body=body)])
    database = new_database()
    outcome = run_sync(server, database, plan=SyncPlan(days=1))
    assert outcome.outcome == "done"
    assert "thought_tokens" in outcome.notes[0]
    assert asked(
        database, "SELECT output_tokens, service_tier FROM billed_usage JOIN billed_group ON group_id = id"
    ) == [(10, "of_tomorrow")]


# Runs.


def test_each_run_is_a_row(server: Server, new_database: NewDatabase) -> None:
    server.tell(faults=[fault("status", status=401, type="authentication_error", message="revoked")])
    database, time = new_database(), Time()
    run_sync(server, database, time)
    time.now += timedelta(minutes=1)
    run_sync(server, database, time)
    reader = open_reader(database)
    last, first = sync_runs(reader)
    state = sync_state(reader)
    reader.close()
    assert (first.outcome, first.pages, first.rows_new, "revoked" in first.error) == ("failed", 0, 0, True)
    assert (last.outcome, last.error, last.rows_new) == ("done", "", len(true_usage(BEFORE_NOW)))
    assert last.duration_ms == 0
    assert asked(database, "SELECT from_ms FROM sync_run WHERE outcome = 'done'") == [(ms_of(DAY),)]
    assert (state.last, state.last_done_at) == (last, last.finished_at)
    assert state.usage_until == NOW + timedelta(minutes=1)


PLACES = [("messages", 0, 0), ("messages", 2, 1), ("messages", 2, 70_000), ("messages", 1, -1), ("cost_report", 0, 60),
          ("claude_code", 1, 30), ("api_keys", 0, 40)]  # fmt: skip


@pytest.mark.parametrize(("path", "pages", "byte"), PLACES)
def test_a_run_killed_at_any_byte_is_resumed(
    server: Server, new_database: NewDatabase, path: str, pages: int, byte: int
) -> None:
    now = datetime.now(UTC)
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    usage = [row for row in some_usage(first, 3 * 1440, share=0.05) if row["minute"] <= minute_of(now)]
    faults = [*[fault("none", path)] * pages, fault("hold", path, after=byte)]
    cost = [{**COST, "day": f"{first:%Y-%m-%d}", "amount": "123.45"}]
    code = {f"{first:%Y-%m-%d}": [code_record(BUILD, 1)]}
    keys = [{"id": "apikey_1", "name": "laptop", "status": "active"}]
    server.tell(now=now.isoformat(), usage=usage, page_limit=600, faults=faults, cost=cost, keys=keys, code=code)
    home = new_database().with_suffix("")
    home.mkdir()
    environment = {**os.environ, "TOKENTUI_HOME": str(home), "ANTHROPIC_ADMIN_API_KEY": KEY,
                   BASE_URL_VARIABLE: server.url}  # fmt: skip
    command = [sys.executable, "-m", "tokentui", "sync", "--days", "3"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        server.wait_until_held()
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    server.release()
    database = home / "tokentui.db"
    assert asked(database, "SELECT outcome, finished_at_ms FROM sync_run") == [("running", None)]
    later = datetime.now(UTC) + timedelta(minutes=2)
    server.tell(page_limit=None, now=later.isoformat())
    assert run_sync(server, database, Time(now=later), SyncPlan(days=4)).outcome == "done"
    assert [row[0] for row in asked(database, "SELECT outcome FROM sync_run ORDER BY id")] == ["broken off", "done"]
    assert stored_usage(database) == true_usage(usage)
    assert asked(database, "SELECT cost_pico_usd FROM billed_cost") == [(1_234_500_000_000,)]
    assert asked(database, "SELECT actor, sessions FROM claude_code_day") == [("build", 1)]
    assert asked(database, "SELECT name FROM api_key") == [("laptop",)]


def test_a_gap_that_a_killed_run_left_is_filled_before_anything_newer(
    server: Server, new_database: NewDatabase
) -> None:
    database, time = new_database(), Time()
    run_sync(server, database, time, SyncPlan(days=1))
    server.tell(page_limit=600, faults=[fault("none"), *[fault("status", status=500)] * 3])
    time.now += timedelta(minutes=1)
    assert run_sync(server, database, time, SyncPlan(days=3)).outcome == "incomplete"
    assert len(asked(database, "SELECT * FROM sync_coverage WHERE series = 'usage 1m'")) == 2
    time.now += timedelta(minutes=1)
    assert run_sync(server, database, time, SyncPlan()).outcome == "done"
    assert len(asked(database, "SELECT * FROM sync_coverage WHERE series = 'usage 1m'")) == 1
    assert stored_usage(database) == true_usage(BEFORE_NOW)
