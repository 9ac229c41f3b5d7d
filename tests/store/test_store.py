"""The store: what is in it is exact, however logs were read, and whatever happened meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from tests.kit.logs import (
    MODEL,
    ONE,
    TWO,
    Json,
    agent_log,
    answer,
    append,
    call,
    encode,
    forked,
    inline,
    line,
    main_log,
    ms,
    of_agent,
    prompt,
    result,
    usage,
    write,
)
from tests.kit.stores import (
    UNPRICED,
    NewDatabase,
    answers,
    by_model,
    catch_up,
    contents,
    ingest,
    log_paths,
    opened,
    price,
    quarters_are_sums,
    query,
    source,
    truth,
)
from tokentui.demo.player import write_history
from tokentui.ingest import catch_up as steps
from tokentui.ingest import news
from tokentui.ingest.logs import Logs
from tokentui.pricing.price import Price
from tokentui.records import BilledUsage
from tokentui.store.database import APPLICATION_ID, CURRENT_VERSION, StoreError, explained, open_reader, open_writer
from tokentui.store.schema.migrations import migrations
from tokentui.store.write import Added, Addition, Store
from tokentui.transcripts.places import find_logs
from tokentui.transcripts.read import REST_NS

# Trees as hypothesis makes them: few ids and many copies, so that they meet often.

MODELS = st.sampled_from([MODEL, "claude-haiku-4-5", UNPRICED])
SECONDS = st.integers(0, 2400)
ITERATIONS = st.sampled_from([None, [], [{"type": "message"}], [{"type": "compaction", "input_tokens": 9}]])


@st.composite
def used(draw: st.DrawFn) -> Json:
    top, short = draw(st.sampled_from([0, 10, 300])), draw(st.sampled_from([0, 10]))
    parts = draw(st.sampled_from([None, {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": 0}]))
    output, read = draw(st.sampled_from([2, 3, 90, 90, 700])), draw(st.integers(0, 9))
    more = {"cache_creation_input_tokens": top, "cache_creation": parts, "cache_read_input_tokens": read}
    return usage(output, iterations=draw(ITERATIONS), **more)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, list[Json]]:
    """Logs by their path below `projects`: two sessions, two agents, and a backup of one log that stops short."""
    main, other = f"p/{ONE}.jsonl", f"p/{TWO}.jsonl"
    agent, flat = f"p/{ONE}/subagents/agent-a1.jsonl", "p/agent-b2.jsonl"
    tree: dict[str, list[Json]] = {main: [], other: [], agent: [], flat: []}
    second = iter(range(100))
    for number in range(draw(st.integers(1, 8))):
        home = draw(st.sampled_from([main, other, agent, flat]))
        session = TWO if home in (other, flat) else ONE
        request = draw(st.sampled_from([None, "req"]))
        message = draw(st.sampled_from([f"own-{number}", "shared" if request is None else f"shared-{session}"]))
        said: list[Json] = []
        for _ in range(draw(st.integers(1, 3))):
            at, model, stop = draw(SECONDS), draw(MODELS), draw(st.sampled_from([None, "end_turn"]))
            content = [call(f"t-{number}", draw(st.sampled_from(["Bash", "Agent"])), prompt=message, number=at)]
            said.append(
                answer(
                    message, request, at, used=draw(used()), model=model, stop=stop, content=content, session=session
                )
            )
        said += [prompt(f"ask {number}", next(second), session=session, cwd=draw(st.sampled_from([None, "/a", "/b"])))]
        said += draw(st.lists(others(session, number), max_size=2))
        if home in (agent, flat):
            said = [of_agent("a1" if home == agent else "b2", one) for one in said]
        tree[home] += said
        copied_into = draw(st.sampled_from(["", "fork", "resume", "resume of 1.x", "agent", "aside"]))
        if copied_into == "fork" and home == main:
            tree[other] += [forked(one, TWO) for one in said]
        elif copied_into == "resume" and home == other:
            tree[main] += [one | {"sessionId": draw(st.sampled_from([ONE, TWO]))} for one in said]
        elif copied_into == "resume of 1.x" and home == other:
            then = {"sessionId": ONE, "timestamp": prompt("", 2401 + number)["timestamp"]}
            tree[main] += [one | then for one in said]
        elif copied_into == "agent" and home == main and request:
            tree[agent].append(of_agent("a1", said[0] | {"uuid": f"copy-{number}"}))
        elif copied_into == "aside" and home == main and request:
            tree[agent].append(of_agent("a1", said[0] | {"requestId": f"side-{number}"}))
    tree[f"backup/{ONE}.jsonl"] = tree[main][: draw(st.integers(0, 6))]
    return tree


def others(session: str, number: int) -> st.SearchStrategy[Json]:
    """Lines without usage."""
    note = f"<task-notification><task-id>a{number}</task-id><status>completed</status></task-notification>"
    return st.sampled_from(
        [
            line("ai-title", None, session=session, aiTitle=f"title {number}"),
            line("custom-title", None, session=session, customTitle=f"my title {number}"),
            line("queue-operation", 50 + number, session=session, operation="enqueue", content=note, version=None),
            line("system", 70 + number, session=session, subtype="api_error", uuid=f"e-{number}"),
            result(f"t-{number}", 80 + number, session=session, toolUseResult={"agentId": f"a{number}"}),
        ]
    )


def write_tree(folder: Path, tree: dict[str, list[Json]]) -> None:
    for path, said in tree.items():
        write(folder / "projects" / path, *said)


def read_in_disorder(logs: Logs, folder: Path, random: Random) -> None:
    """All logs at once, in any order, in stretches and transactions of any size."""
    left = [logs.read(found.place) for found in find_logs(source(folder))]
    pending: list[Addition] = []
    while left:
        reader = random.choice(left)
        addition = next(reader, None)
        if addition is None:
            left.remove(reader)
        else:
            pending.append(addition)
        if random.random() < 0.4:
            steps.store(logs, pending)
            pending = []
        logs.block_bytes = random.choice([1, 300, 2000, 100_000])
    steps.store(logs, pending)


@pytest.fixture
def demo_tree(tmp_path: Path) -> Path:
    """A day of the demo's history."""
    write_history(tmp_path / "logs", datetime(2026, 11, 20, 12, tzinfo=UTC), days=1)
    return tmp_path / "logs"


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """One of everything that makes the store change its mind."""
    folder = tmp_path / "logs"
    said = [answer(f"m{number}", f"r{number}", at=number * 400, content=[call(f"t{number}")]) for number in range(6)]
    write(main_log(folder), prompt("go", 0), *said, line("ai-title", None, aiTitle="done"), b"not JSON\n")
    write(main_log(folder, TWO), *[forked(one, TWO) for one in said[:2]], answer("n1", None, at=5, session=TWO))
    aside = [of_agent("aside_question-1", one | {"requestId": "other"}) for one in said[:2]]
    write(agent_log(folder, "aside_question-1"), *aside, of_agent("aside_question-1", answer("q1", "rq")))
    late = [of_agent("a1", answer("m5", "r5", at=9000, output=5000)), of_agent("a1", answer("n2", "rn2", output=2))]
    write(agent_log(folder, "a1"), *late, of_agent("a1", answer("n2", "rn2", at=2000, model=UNPRICED)))
    agent_log(folder, "a1").with_suffix(".meta.json").write_text('{"agentType": "Explore", "toolUseId": "t1"}')
    return folder


