"""What all tests share: a still terminal, and pictures to compare with."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ["TEXTUAL_ANIMATIONS"] = "none"

PICTURES = Path(__file__).parent / "snapshots"
Compare = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="take the pictures drawn now for the right ones")


@pytest.fixture
def compare_picture(request: pytest.FixtureRequest) -> Compare:
    """Compare an SVG with the one of that name; look at it before you accept it with --update-snapshots."""

    def compare(name: str, svg: str) -> None:
        still = re.sub(r"terminal-\d+", "terminal", svg)
        expected = PICTURES / f"{name}.svg"
        if request.config.getoption("--update-snapshots"):
            PICTURES.mkdir(exist_ok=True)
            expected.write_text(still, encoding="utf-8")
            return
        assert expected.exists(), f"no picture {name}: run pytest --update-snapshots and look at it"
        if expected.read_text(encoding="utf-8") != still:
            drawn = expected.with_suffix(".new.svg")
            drawn.write_text(still, encoding="utf-8")
            pytest.fail(f"{name} looks different: compare {expected} with {drawn}")

    return compare
