"""The store: what is in it is exact, however logs were read, and a later line corrects it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.log_lines import (
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
    line,
    main_log,
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
    opened,
    price,
    quarters_are_sums,
    query,
    source,
    truth,
)
from tokentui.ingest import batches
from tokentui.ingest import catch_up as steps
from tokentui.ingest.logs import Logs
from tokentui.store.database import open_writer
from tokentui.store.write import Addition, Store
from tokentui.transcripts.found_logs import find_logs
from tokentui.transcripts.read import REST_NS

MODELS = st.sampled_from([MODEL, "claude-haiku-4-5", UNPRICED])


SECONDS = st.integers(0, 2400)


ITERATIONS = st.sampled_from([None, [], [{"type": "message"}], [{"type": "compaction", "input_tokens": 9}]])


@st.composite
def used(draw: st.DrawFn) -> Json:
    top, short = draw(st.sampled_from([0, 10, 300])), draw(st.sampled_from([0, 10]))
    parts = draw(st.sampled_from([None, {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": 0}]))
    output, read = draw(st.sampled_from([2, 3, 90, 90, 700])), draw(st.integers(0, 9))
    more = {"cache_creation_input_tokens": top, "cache_creation": parts, "cache_read_input_tokens": read}
    if draw(st.booleans()):
        return usage(output, iterations=draw(ITERATIONS), **more)
    whole, first = usage(output, **more), draw(st.integers(0, output))
    earlier: Json = {"type": "message", "output_tokens": first}
    last = whole | {"type": "message", "output_tokens": output - first}
    return whole | {"iterations": [earlier, last, {"type": "advisor_message", "model": MODEL, "output_tokens": 4}]}


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
            batches.store(logs, pending)
            pending = []
        logs.block_bytes = random.choice([1, 300, 2000, 100_000])
    batches.store(logs, pending)


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
    monkeypatch.setattr(batches, "BATCH_BYTES", 600)
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


@pytest.mark.parametrize("lines_before", [1, 2, 3])
def test_what_a_forked_agent_copied_is_known_in_a_later_run(
    tmp_path: Path, new_database: NewDatabase, lines_before: int
) -> None:
    log, database = agent_log(tmp_path, "a2"), new_database()
    write(agent_log(tmp_path, "a9"), of_agent("a9", answer("m1", "r1", output=900)))
    copy = of_agent("a2", answer("m1", "r1", output=3, stop=None))
    own = [of_agent("a2", prompt("go on", 6)), of_agent("a2", answer("m2", "r2", at=7))]
    said = [line("fork-context-ref", None, agentId="a2"), copy, *own]
    write(log, *said[:lines_before])
    ingest(tmp_path, database)
    append(log, *said[lines_before:])
    ingest(tmp_path, database)
    owners = "SELECT message_id, agent.agent_id FROM response JOIN agent ON agent.id = response.agent_id ORDER BY 1"
    assert query(database, owners) == [("m1", "a9"), ("m2", "a2")]


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
    monkeypatch.setattr(batches, "BATCH_BYTES", 600)
    monkeypatch.setattr(batches, "MOST_BATCH_BYTES", 1500)
    sizes: dict[bool, list[int]] = {}
    for is_busy in (False, True):
        database = new_database()
        kind = _WrittenByAnother if is_busy else Store
        with closing(kind(open_writer(database), price, database)) as store:
            logs = Logs(store, block_bytes=300)
            *whole, _ = (told.bytes_read for told in batches.reading(logs, logs.search((source(small_tree),))))
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