# Exact however it was read.


@settings(max_examples=60)
@given(tree=trees(), random=st.randoms(use_true_random=False))
def test_any_order_and_any_batches_come_to_the_same_rows(
    new_database: NewDatabase, tree: dict[str, list[Json]], random: Random
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, plain, mixed = Path(name), new_database(), new_database()
        write_tree(folder, tree)
        ingest(folder, plain)
        with opened(mixed) as logs:
            read_in_disorder(logs, folder, random)
        assert answers(mixed) == truth(folder)
        assert quarters_are_sums(mixed)
        assert contents(mixed) == contents(plain)


@settings(max_examples=25)
@given(tree=trees(), cuts=st.lists(st.floats(0, 1), max_size=4))
def test_growing_logs_come_to_the_same_rows(
    new_database: NewDatabase, tree: dict[str, list[Json]], cuts: list[float]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, at_once, growing = Path(name, "all"), new_database(), new_database()
        write_tree(folder, tree)
        with opened(growing) as logs:
            for share in (*sorted(cuts), 1.0):
                for path, said in tree.items():
                    data = encode(*said)
                    write(folder / "projects" / path, data[: int(len(data) * share)])
                catch_up(logs, folder)
                assert answers(growing) == truth(folder)
        assert quarters_are_sums(growing)
        ingest(folder, at_once)
        assert contents(growing) == contents(at_once)


def test_the_demo_is_counted_as_the_oracle_counts_it(demo_tree: Path, new_database: NewDatabase) -> None:
    database = ingest(demo_tree, new_database())
    expected = truth(demo_tree)
    assert answers(database) == expected
    assert quarters_are_sums(database)
    assert len(expected) > 100
    assert len(by_model(expected)) > 2


def test_reading_twice_changes_nothing(small_tree: Path, new_database: NewDatabase) -> None:
    database = ingest(small_tree, new_database())
    before = contents(database)
    assert answers(database) == truth(small_tree)
    with opened(database) as logs:
        assert logs.search((source(small_tree),)) == []
        assert catch_up(logs, small_tree) == 0
    assert contents(database) == before
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE log SET offset_bytes = 0, mark = '', modified_ns = 0, lines = 0, skipped_lines = 0")
    ingest(small_tree, database)
    assert contents(database) == before


def test_a_rewritten_log_is_read_again_without_doubling(small_tree: Path, new_database: NewDatabase) -> None:
    database = ingest(small_tree, new_database())
    before = answers(database)
    log = main_log(small_tree)
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:3] + lines[4:]))
    ingest(small_tree, database)
    assert answers(database) == before, "what was counted stays, though its line is gone"
    ((count, skipped, restarts),) = query(
        database, f"SELECT lines, skipped_lines, restarts FROM log WHERE path = '{log}'"
    )
    assert (count, skipped, restarts) == (len(lines) - 1, 1, 1)


