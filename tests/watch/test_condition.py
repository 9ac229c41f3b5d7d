"""The state machine of the rules: what it may do, for any course of values and any clock."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.watch.condition import AGAIN_MS, CALM_MS, RELEASE_RATIO, Condition, State, step

HOLD_MS = 3_000
RATIOS = st.none() | st.floats(0, 5)
LOOKS = st.lists(st.tuples(st.integers(200, 5_000), RATIOS), max_size=60)


def course(looks: list[tuple[int, float | None]], hold_ms: int = HOLD_MS) -> list[tuple[int, float | None, Condition]]:
    """(time, ratio, condition after it) of looks given as (milliseconds since the one before, ratio)."""
    condition, now_ms, found = Condition(), 1_000_000, []
    for pause_ms, ratio in looks:
        now_ms += pause_ms
        condition = step(condition, ratio, now_ms, hold_ms)
        found.append((now_ms, ratio, condition))
    return found


def states(*ratios: float | None, hold_ms: int = HOLD_MS) -> list[State]:
    """One look a second."""
    return [condition.state for _, _, condition in course([(1_000, ratio) for ratio in ratios], hold_ms)]


def test_quiet_watch_alarm_over_quiet() -> None:
    assert states(0.2, 0.8, 1.0, 1.2, 1.1, 1.0) == ["quiet", "watch", "watch", "watch", "watch", "alarm"]
    assert states(1.0, hold_ms=0) == ["alarm"]
    assert states(1.0, None, hold_ms=0) == ["alarm", "over"]
    long_after = course([(1_000, 1.0), (1_000, None), (AGAIN_MS, 0.1)], hold_ms=0)
    assert [condition.state for *_, condition in long_after] == ["alarm", "over", "quiet"]


def test_a_blip_is_no_alarm() -> None:
    assert "alarm" not in states(1.5, 0.9, 1.5, 1.5, 0.9, 1.5)


def test_an_alarm_outlasts_a_dip() -> None:
    below = RELEASE_RATIO - 0.1
    assert states(1, below, below, 1, below, RELEASE_RATIO, below, hold_ms=0) == ["alarm"] * 7
    calm = states(1, *[below] * 25, hold_ms=0)
    assert calm.index("over") == CALM_MS // 1_000 + 1


def test_once_spend_stops_an_alarm_is_silent_at_once() -> None:
    assert states(3.0, None, hold_ms=0)[-1] == "over"


@pytest.mark.parametrize("ratio", [RELEASE_RATIO, 0.75, 0.99])
def test_what_is_watched_is_not_raised(ratio: float) -> None:
    assert "alarm" not in states(*[ratio] * 50, hold_ms=0)


def test_a_clock_set_back_neither_holds_nor_calms_for_ever() -> None:
    condition = step(Condition(), 1.0, 10_000_000, HOLD_MS)
    condition = step(condition, 1.0, 5_000_000, HOLD_MS)
    assert condition.state == "watch"
    condition = step(condition, 1.0, 5_000_000 + HOLD_MS, HOLD_MS)
    assert condition.state == "alarm"
    condition = step(condition, 0.1, 9_000_000, HOLD_MS)
    condition = step(condition, 0.1, 1_000_000, HOLD_MS)
    assert step(condition, 0.1, 1_000_000 + CALM_MS, HOLD_MS).state == "over"


@given(LOOKS, st.integers(0, 5_000))
def test_an_alarm_begins_only_after_the_condition_held_all_the_time(
    looks: list[tuple[int, float | None]], hold_ms: int
) -> None:
    found = course(looks, hold_ms)
    for place, (now_ms, _, condition) in enumerate(found):
        before = found[place - 1][2].state if place else "quiet"
        if condition.state == "alarm" and before != "alarm":
            held = [(at, ratio) for at, ratio, _ in found[: place + 1]]
            while held and (held[-1][1] or 0) >= 1:
                since_ms = held.pop()[0]
            assert now_ms - since_ms >= hold_ms


@given(LOOKS)
def test_states_follow_each_other_as_they_should(looks: list[tuple[int, float | None]]) -> None:
    allowed = {
        ("quiet", "quiet"), ("quiet", "watch"), ("watch", "watch"), ("watch", "quiet"), ("watch", "alarm"),
        ("alarm", "alarm"), ("alarm", "over"), ("over", "over"), ("over", "watch"), ("over", "quiet"),
        ("watch", "over"),
    }  # fmt: skip
    found = course(looks)
    assert all((one[2].state, other[2].state) in allowed for one, other in pairwise(found))


@given(LOOKS, st.floats(RELEASE_RATIO, 5))
def test_an_alarm_holds_while_the_value_stays_up(looks: list[tuple[int, float | None]], ratio: float) -> None:
    after = course([*looks, (1_000, 2.0), (5_000, 2.0), (60_000, ratio)])
    assert after[-1][2].state == "alarm"


@given(LOOKS)
def test_silence_ends_everything(looks: list[tuple[int, float | None]]) -> None:
    after = course([*looks, (1_000, None), (AGAIN_MS, None)])
    assert after[-2][2].state in ("quiet", "over")
    assert after[-1][2] == Condition()
