"""The horizontal axis of things counted one by one: round numbers, as many as fit without touching."""

from __future__ import annotations

from dataclasses import dataclass

from tokentui.ui.charts.time_axis import TimeTick

_STEPS = tuple(digit * 10**power for power in range(9) for digit in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class CountAxis:
    """An axis of things counted from 1."""

    count: int

    def ticks(self, _buckets: int, columns: int) -> tuple[TimeTick, ...]:
        """The first, then round numbers, two columns or more apart."""
        if self.count < 1 or columns < 1:
            return ()
        cells = len(str(self.count)) + 2
        step = next((step for step in _STEPS if self.count / step * cells <= columns), _STEPS[-1])
        numbers = [1, *range(step if step > 1 else 2, self.count + 1, step)]
        ticks: list[TimeTick] = []
        for number in numbers:
            column = (2 * number - 1) * columns // (2 * self.count)
            if not ticks or column - ticks[-1].column >= cells:
                ticks.append(TimeTick(column, str(number)))
        return tuple(ticks)