def test_a_log_that_is_mended_has_no_skipped_lines(tmp_path: Path, new_database: NewDatabase) -> None:
    log = write(main_log(tmp_path), b"broken\n", answer())
    database = ingest(tmp_path, new_database())
    select = "SELECT skipped_lines, skipped_first_offset, skipped_reason FROM log"
    assert query(database, select) == [(1, 0, "not valid JSON")]
    write(log, answer())
    ingest(tmp_path, database)
    assert query(database, select) == [(0, None, "")]


def test_history_outlives_its_logs(small_tree: Path, new_database: NewDatabase) -> None:
    database = ingest(small_tree, new_database())
    before = contents(database)
    shutil.rmtree(small_tree)
    ingest(small_tree, database)
    assert contents(database) == before


def test_an_append_within_the_same_tick_of_the_clock_is_noticed(tmp_path: Path, new_database: NewDatabase) -> None:
    log = write(main_log(tmp_path), answer("m1"))
    time_ns = log.stat().st_mtime_ns
    database = ingest(tmp_path, new_database())
    append(log, answer("m2"))
    os.utime(log, ns=(time_ns, time_ns))
    ingest(tmp_path, database)
    assert len(answers(database)) == 2


def test_a_run_that_was_stopped_inside_a_log_goes_on_with_it(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH_BYTES", 600)
    database, stop = new_database(), threading.Event()
    stop.set()
    with opened(database) as logs:
        logs.block_bytes = 300
        steps.catch_up(logs, (source(small_tree),), stop)
        assert 0 < len(answers(database)) < len(truth(small_tree))
        catch_up(logs, small_tree)
        assert answers(database) == truth(small_tree), "in the same run"
    other = new_database()
    with opened(other) as logs:
        logs.block_bytes = 300
        steps.catch_up(logs, (source(small_tree),), stop)
    ingest(small_tree, other)
    assert contents(other) == contents(database)


def test_whether_another_writes_is_known_without_waiting(new_database: NewDatabase) -> None:
    database = new_database()
    with opened(database) as logs, closing(open_writer(database)) as other:
        assert logs.store.is_free()
        other.execute("BEGIN IMMEDIATE")
        assert not logs.store.is_free()
        other.execute("ROLLBACK")
        assert logs.store.is_free()


class _WrittenByAnother(Store):
    def is_free(self) -> bool:
        return False


def test_while_another_writes_more_is_gathered_up_to_a_bound(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH_BYTES", 600)
    monkeypatch.setattr(steps, "MOST_BATCH_BYTES", 1500)
    sizes: dict[bool, list[int]] = {}
    for is_busy in (False, True):
        database = new_database()
        kind = _WrittenByAnother if is_busy else Store
        with closing(kind(open_writer(database), price, database)) as store:
            logs = Logs(store, block_bytes=300)
            *whole, _ = (told.bytes_read for told in steps.reading(logs, logs.search((source(small_tree),))))
        sizes[is_busy] = whole
        assert answers(database) == truth(small_tree)
    assert min(sizes[False]) >= 600
    assert min(sizes[True]) >= 1500
    assert max(sizes[False]) < min(sizes[True])


def test_the_last_line_of_a_copy_without_its_newline_counts_once_the_copy_is_at_rest(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    log, database = write(main_log(tmp_path), answer("m1"), answer("m2", at=2)), new_database()
    log.write_bytes(log.read_bytes().removesuffix(b"\n"))
    ingest(tmp_path, database)
    assert query(database, "SELECT message_id FROM response") == [("m1",)]
    status = log.stat()
    with opened(database) as logs:
        logs.now_ns = lambda: status.st_mtime_ns + REST_NS
        assert (catch_up(logs, tmp_path), catch_up(logs, tmp_path)) == (1, 0)
    log.write_bytes(log.read_bytes() + b"\n")
    append(log, answer("m3", at=3))
    ingest(tmp_path, database)
    assert query(database, "SELECT message_id FROM response ORDER BY 1") == [("m1",), ("m2",), ("m3",)]


def test_an_agent_inside_its_session_s_log_goes_on_under_its_name(tmp_path: Path, new_database: NewDatabase) -> None:
    log = write(main_log(tmp_path))
    began = [
        inline("u1", None, prompt("look", 1)),
        inline("u2", "u1", answer("m1", at=2)),
        inline("v1", None, prompt("search", 3)),
    ]
    more = [inline("u3", "u2", answer("m2", at=4)), inline("v2", "v1", answer("m3", at=5))]
    grown, at_once = new_database(), new_database()
    for said in (began, more[:1], more[1:]):
        append(log, *said)
        ingest(tmp_path, grown)
    ingest(tmp_path, at_once)
    assert query(at_once, "SELECT DISTINCT agent_id FROM agent ORDER BY 1") == [("u1",), ("v1",)]
    assert contents(grown) == contents(at_once)


def test_inline_agents_are_told_apart_also_around_a_record_without_an_id(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    nameless = {key: value for key, value in inline("", "u1", answer("m1", at=2)).items() if key != "uuid"}
    said = [inline("u1", None, prompt("look", 1)), nameless, inline("v1", None, prompt("search", 3)),
            inline("v2", "v1", answer("m2", at=4))]  # fmt: skip
    write(main_log(tmp_path), *said)
    database = ingest(tmp_path, new_database())
    assert {one.message: one.home[1] for one in answers(database)} == {"m1": "u1", "m2": "v1"}


# Corrections.


def test_a_later_line_corrects_what_is_stored(tmp_path: Path, new_database: NewDatabase) -> None:
    database, log = new_database(), write(main_log(tmp_path), answer(at=0, output=2, stop=None))
    with opened(database) as logs:
        catch_up(logs, tmp_path)
        assert query(database, "SELECT at_ms, output_tokens, is_lower_bound FROM response") == [(ms(0), 2, 1)]
        append(log, answer(at=1000, output=70, model=UNPRICED))
        catch_up(logs, tmp_path)
    rows = query(database, "SELECT at_ms, output_tokens, is_lower_bound, cost_pico_usd FROM response")
    assert rows == [(ms(1000), 70, 0, None)]
    assert query(database, "SELECT quarter_ms, responses, unpriced_responses FROM usage_quarter") == [(ms(900), 1, 1)]


def test_answers_that_turn_out_to_be_one_are_merged(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    write(main_log(tmp_path), answer("m", None, at=0))
    write(main_log(tmp_path, TWO), answer("m", None, at=1000, session=TWO))
    write(agent_log(tmp_path, "a1"), of_agent("a1", answer("m", None, at=2000)))
    ingest(tmp_path, database)
    assert len(answers(database)) == 3
    append(main_log(tmp_path, TWO), answer("m", None, at=2000, session=TWO))
    ingest(tmp_path, database)
    assert answers(database) == truth(tmp_path)
    assert len(answers(database)) == 2
    append(main_log(tmp_path), answer("m", None, at=1000))
    ingest(tmp_path, database)
    assert answers(database) == truth(tmp_path)
    assert len(answers(database)) == 1
    assert quarters_are_sums(database)


def test_a_replay_that_came_first_goes_when_its_answer_comes(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    replay = answer("m", "other", at=5)
    write(agent_log(tmp_path, "aside_question-1"), of_agent("aside_question-1", replay))
    ingest(tmp_path, database)
    assert len(answers(database)) == 1
    write(main_log(tmp_path), answer("m", "r"))
    ingest(tmp_path, database)
    assert [found.request for found in answers(database)] == ["r"]
    assert quarters_are_sums(database)


def test_iterations_are_rows_of_their_own(tmp_path: Path, new_database: NewDatabase) -> None:
    iterations = [{"type": "compaction", "output_tokens": 9}, {"type": "advisor_message", "model": UNPRICED}]
    write(main_log(tmp_path), answer(used=usage(5, iterations=iterations)))
    database = ingest(tmp_path, new_database())
    rows = query(database, "SELECT part, part_kind, output_tokens, cost_pico_usd IS NULL FROM response ORDER BY part")
    assert rows == [(0, "", 5, 0), (1, "compaction", 9, 0), (2, "advisor_message", 0, 1)]
    assert query(database, "SELECT sum(responses), sum(unpriced_responses) FROM usage_quarter") == [(1, 1)]
    append(main_log(tmp_path), answer(at=1, output=6))
    ingest(tmp_path, database)
    assert query(database, "SELECT part, output_tokens FROM response") == [(0, 6)]
    assert quarters_are_sums(database)


def test_a_title_given_later_replaces_the_one_before(tmp_path: Path, new_database: NewDatabase) -> None:
    database, log = new_database(), write(main_log(tmp_path), prompt("first", 1), prompt("second", 2))
    titles = []
    with opened(database) as logs:
        for title in ("", "one", "Über All"):
            if title:
                append(log, line("custom-title", None, customTitle=title))
            catch_up(logs, tmp_path)
            titles += query(database, "SELECT title, title_rank, title_key FROM session")
    assert titles == [("first", 1, "first"), ("one", 5, "one"), ("Über All", 5, "über all")]


def test_a_log_without_conversation_makes_no_session(tmp_path: Path, new_database: NewDatabase) -> None:
    write(main_log(tmp_path), {"type": "summary", "summary": "of another", "leafUuid": "x"}, {"type": "mode"})
    write(main_log(tmp_path, TWO), {"type": "file-history-snapshot"}, answer(session=TWO))
    database = ingest(tmp_path, new_database())
    assert query(database, "SELECT session_id FROM session") == [(TWO,)]


def test_the_largest_counts_are_summed_exactly(tmp_path: Path, new_database: NewDatabase) -> None:
    most = usage(10**8, input_tokens=10**8, cache_read_input_tokens=10**8, cache_creation=None)
    write(main_log(tmp_path), *[answer(f"m{number}", used=most) for number in range(50)])
    database = ingest(tmp_path, new_database())
    assert answers(database) == truth(tmp_path)
    assert query(database, "SELECT typeof(sum(output_tokens)), sum(responses) FROM usage_quarter") == [("integer", 50)]


# Crashes.


class Crash(BaseException):
    """The program ends here."""


class Breakable:
    """A connection that breaks at its n-th statement."""

    def __init__(self, connection: sqlite3.Connection, error: BaseException, statements: int) -> None:
        self._connection, self._error = connection, error
        self.left = statements

    def execute(self, *args: Any) -> sqlite3.Cursor:
        self._count(args[0])
        return self._connection.execute(*args)

    def executemany(self, *args: Any) -> sqlite3.Cursor:
        self._count(args[0])
        return self._connection.executemany(*args)

    def _count(self, sql: str) -> None:
        if sql == "ROLLBACK":
            return
        self.left -= 1
        if self.left == 0:
            raise self._error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def breakable(database: Path, error: BaseException, statements: int) -> tuple[Breakable, Logs]:
    connection = Breakable(open_writer(database), error, statements)
    logs = Logs(Store(connection, price, database), block_bytes=900)  # type: ignore[arg-type]
    return connection, logs


def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH_BYTES", 1500)
    expected = contents(ingest(small_tree, new_database()))
    total, logs = breakable(new_database(), Crash(), 10**9)
    catch_up(logs, small_tree)
    logs.store.close()
    statements = 10**9 - total.left
    assert statements > 60
    database = new_database()
    for statement in range(1, statements + 1):
        fresh = database.with_name("fresh.db")
        shutil.copy(database, fresh)
        _, logs = breakable(fresh, Crash(), statement)
        with closing(logs.store), pytest.raises(Crash):
            catch_up(logs, small_tree)
        ingest(small_tree, fresh)
        assert contents(fresh) == expected
        assert quarters_are_sums(fresh)


def test_a_failed_statement_is_made_good_by_the_same_run(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH_BYTES", 1500)
    expected = contents(ingest(small_tree, new_database()))
    database = new_database()
    for statement in range(1, 200, 5):
        fresh = database.with_name("fresh.db")
        shutil.copy(database, fresh)
        _, logs = breakable(fresh, sqlite3.OperationalError("disk I/O error"), statement)
        with closing(logs.store):
            with suppress(sqlite3.OperationalError):
                catch_up(logs, small_tree)
            catch_up(logs, small_tree)
        assert contents(fresh) == expected


def test_a_crash_while_pricing_loses_and_doubles_nothing(small_tree: Path, new_database: NewDatabase) -> None:
    expected = contents(ingest(small_tree, new_database()))
    for priced in range(1, 9):
        database, calls = new_database(), iter(range(1, 1000))

        def failing(usage: BilledUsage, at_ms: int, last: int = priced, calls: Iterator[int] = calls) -> Price:
            if next(calls) == last:
                raise Crash
            return price(usage, at_ms)

        with closing(Store(open_writer(database), failing, database)) as store, pytest.raises(Crash):
            catch_up(Logs(store), small_tree)
        assert answers(database) == []
        ingest(small_tree, database)
        assert contents(database) == expected


def start(database: Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "error", "-m", "tests.kit.stores", str(database), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("transactions", [1, 4])
def test_a_killed_process_loses_and_doubles_nothing(
    demo_tree: Path, new_database: NewDatabase, transactions: int
) -> None:
    database = new_database()
    with start(database, demo_tree) as process:
        assert process.stdout is not None
        for _ in range(transactions):
            assert process.stdout.readline() == b"stored\n"
        process.kill()
    assert answers(database) != truth(demo_tree)
    ingest(demo_tree, database)
    assert contents(database) == contents(ingest(demo_tree, new_database()))


# Many at once.


def test_processes_that_read_the_same_logs_at_once_count_them_once(
    small_tree: Path, tmp_path: Path, new_database: NewDatabase
) -> None:
    database = tmp_path / "state" / "one for all.db"
    processes = [start(database, small_tree) for _ in range(3)]
    for process in processes:
        with process:
            process.communicate()
        assert process.returncode == 0
    assert contents(database) == contents(ingest(small_tree, new_database()))
    assert quarters_are_sums(database)


def test_programs_that_make_a_database_at_once_wait_for_each_other(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tokentui.store.database import open_writer\n"
        "import tokentui.store.schema.migrations; print('ready', flush=True)\n"
        "for name in sys.stdin: open_writer(Path(name.strip())).close(); print(name, end='', flush=True)"
    )
    names = [f"{tmp_path / str(number)}.db\n" for number in range(30)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with ExitStack() as running:
        programs = [
            running.enter_context(subprocess.Popen([sys.executable, "-c", code], **pipes))  # type: ignore[call-overload]
            for _ in range(4)
        ]
        assert [program.stdout.readline() for program in programs] == ["ready\n"] * 4
        for name in names:
            for program in programs:
                program.stdin.write(name)
                program.stdin.flush()
            assert [program.stdout.readline() for program in programs] == [name] * 4
        for program in programs:
            program.stdin.close()


def test_threads_that_read_the_same_logs_at_once_count_them_once(
    demo_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH_BYTES", 50_000)
    database, barrier, seen = new_database(), threading.Barrier(2), list[int]()
    expected = truth(demo_tree)

    def run(block_bytes: int) -> None:
        with opened(database) as logs:
            logs.block_bytes = block_bytes
            barrier.wait(30)
            catch_up(logs, demo_tree)
            seen.append(len(answers(database)))

    threads = [threading.Thread(target=run, args=(block_bytes,)) for block_bytes in (20_000, 33_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [len(expected)] * 2, "whoever caught up has all of it, though another read part of it"
    assert contents(database) == contents(ingest(demo_tree, new_database()))


def test_a_log_that_another_process_read_further_is_read_on_from_there(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    database, log = new_database(), write(main_log(tmp_path), answer("m1"))
    with opened(database) as mine, opened(database) as other:
        (found,) = mine.search((source(tmp_path),))
        read = list(mine.read(found.place))
        append(log, answer("m2"))
        catch_up(other, tmp_path)
        added = steps.store(mine, read)
        assert (added.new_responses, added.outrun) == (0, (str(log),))
        append(log, answer("m3"))
        catch_up(mine, tmp_path)
    assert answers(database) == truth(tmp_path)


def test_catching_up_ends_only_when_all_is_stored_whoever_read_it(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    with opened(database) as mine, opened(database) as other:
        other.block_bytes = 700
        started = [other.read(found.place) for found in other.search((source(small_tree),))]
        add = mine.store.add

        def outrun_first(additions: Sequence[Addition]) -> Added:
            monkeypatch.undo()
            steps.store(other, [next(reader) for reader in started])
            return add(additions)

        monkeypatch.setattr(mine.store, "add", outrun_first)
        catch_up(mine, small_tree)
        assert answers(database) == truth(small_tree)


def test_readers_see_the_whole_of_a_write_or_nothing_of_it(small_tree: Path, new_database: NewDatabase) -> None:
    database = new_database()
    seen: list[int] = []
    with closing(open_reader(database)) as one, closing(open_reader(database)) as two:

        def count(connection: sqlite3.Connection) -> int:
            return int(connection.execute("SELECT count(*) FROM response").fetchone()[0])

        def watched(usage: BilledUsage, at_ms: int) -> Price:
            seen.extend((count(one), count(two)))
            return price(usage, at_ms)

        two.execute("BEGIN")
        count(two)
        with closing(Store(open_writer(database), watched, database)) as store:
            catch_up(Logs(store), small_tree)
        assert set(seen) == {0}
        assert count(one) == len(truth(small_tree))
        assert count(two) == 0, "its transaction began before"
        two.execute("ROLLBACK")
        assert count(two) == len(truth(small_tree))
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            one.execute("DELETE FROM response")


# A disk that is full, a log that cannot be read.


def test_a_full_disk_is_told_and_then_everything_goes_on(
    demo_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH_BYTES", 50_000)
    database = new_database()
    connection = open_writer(database)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 40}")
    logs = Logs(Store(connection, price, database), block_bytes=20_000)
    with closing(logs.store):
        with pytest.raises(sqlite3.OperationalError, match="full") as failure:
            catch_up(logs, demo_tree)
        assert "free some space" in explained(database, failure.value)
        assert 0 < len(answers(database)) < len(truth(demo_tree))
        assert quarters_are_sums(database)
        connection.execute(f"PRAGMA max_page_count = {10**9}")
        catch_up(logs, demo_tree)
    assert contents(database) == contents(ingest(demo_tree, new_database()))


def test_a_log_that_cannot_be_read_is_named_until_it_can(tmp_path: Path, new_database: NewDatabase) -> None:
    write(main_log(tmp_path), answer("m1"))
    log = write(main_log(tmp_path, TWO), answer("m2", session=TWO))
    database = new_database()
    errors = f"SELECT error FROM log WHERE path = '{log}'"
    with opened(database) as logs:
        log_place = next(found.place for found in logs.search((source(tmp_path),)) if found.place.path == str(log))
        log.unlink()
        assert list(logs.read(log_place)) == [], "vanished"
        assert logs.failures == {}
        log.mkdir()
        assert list(logs.read(log_place)) == []
        assert logs.failures == {str(log): "Is a directory"}
        log.rmdir()
        logs.search((source(tmp_path),))
        assert logs.failures == {}, "gone for good"
        log.mkdir()
        assert list(logs.read(log_place)) == []
        assert query(database, errors) == [("Is a directory",)]
        log.rmdir()
        write(log, answer("m2", session=TWO))
        catch_up(logs, tmp_path)
        assert logs.failures == {}
    assert query(database, errors) == [("",)]
    assert answers(database) == truth(tmp_path)


# Databases that cannot be used.


def refusal(path: Path, opening: Callable[[Path], sqlite3.Connection] = open_writer) -> str:
    with pytest.raises(StoreError) as failure:
        opening(path)
    told = str(failure.value)
    assert str(path) in told
    assert "\n" not in told
    return told


def changed(database: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return database


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = changed(tmp_path / "other.db", "CREATE TABLE precious (x)")
    before = path.read_bytes()
    for opening in (open_writer, open_reader):
        assert "another program" in refusal(path, opening)
    assert path.read_bytes() == before


def test_a_newer_database_is_left_alone(new_database: NewDatabase) -> None:
    path = changed(new_database(), f"PRAGMA user_version = {CURRENT_VERSION + 1}")
    for opening in (open_writer, open_reader):
        assert "newer tokentui" in refusal(path, opening)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and long enough to have a header\n" * 100)
    for opening in (open_writer, open_reader):
        assert "is not a database" in refusal(path, opening)


def test_a_damaged_database_is_told_when_it_shows(demo_tree: Path, new_database: NewDatabase) -> None:
    path = ingest(demo_tree, new_database())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    with pytest.raises((sqlite3.DatabaseError, StoreError)) as failure:
        ingest(demo_tree, path)
    told = str(failure.value) if isinstance(failure.value, StoreError) else explained(path, failure.value)
    assert "is damaged" in told
    assert "move it away" in told


def test_a_database_that_cannot_be_written(new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    connect: Any = sqlite3.connect

    def protected(name: str, **options: Any) -> Any:
        return connect(name.replace("mode=rw", "mode=ro"), **options)

    path = new_database()
    monkeypatch.setattr(sqlite3, "connect", protected)
    assert "cannot be written; check its permissions" in refusal(path)


def test_a_locked_database(new_database: NewDatabase) -> None:
    path = new_database()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked by another program" in refusal(path, lambda path: open_writer(path, timeout_seconds=0.01))
        open_reader(path).close()
        other.execute("ROLLBACK")
    open_writer(path).close()


@pytest.mark.timeout(8)  # a program's usual patience is longer
def test_an_older_database_that_is_locked_is_waited_for_no_longer_than_was_asked(tmp_path: Path) -> None:
    path = changed(tmp_path / "old.db", "PRAGMA journal_mode = WAL", f"PRAGMA application_id = {APPLICATION_ID}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked by another program" in refusal(path, lambda path: open_writer(path, timeout_seconds=0.01))


def test_a_file_that_is_refused_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and long enough to have a header\n" * 100)
    before = os.listdir("/dev/fd")  # noqa: PTH208 - what a path object lists is open itself
    with pytest.raises(StoreError, match="is not a database") as kept:  # with it, whatever its frames hold
        open_reader(path)
    assert len(os.listdir("/dev/fd")) == len(before)  # noqa: PTH208
    assert kept.value.__traceback__ is not None


@pytest.mark.parametrize("name", ["mfuller", "locked-room", "malformed", "readonly"])
def test_words_of_the_path_say_nothing_about_what_is_wrong(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    told = refusal(tmp_path / name / "state.db")
    mend = "check its directory, or set TOKENTUI_HOME to another one"
    assert told == f"{tmp_path / name / 'state.db'} cannot be opened ({tmp_path / name} is no directory); {mend}"


@pytest.mark.parametrize(("free_bytes", "said"), [(0, "the disk is full; free some space"), (1, "(disk I/O error)")])
def test_an_io_error_on_a_full_disk_is_told_as_such(tmp_path: Path, free_bytes: int, said: str) -> None:
    assert said in explained(tmp_path / "state.db", sqlite3.OperationalError("disk I/O error"), lambda _: free_bytes)


def test_a_full_disk_is_named_where_the_directory_cannot_be_made(tmp_path: Path) -> None:
    told = explained(tmp_path / "state.db", OSError(errno.ENOSPC, "No space left on device", str(tmp_path)))
    assert "the disk is full" in told


@pytest.mark.parametrize("opening", [open_writer, open_reader])
def test_a_directory_in_its_place(tmp_path: Path, opening: Callable[[Path], sqlite3.Connection]) -> None:
    path = tmp_path / "state.db"
    path.mkdir()
    assert f"{path} is a directory; move it away" in refusal(path, opening)


def test_a_file_in_place_of_the_state_directory(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    assert "cannot be opened" in refusal(tmp_path / "state" / "db")


def test_a_reader_before_there_is_anything(tmp_path: Path) -> None:
    assert "no data yet" in refusal(tmp_path / "none.db", open_reader)
    assert not (tmp_path / "none.db").exists()


# Migrations.


def schema(path: Path) -> dict[str, str]:
    return {str(name): str(sql) for name, sql in query(path, "SELECT name, sql FROM sqlite_master")}


def test_an_empty_file_becomes_a_database(tmp_path: Path, empty_database: Path) -> None:
    path = tmp_path / "new" / "state.db"
    path.parent.mkdir()
    path.touch()
    open_writer(path).close()
    assert schema(path) == schema(empty_database)
    assert query(path, "PRAGMA journal_mode") == [("wal",)]
    assert query(path, "PRAGMA user_version") == [(CURRENT_VERSION,)]


with closing(sqlite3.connect(":memory:")) as _empty:
    NAMES = [migration.name for migration in migrations.pending(Database(_empty))]


@pytest.mark.parametrize("version", range(1, len(NAMES)))
def test_each_older_schema_is_brought_up_to_date_with_what_is_in_it(
    tmp_path: Path, empty_database: Path, version: int
) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.apply(Database(connection), stop_before=NAMES[version])
        connection.execute("INSERT INTO source (path) VALUES ('/kept')")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
    assert "run `tokentui ingest`" in refusal(path, open_reader)
    open_writer(path).close()
    assert schema(path) == schema(empty_database)
    assert query(path, "SELECT path FROM source") == [("/kept",)]


def test_versions_are_counted_by_migrations() -> None:
    assert len(NAMES) == CURRENT_VERSION


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.db"

    def failing(_: Database) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    last = migrations._migrations[-1]
    with monkeypatch.context() as patch:
        patch.setattr(last, "fn", failing)
        assert "the disk is full" in refusal(path)
    assert schema(path) == {}
    open_writer(path).close()


def test_programs_that_start_at_once_migrate_one_after_the_other(tmp_path: Path, empty_database: Path) -> None:
    path, barrier, failures = tmp_path / "state.db", threading.Barrier(4), list[BaseException]()

    def run() -> None:
        barrier.wait(30)
        try:
            open_writer(path).close()
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert schema(path) == schema(empty_database)


@pytest.mark.parametrize("most_at_once", [0, 20_000])
def test_news_is_seen_however_many_logs_were_ever_read(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch, most_at_once: int
) -> None:
    monkeypatch.setattr(news, "_MOST_AT_ONCE", most_at_once)
    with closing(open_reader(ingest(small_tree, new_database()))) as reader:
        assert not news.has_news(reader, (source(small_tree),))
        with log_paths(small_tree)[-1].open("ab") as log:
            log.write(b"\n")
        assert news.has_news(reader, (source(small_tree),))


@pytest.mark.parametrize("note", ['{"agentType": "Plan"}', "{"])
@pytest.mark.parametrize("most_at_once", [0, 20_000])
def test_what_tells_of_an_agent_is_news_once_also_after_its_last_line(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch, most_at_once: int, note: str
) -> None:
    monkeypatch.setattr(news, "_MOST_AT_ONCE", most_at_once)
    database, late = new_database(), agent_log(small_tree, "aside_question-1").with_suffix(".meta.json")
    ingest(small_tree, database)
    late.write_text(note)
    with closing(open_reader(database)) as reader:
        assert news.has_news(reader, (source(small_tree),))
        ingest(small_tree, database)
        assert not news.has_news(reader, (source(small_tree),))
    types = [("Explore",), *([("Plan",)] if note != "{" else [])]
    assert query(database, "SELECT agent_type FROM agent_link WHERE kind = 'meta' ORDER BY 1") == types
