"""Syncing with a server that misbehaves: exact in the end, or it says what is missing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.kit.admin_api import (
    BEFORE_NOW,
    COST,
    DAY,
    KEY,
    MESSAGES,
    NOW,
    TLS,
    Row,
    Server,
    Time,
    asked,
    fault,
    minute_of,
    run_sync,
    stored_usage,
    true_usage,
)
from tests.kit.stores import NewDatabase
from tokentui.anthropic.aside import Aside
from tokentui.anthropic.asking import Asker, Asks
from tokentui.anthropic.client import Client
from tokentui.anthropic.key import AdminKey
from tokentui.ingest.sync import SyncPlan, SyncResult, sync
from tokentui.store.billing import BillingStore
from tokentui.store.database import open_writer

# What goes wrong, and passes.

PASSING = [
    fault("status", status=429, type="rate_limit_error"),
    fault("status", status=429, type="rate_limit_error", retry_after="7"),
    fault("status", status=429, type="rate_limit_error", retry_after="Sun, 22 Nov 2026 10:00:40 GMT"),
    fault("status", status=429, type="rate_limit_error", retry_after="0"),
    fault("status", status=429, type="rate_limit_error", retry_after="soon"),
    fault("status", status=500),
    fault("status", status=504, type="timeout_error"),
    fault("status", status=529, type="overloaded_error"),
    fault("html", status=502),
    fault("html", status=200),
    fault("json", body=["no", "object"]),
    fault("drop"),
    fault("none", cut=0),
    fault("none", cut=1000),
    fault("none", cut=-1),
]


@pytest.mark.parametrize("broken", PASSING, ids=lambda f: f"{f['kind']}-{f.get('status', f.get('cut', ''))}")
def test_what_passes_is_tried_again(server: Server, new_database: NewDatabase, broken: Row) -> None:
    server.tell(faults=[broken, broken], page_limit=600)
    database, time = new_database(), Time()
    result = run_sync(server, database, time)
    assert (result.outcome, result.error) == ("done", "")
    assert stored_usage(database) == true_usage(BEFORE_NOW)
    assert len(time.slept) == 2
    assert all(0 < pause <= 12 for pause in time.slept)
    if broken.get("retry_after") == "7":
        assert min(time.slept) >= 7
    assert time.slept[1] > time.slept[0] or "retry_after" in broken


@pytest.mark.parametrize("broken", PASSING, ids=lambda f: f"{f['kind']}-{f.get('status', f.get('cut', ''))}")
def test_what_does_not_pass_says_what_is_missing_and_the_next_run_mends_it(
    server: Server, new_database: NewDatabase, broken: Row
) -> None:
    server.tell(page_limit=1440, faults=[fault("none"), broken, broken, broken])
    database, time = new_database(), Time()
    result = run_sync(server, database, time)
    assert result.outcome == "incomplete"
    assert "stored up to 2026-11-21 00:00 UTC" in result.error
    assert "3 tries" in result.error
    assert stored_usage(database) == true_usage(row for row in BEFORE_NOW if row["minute"] < minute_of(DAY) + 1440)
    time.now = NOW + timedelta(minutes=2)
    assert run_sync(server, database, time, SyncPlan()).outcome == "done"
    assert stored_usage(database) == true_usage(BEFORE_NOW)


def test_a_wait_longer_than_the_run_ends_it(server: Server, new_database: NewDatabase) -> None:
    server.tell(faults=[fault("status", status=429, retry_after="3600", message="slow down")])
    database, time = new_database(), Time()
    result = run_sync(server, database, time)
    assert result.outcome == "failed"
    assert "10 min" in result.error
    assert "slow down" in result.error
    assert time.slept == []


def test_a_stopped_run_keeps_what_it_has(server: Server, new_database: NewDatabase) -> None:
    server.tell(page_limit=1440, faults=[fault("none"), fault("status", status=500)])
    database, time = new_database(), Time()
    time.is_stopped_by_sleep = True
    result = run_sync(server, database, time)
    assert (result.outcome, "stopped" in result.error) == ("incomplete", True)
    assert len(stored_usage(database)) > 0


def test_a_server_that_does_not_answer_is_given_up_after_three_tries(server: Server, new_database: NewDatabase) -> None:
    server.tell(faults=[fault("hold", ""), fault("hold", "", after=100), fault("hold", "")])
    time, database = Time(), new_database()
    with (
        closing(Client(AdminKey(KEY), server.url, httpx.HTTPTransport(verify=TLS), 0.2)) as client,
        closing(BillingStore(open_writer(database))) as store,
    ):
        result = sync(store, Asker(client, time.pace()), time.pace(), SyncPlan(days=1))
    server.release()
    assert (result.outcome, len(server.seen()), len(time.slept)) == ("failed", 3, 2)
    assert "no answer in time; 3 tries" in result.error


def stopped_while_held(server: Server, database: Path, ask: Callable[[Client], Asks], *, is_silent: bool) -> SyncResult:
    """What becomes of a run that is stopped while it waits for an answer; silent, the server never goes on."""
    stop = threading.Event()
    pace = replace(Time().pace(), is_stopped=stop.is_set)
    found: list[SyncResult] = []

    def run() -> None:
        with (
            closing(Client(AdminKey(KEY), server.url, httpx.HTTPTransport(verify=TLS), 20)) as client,
            closing(BillingStore(open_writer(database))) as store,
        ):
            found.append(sync(store, Asker(ask(client), pace), pace, SyncPlan(days=3)))

    thread = threading.Thread(target=run)
    thread.start()
    server.wait_until_held()
    stop.set()
    if not is_silent:
        server.release()
    thread.join(10)
    ended = tuple(found)
    server.release()
    (result,) = ended
    return result


def test_an_answer_that_trickles_in_does_not_outlast_the_run(server: Server, new_database: NewDatabase) -> None:
    server.tell(page_limit=600, faults=[fault("none"), fault("hold", after=100)])
    result = stopped_while_held(server, new_database(), lambda client: client, is_silent=False)
    assert (result.outcome, "stopped" in result.error, result.pages) == ("incomplete", True, 1)


def test_a_silent_server_does_not_hold_up_a_stop(server: Server, new_database: NewDatabase) -> None:
    server.tell(page_limit=600, faults=[fault("none"), fault("hold")])
    result = stopped_while_held(server, new_database(), Aside, is_silent=True)
    assert (result.outcome, "stopped" in result.error, result.pages) == ("incomplete", True, 1)


# What goes wrong for good.


@pytest.mark.parametrize(
    ("status", "kind", "message", "fix"),
    [
        (400, "invalid_request_error", "starting_at: too early", "report it"),
        (401, "authentication_error", "invalid x-api-key", "check the Admin key"),
        (402, "billing_error", "credit balance too low", "Billing"),
        (403, "permission_error", "scopes held: none", "Admin key"),
        (404, "not_found_error", "no such organization", "base URL"),
    ],
)
def test_a_refusal_stops_with_the_servers_own_words_and_the_fix(
    server: Server, new_database: NewDatabase, status: int, kind: str, message: str, fix: str
) -> None:
    refusal = fault("status", status=status, type=kind, message=f"{message} {KEY}")
    server.tell(faults=[refusal] * 6)
    time = Time()
    result = run_sync(server, new_database(), time)
    assert f"HTTP {status} {kind}: {message} [secret]" in result.error
    assert fix in result.error
    assert "req_made_up" in result.error
    assert time.slept == []
    is_hopeless = status in (401, 402)
    assert (result.outcome, len(server.seen("cost_report"))) == (("failed", 0) if is_hopeless else ("incomplete", 1))


def test_a_redirect_is_not_followed(server: Server, new_database: NewDatabase) -> None:
    server.tell(faults=[fault("redirect")])
    assert "redirects are not followed" in run_sync(server, new_database()).error


def test_a_key_that_expires_half_way_leaves_what_came_before(server: Server, new_database: NewDatabase) -> None:
    server.tell(page_limit=600, expires_after=3)
    database, time = new_database(), Time()
    result = run_sync(server, database, time)
    assert result.outcome == "incomplete"
    assert "401 authentication_error" in result.error
    assert "stored up to 2026-11-21 06:00 UTC" in result.error
    server.tell(expires_after=None)
    time.now += timedelta(minutes=1)
    assert run_sync(server, database, time, SyncPlan()).outcome == "done"
    assert stored_usage(database) == true_usage(BEFORE_NOW)


def test_a_page_token_that_is_no_longer_taken_is_begun_anew(server: Server, new_database: NewDatabase) -> None:
    server.tell(page_limit=600, faults=[fault("none"), fault("none"), fault("status", status=400, message="page: bad")])
    database = new_database()
    assert run_sync(server, database).outcome == "done"
    assert stored_usage(database) == true_usage(BEFORE_NOW)
    starts = [dict(request["query"])["starting_at"] for request in server.seen(MESSAGES)]
    assert sorted(set(starts)) == ["2026-11-20T00:00:00Z", "2026-11-20T20:00:00Z"]


def bucket(start: str, end: str) -> Row:
    return {"starting_at": start, "ending_at": end, "results": []}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"data": [], "has_more": True, "next_page": "page_x"}, "a page without a bucket"),
        ({"data": [bucket("2026-11-20T00:00:00Z", "2026-11-20T00:01:00Z")], "has_more": True, "next_page": None},
         "token is missing"),
        ({"data": [bucket("2026-11-20T00:01:00Z", "2026-11-20T00:02:00Z"),
                   bucket("2026-11-20T00:00:00Z", "2026-11-20T00:01:00Z")]}, "out of order"),
        ({"data": [bucket("2025-01-01T00:00:00Z", "2025-01-01T00:01:00Z")]}, "was not asked for"),
        ({"data": [bucket("2026-11-20T00:01:00Z", "2026-11-20T00:01:00Z")]}, "out of order"),
        ({"data": "nothing"}, "the report has changed its shape"),
        ({"data": [{"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-20T00:01:00Z",
                    "results": [{"output_tokens": -5}]}]}, "the report has changed its shape"),
        ({}, "the report has changed its shape"),
    ],
)  # fmt: skip
def test_answers_that_make_no_sense_store_nothing_wrong(
    server: Server, new_database: NewDatabase, body: Row, words: str
) -> None:
    server.tell(faults=[fault("json", body=body)])
    database, time = new_database(), Time()
    result = run_sync(server, database, time)
    assert words in result.error
    assert len(server.seen("cost_report")) == 1
    time.now += timedelta(minutes=1)
    assert run_sync(server, database, time).outcome == "done"
    assert stored_usage(database) == true_usage(BEFORE_NOW)


def test_a_token_that_leads_in_a_circle_is_noticed(server: Server, new_database: NewDatabase) -> None:
    bodies = [
        {"data": [bucket(f"2026-11-20T00:0{n}:00Z", f"2026-11-20T00:0{n + 1}:00Z")], "has_more": True, "next_page": "x"}
        for n in range(2)
    ]
    server.tell(faults=[fault("json", body=body) for body in bodies])
    assert "token is not new" in run_sync(server, new_database()).error


@pytest.mark.parametrize("amount", ["1e40", "-1e40", "Infinity", "much"])
def test_an_amount_that_cannot_be_kept_is_told(server: Server, new_database: NewDatabase, amount: str) -> None:
    server.tell(cost=[{**COST, "day": "2026-11-21", "amount": amount}])
    database = new_database()
    result = run_sync(server, database)
    assert (result.outcome, "an amount is no number, or beyond reason" in result.error) == ("incomplete", True)
    assert asked(database, "SELECT * FROM billed_cost") == []


def test_money_in_another_currency_is_not_taken_for_dollars(server: Server, new_database: NewDatabase) -> None:
    server.tell(cost=[{**COST, "day": "2026-11-21", "amount": "5", "currency": "EUR"}])
    database = new_database()
    result = run_sync(server, database)
    assert (result.outcome, "EUR" in result.error) == ("incomplete", True)
    assert asked(database, "SELECT * FROM billed_cost") == []
