"""Where prices come from, besides the installed library and the overlay."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokentui.pricing.overrides import Override


class PriceSources(NamedTuple):
    """The user's own prices, and price data that was fetched on request."""

    overrides: tuple[Override, ...] = ()
    """The user's own prices, from the configuration."""
    update_file: Path | None = None
    """Where fetched price data is kept, if there is any."""

    @property
    def update(self) -> Path | None:
        """The fetched price data, if there is any."""
        there = self.update_file is not None and os.path.isfile(self.update_file)  # noqa: PTH113 - the method raises
        return self.update_file if there else None
