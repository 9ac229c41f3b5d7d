"""Time zones by name and by rules, and `TZ` as it may be set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from tokentui.config.settings import ConfigError
from tokentui.config.zones import find_zone, named_zone, zone_called, zone_name

RULES = (
    "CET-1CEST,M3.5.0,M10.5.0/3", "EST5", "<+03>-3", "UTC0", "EST+5:30", "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
)  # fmt: skip


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """`TZ` may be set, for the C library too."""
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def offsets(zone: tzinfo | None) -> list[timedelta | None]:
    """Of every third day of forty years; None is the C library's zone."""
    moments = (datetime.fromtimestamp(day * 3 * 86_400 + day, zone) for day in range(4_870))
    return [(moment if zone else moment.astimezone()).utcoffset() for moment in moments]


@pytest.mark.parametrize("rules", RULES)
def test_rules_are_kept_as_the_c_library_keeps_them(system: pytest.MonkeyPatch, rules: str) -> None:
    system.setenv("TZ", rules)
    time.tzset()
    zone = find_zone("", {"TZ": rules})
    assert zone_name(zone) == rules
    assert offsets(zone) == offsets(None)


@pytest.mark.parametrize("name", ["Europe/Berlin", ":Europe/Berlin"])
def test_a_name_in_tz_is_that_zone(name: str) -> None:
    assert find_zone("", {"TZ": name}) == ZoneInfo("Europe/Berlin")


def test_rules_can_be_given_by_name_too() -> None:
    assert named_zone("EST5").utcoffset(datetime(2026, 7, 1)) == -timedelta(hours=5)


@pytest.mark.parametrize("name", ["Mars/Olympus", "CET-1CEST", "x\ny", "ü\udc80", "../../etc/passwd"])
def test_what_is_neither_is_told_once_with_the_variable(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are for whoever asked
        zone_called(name)
    with pytest.raises(ConfigError, match=r"the time zone in `TZ`, .* is not known: give a name such as Europe/Berlin"):
        find_zone("", {"TZ": name})
