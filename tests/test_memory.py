"""Memory that is free goes back to the system, where the system can be asked to take it."""

from __future__ import annotations

import sys

import pytest

from tokentui.memory import give_back


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_giving_back_is_safe_everywhere(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    give_back()
