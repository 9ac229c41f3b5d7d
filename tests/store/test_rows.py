"""What becomes of stored rows when later lines say more: agents, answers, replays, titles."""

from __future__ import annotations

from pathlib import Path

from tests.kit.log_lines import (
    TWO,
    agent_log,
    answer,
    append,
    inline,
    line,
    main_log,
    ms,
    of_agent,
    prompt,
    usage,
    write,
)
from tests.kit.stores import (
    UNPRICED,
    NewDatabase,
    answers,
    catch_up,
    contents,
    ingest,
    opened,
    quarters_are_sums,
    query,
    truth,
)


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


def test_a_placeholder_does_not_outdo_an_answer_of_several_prompts(tmp_path: Path, new_database: NewDatabase) -> None:
    whole = usage(90, input_tokens=4, cache_creation_input_tokens=0, cache_creation=None)
    sent = [whole | {"type": "message", "input_tokens": 3, "output_tokens": 85, "cache_read_input_tokens": 0}]
    sent += [whole | {"type": "message", "input_tokens": 1, "output_tokens": 5}]
    log, database = write(main_log(tmp_path), answer(used=whole | {"iterations": sent})), new_database()
    ingest(tmp_path, database)
    append(log, answer(at=1, output=8))
    ingest(tmp_path, database)
    rows = query(database, "SELECT part_kind, input_tokens, output_tokens FROM response ORDER BY part")
    assert rows == [("", 1, 5), ("message", 3, 85)]
    assert answers(database) == truth(tmp_path)


def test_a_session_is_on_the_branch_of_its_main_thread(tmp_path: Path, new_database: NewDatabase) -> None:
    database, branches = new_database(), []
    aside = of_agent("a1", answer("m2", "r2", at=9, gitBranch="worktree-a1"))
    for log, said in (
        (agent_log(tmp_path, "a1"), aside),
        (main_log(tmp_path), answer("m1", at=1, gitBranch="main")),
        (agent_log(tmp_path, "a2"), of_agent("a2", answer("m3", "r3", at=20, gitBranch="worktree-a2"))),
    ):
        write(log, said)
        ingest(tmp_path, database)
        branches += query(database, "SELECT branch FROM session")
    assert branches == [("worktree-a1",), ("main",), ("main",)]


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
