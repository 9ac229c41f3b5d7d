"""What the tests of the status line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.command_line import Output
from tests.kit.status_line import StatusLine, make_history


@pytest.fixture
def status_line(home: Path, monkeypatch: pytest.MonkeyPatch, output: Output) -> StatusLine:
    """Calls it as Claude Code does."""
    return StatusLine(monkeypatch, output)


@pytest.fixture
def history(home: Path, output: Output) -> Path:
    """A database with a session that has used something."""
    return make_history(home, output)
