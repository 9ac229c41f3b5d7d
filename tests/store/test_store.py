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
from tokentui.ingest import batches, news
from tokentui.ingest import catch_up as steps
from tokentui.ingest.logs import Logs
from tokentui.store.database import explained, open_reader, open_writer
from tokentui.store.write import Addition, Store
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
            batches.store(logs, pending)
            pending = []
        logs.block_bytes = random.choice([1, 300, 2000, 100_000])
    batches.store(logs, pending)


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


# A disk that is full, a log that cannot be read.


def test_a_full_disk_is_told_and_then_everything_goes_on(
    demo_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 50_000)
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
