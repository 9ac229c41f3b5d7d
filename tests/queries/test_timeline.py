"""A session's agents over time: stretches, and how many at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.kit.insight import said, store_of, used
from tests.kit.log_lines import ONE, START_AT, call, of_agent, result
from tests.kit.stores import NewDatabase
from tokentui.queries.session.timeline import most_at_once, session_timeline


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_a_fan_out_is_a_shape(tmp_path: Path, new_database: NewDatabase) -> None:
    main = [
        said(1, 0, used(), content=[call("c1", "Agent"), call("c2", "Agent")], stop="tool_use"),
        result("c1", 300),
        result("c2", 400),
        said(2, 405, used()),
        said(3, 1_000, used()),
    ]
    agents = {
        name: [of_agent(name, said(number, start, used())), of_agent(name, said(number + 1, start + 50, used()))]
        for number, name, start in ((10, "a1", 100), (20, "a2", 120))
    }
    with store_of(tmp_path, new_database(), {ONE: main}, agents) as reader:
        found = session_timeline(reader, ONE, 10)
        assert session_timeline(reader, "x").lanes == ()
    assert [lane.agent_id for lane in found.lanes] == ["", "a1", "a2"]
    assert [(one.start_at - START_AT, one.end_at - START_AT) for one in found.lanes[0].stretches] == [
        (seconds(0), seconds(405)), (seconds(1_000), seconds(1_000)),
    ]  # fmt: skip
    assert (found.start_at, found.end_at) == (START_AT, START_AT + seconds(1_000))
    assert found.at_once == (1, 3, 1, 1, 1, 0, 0, 0, 0, 1)
    assert found.most_at_once == 3


SPANS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 200)).map(lambda span: (span[0], sum(span))), min_size=1, max_size=12
)


@given(spans=SPANS, columns=st.integers(1, 40))
def test_the_most_at_once_is_that_of_any_moment(spans: list[tuple[int, int]], columns: int) -> None:
    start, end = min(first for first, _ in spans), max(last for _, last in spans)
    found = most_at_once(spans, start, end, columns)
    assert len(found) == columns
    moments = range(start, end + 1)
    assert max(found) == max(sum(first <= at <= last for first, last in spans) for at in moments)
