"""The arrangement: whatever the room and the wishes, panes fill it and never overlap."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.ui.chrome.layout import PANES, PaneId, arrange

SIZES = st.tuples(st.integers(40, 300), st.integers(10, 100))
SHOWN = st.sets(st.sampled_from(PANES), min_size=1).map(frozenset)


@given(SIZES, SHOWN)
def test_panes_fill_the_room_without_overlap(size: tuple[int, int], shown: frozenset[PaneId]) -> None:
    regions = arrange(*size, shown).regions
    assert set(regions) <= shown
    assert regions
    assert sum(region.area for region in regions.values()) == size[0] * size[1]
    assert not any(one.overlaps(other) for one, other in combinations(regions.values(), 2))


@given(SIZES, SHOWN)
def test_the_table_is_there_when_it_is_wanted_and_has_rows(size: tuple[int, int], shown: frozenset[PaneId]) -> None:
    arrangement = arrange(*size, shown | {"sessions"})
    frame = 2 if arrangement.frame == "box" else 1
    assert arrangement.regions["sessions"].height - frame - 1 >= 3


@given(SIZES, SHOWN, st.sampled_from(PANES))
def test_a_zoomed_pane_has_it_all(size: tuple[int, int], shown: frozenset[PaneId], zoomed: PaneId) -> None:
    regions = arrange(*size, shown, zoomed).regions
    assert list(regions) == [zoomed]
    assert regions[zoomed].size == size


@pytest.mark.parametrize(
    ("size", "panes", "frame"),
    [
        ((40, 9), ["headline", "sessions"], "rule"),  # a banner takes a line, and never the tiles
        ((40, 10), ["headline", "sessions"], "rule"),
        ((60, 16), ["headline", "budgets", "sessions"], "rule"),
        ((60, 17), ["headline", "budgets", "sessions"], "rule"),
        ((60, 18), ["headline", "budgets", "sessions"], "rule"),
        ((80, 22), ["headline", "chart", "models", "budgets", "sessions"], "rule"),
        ((120, 34), list(PANES), "box"),
        ((200, 48), list(PANES), "box"),
    ],
)
def test_what_is_seen_at_the_usual_sizes(size: tuple[int, int], panes: list[PaneId], frame: str) -> None:
    arrangement = arrange(*size, frozenset(PANES))
    assert [pane for pane in PANES if pane in arrangement.regions] == panes
    assert arrangement.frame == frame


@given(SIZES)
def test_every_pane_has_room_for_three_lines(size: tuple[int, int]) -> None:
    arrangement = arrange(*size, frozenset(PANES))
    for pane, region in arrangement.regions.items():
        around = {"none": 0, "rule": 1, "box": 2}[arrangement.frame_of(pane)]
        assert region.height - around >= 3
