"""A bar of shares in one line: who used how much of the whole."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.ui.charts.alphabet import BLOCK, Alphabet
from tokentui.ui.charts.scale import finite
from tokentui.ui.charts.segments import Row, Segment, joined


def share_bar(shares: Sequence[float | None], width: int, *, alphabet: Alphabet = BLOCK, patterns: bool = True) -> Row:
    """Parts side by side in exactly `width` cells, in the order and in proportion of `shares`.

    Every part above 0 gets a cell while there is room. Each place has its own fill, so that colour is not
    needed to tell neighbours apart. An empty track where there is nothing to share.
    """
    cells = share_cells(shares, width)
    if not any(cells):
        return joined([Segment(alphabet.track * max(width, 0), "track")])
    fills = alphabet.fills if patterns or alphabet.name == "ascii" else alphabet.fills[:1]
    return joined(
        Segment(fills[place % len(fills)] * count, f"series-{place % 6}") for place, count in enumerate(cells)
    )


def share_fill(place: int, alphabet: Alphabet = BLOCK) -> str:
    """The fill of a place in the bar, for its legend."""
    return alphabet.fills[place % len(alphabet.fills)]


def share_cells(shares: Sequence[float | None], width: int) -> tuple[int, ...]:
    """Whole cells for each share, adding up to `width`: by greatest remainder, and 1 for the smallest."""
    clean = [finite(share) or 0.0 for share in shares]
    most = max(clean, default=0.0)
    if most <= 0 or width < 1:
        return (0,) * len(clean)
    scaled = [share / most for share in clean]
    exact = [share / sum(scaled) * width for share in scaled]
    cells = [int(part) for part in exact]
    by_rest = sorted(range(len(cells)), key=lambda at: (int(exact[at]) - exact[at], at))
    for at in by_rest[: width - sum(cells)]:
        cells[at] += 1
    for at, share in enumerate(clean):
        if share > 0 and cells[at] == 0 and max(cells) > 1:
            cells[cells.index(max(cells))] -= 1
            cells[at] = 1
    return tuple(cells)
