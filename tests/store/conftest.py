"""Trees of logs that the tests of the store share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.kit.log_lines import (
    TWO,
    agent_log,
    answer,
    call,
    forked,
    line,
    main_log,
    of_agent,
    prompt,
    write,
)
from tests.kit.stores import (
    UNPRICED,
)
from tokentui.demo.player import write_history


@pytest.fixture
def demo_tree(tmp_path: Path) -> Path:
    """A day of the demo's history."""
    write_history(tmp_path / "logs", datetime(2026, 11, 20, 12, tzinfo=UTC), days=1)
    return tmp_path / "logs"


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """One of everything that makes the store change its mind."""
    folder = tmp_path / "logs"
    said = [answer(f"m{number}", f"r{number}", at=number * 400, content=[call(f"t{number}")]) for number in range(6)]
    write(main_log(folder), prompt("go", 0), *said, line("ai-title", None, aiTitle="done"), b"not JSON\n")
    write(main_log(folder, TWO), *[forked(one, TWO) for one in said[:2]], answer("n1", None, at=5, session=TWO))
    aside = [of_agent("aside_question-1", one | {"requestId": "other"}) for one in said[:2]]
    write(agent_log(folder, "aside_question-1"), *aside, of_agent("aside_question-1", answer("q1", "rq")))
    late = [of_agent("a1", answer("m5", "r5", at=9000, output=5000)), of_agent("a1", answer("n2", "rn2", output=2))]
    write(agent_log(folder, "a1"), *late, of_agent("a1", answer("n2", "rn2", at=2000, model=UNPRICED)))
    agent_log(folder, "a1").with_suffix(".meta.json").write_text('{"agentType": "Explore", "toolUseId": "t1"}')
    return folder
