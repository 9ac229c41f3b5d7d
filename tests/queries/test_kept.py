"""Answers that are kept while nothing has changed, and what tells that something has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.kit.insight import BOOK, read_tree, said, used
from tests.kit.log_lines import (
    ONE,
    START_AT,
    Json,
    agent_log,
    append,
    call,
    line,
    main_log,
    of_agent,
    prompt,
    result,
    write,
)
from tests.kit.stores import NewDatabase
from tokentui.queries.any_time import AnyTimeQuestions
from tokentui.queries.ask import StoredQuestions
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.kept_answers import PAUSES, Kept
from tokentui.queries.session.insight import session_mark
from tokentui.queries.session.parts import PartName
from tokentui.queries.session.timeline import Timeline
from tokentui.queries.session.tools import SessionTools
from tokentui.queries.session.turns import SessionTurns
from tokentui.store.database import StoreError
from tokentui.view import View

NOW = START_AT + timedelta(minutes=30)
PARTS: tuple[PartName, ...] = ("timeline", "turns", "cache", "tools", "context")


class Hours:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def worked_out(clock: Hours, seconds: float, answers: list[int]) -> Callable[[], int]:
    def work() -> int:
        clock.now += seconds
        answers.append(len(answers))
        return answers[-1]

    return work


def test_the_same_answer_while_nothing_has_changed() -> None:
    clock, answers = Hours(), list[int]()
    kept: Kept[int] = Kept(clock)
    for mark in ("a", "a", "b", "b"):
        kept.ask("question", mark, worked_out(clock, 0.001, answers))
    assert answers == [0, 1]
    assert kept.ask("another", "b", worked_out(clock, 0.001, answers)) == 2


def test_a_dear_answer_is_let_stand_for_a_while_and_no_longer() -> None:
    clock, answers = Hours(), list[int]()
    kept: Kept[int] = Kept(clock)
    work = worked_out(clock, 0.1, answers)
    assert kept.ask("question", "a", work) == 0
    clock.now += 0.1 * PAUSES - 0.01
    assert kept.ask("question", "b", work) == 0
    clock.now += 0.02
    assert kept.ask("question", "b", work) == 1
    assert kept.ask("another", "b", work) == 2, "another question never waits"


CHANGES: tuple[tuple[str, Json], ...] = (
    ("a response", said(2, 20, used(1_000))),
    ("its final count", said(1, 10, used(1_000, output=900))),
    ("a prompt", prompt("go on", 30)),
    ("a result", result("toolu_1", 25)),
    ("a compaction", line("system", 40, subtype="compact_boundary", uuid="c-1", compactMetadata={"trigger": "auto"})),
    ("a line without a time of its own", said(3, 20, used(1_000))),
)


@pytest.mark.parametrize(("what", "new"), CHANGES, ids=[what for what, _ in CHANGES])
def test_whatever_is_new_changes_the_mark(tmp_path: Path, new_database: NewDatabase, what: str, new: Json) -> None:
    database = new_database()
    first = said(1, 10, used(1_000, output=3), content=[call("toolu_1")])
    write(main_log(tmp_path), prompt("begin", 0), first)
    with read_tree(tmp_path, database) as reader:
        before = session_mark(reader, ONE)
        assert session_mark(reader, ONE) == before
    append(main_log(tmp_path), new)
    with read_tree(tmp_path, database) as reader:
        assert session_mark(reader, ONE) != before, what


def asked(database: Path) -> StoredQuestions:
    around = Circumstances(lambda: NOW, NOW.tzinfo, tuple, tuple, read_rates=lambda _: BOOK)  # type: ignore[arg-type]
    return AnyTimeQuestions(database, around)


def test_parts_are_the_very_same_until_something_is_new(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    write(main_log(tmp_path), prompt("begin", 0), said(1, 10, used(1_000), content=[call("toolu_1")]))
    with read_tree(tmp_path, database):
        pass
    ask = asked(database)
    for name in PARTS:
        first, second = ask.session_insight(ONE, name), ask.session_insight(ONE, name)
        assert first is not None
        assert second is not None
        assert first.part is second.part, name
        assert first.tree.agents is second.tree.agents
    append(main_log(tmp_path), result("toolu_1", 25), said(2, 30, used(2_000)))
    with read_tree(tmp_path, database):
        pass
    last = ask.session_insight(ONE, "turns")
    assert last is not None
    assert isinstance(last.part, SessionTurns)
    assert last.part.turns[0].responses == 2
    assert ask.session_insight("no such session", "turns") is None
    ask.close()


def test_what_a_session_came_to_is_let_go_once_no_picture_needs_it(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    write(main_log(tmp_path), prompt("begin", 0), said(1, 10, used(1_000)))
    with read_tree(tmp_path, database):
        pass
    ask = asked(database)
    opened = ask.session_insight(ONE, "context")
    ask.snapshot(View())
    still_open = ask.session_insight(ONE, "context")
    ask.snapshot(View())
    ask.snapshot(View())
    opened_again = ask.session_insight(ONE, "context")
    assert opened is not None and still_open is not None and opened_again is not None  # noqa: PT018
    assert still_open.part is opened.part
    assert opened_again.part is not opened.part
    ask.close()


def test_every_part_and_every_way_down_comes_to_the_tree(tmp_path: Path, new_database: NewDatabase) -> None:
    """Clocks out of order, no prompt before the first answer, an agent whose parent is nowhere."""
    database = new_database()
    lost = [of_agent("a9", said(7, 900, used(300))), of_agent("a9", said(8, 100, used(400)))]
    write(
        main_log(tmp_path), said(1, 50, used(1_000), content=[call("toolu_1"), call("toolu_2", "Read")]),
        result("toolu_1", 20), prompt("go on", 40), said(2, 30, used(2_000)), said(3, 700, used(5_000)),
    )  # fmt: skip
    write(agent_log(tmp_path, "a9"), *lost)
    with read_tree(tmp_path, database):
        pass
    ask = asked(database)
    turns, timeline, tools = (ask.session_insight(ONE, name) for name in ("turns", "timeline", "tools"))
    assert turns is not None and isinstance(turns.part, SessionTurns)  # noqa: PT018
    assert timeline is not None and isinstance(timeline.part, Timeline)  # noqa: PT018
    assert tools is not None and isinstance(tools.part, SessionTools)  # noqa: PT018
    whole = turns.tree.session.range_tokens
    assert whole.total == sum(agent.own_tokens.total for agent in turns.tree.agents) > 0
    assert whole.total == turns.tree.agents[0].inclusive_tokens.total
    assert whole.total == sum(turn.tokens.total for turn in turns.part.turns)
    drills = [ask.turn_responses(ONE, turn.number, 50) for turn in turns.part.turns]
    found = [response for drill in drills if drill is not None for response in drill.responses]
    assert sum(response.tokens.total for response in found) == whole.total
    assert {lane.agent_id for lane in timeline.part.lanes} == {"", "a9"}
    calls = [ask.tool_calls(ONE, "tool", figures.name, 50) for figures in tools.part.by_tool]
    assert sum(one.calls_in_all for one in calls if one is not None) == 2
    assert [call.response_id is not None for one in calls if one is not None for call in one.calls] == [True, True]
    assert ask.turn_responses(ONE, 99, 50) is None
    ask.close()


def test_of_a_history_that_was_deleted_nothing_is_told_any_more(new_database: NewDatabase) -> None:
    database = new_database()
    with closing(asked(database)) as questions:
        questions.snapshot(View())
        database.unlink()
        with pytest.raises(StoreError, match="was deleted while it was open"):
            questions.snapshot(View())
