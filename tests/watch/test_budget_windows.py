"""Windows of budgets and moments of ranges, on days of 23, 24 and 25 hours and in odd zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.queries.typed_moments import SpanError, parse_since, parse_until
from tokentui.watch.budget_windows import window_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana",
         "America/St_Johns", "Pacific/Apia", "Africa/Cairo")  # fmt: skip
KEYS = st.sampled_from(ZONES).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "now", "start", "end"),
    [
        ("day", "2026-11-22T10:00", "2026-11-21T23:00", "2026-11-22T23:00"),
        ("day", "2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00"),  # 23 hours
        ("day", "2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00"),  # 25 hours
        ("day", "2026-10-25T22:59:59", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("day", "2026-10-25T23:00", "2026-10-25T23:00", "2026-10-26T23:00"),
        ("week", "2026-11-22T10:00", "2026-11-15T23:00", "2026-11-22T23:00"),
        ("week", "2026-03-27T10:00", "2026-03-22T23:00", "2026-03-29T22:00"),
        ("month", "2026-03-31T21:59", "2026-02-28T23:00", "2026-03-31T22:00"),
        ("month", "2026-12-31T23:30", "2026-12-31T23:00", "2027-01-31T23:00"),
        ("rolling 5h", "2026-10-25T02:00", "2026-10-24T21:00", "2026-10-25T02:00"),
    ],
)
def test_windows_in_berlin(window: str, now: str, start: str, end: str) -> None:
    assert window_of(window, utc(now), BERLIN) == (utc(start), utc(end))


def test_a_week_may_begin_on_any_day() -> None:
    sunday = window_of("week", utc("2026-11-22T10:00"), ZoneInfo("UTC"), week_start=6)
    assert sunday == (utc("2026-11-22T00:00"), utc("2026-11-29T00:00"))
    saturday = window_of("week", utc("2026-11-22T10:00"), ZoneInfo("UTC"), week_start=5)
    assert saturday == (utc("2026-11-21T00:00"), utc("2026-11-28T00:00"))


def test_a_midnight_that_the_clock_skips_is_its_first_moment() -> None:
    cairo = ZoneInfo("Africa/Cairo")  # the clock goes from 00:00 to 01:00 on the last Friday of April
    start, end = window_of("day", utc("2026-04-24T12:00"), cairo)
    assert start.astimezone(cairo).isoformat() == "2026-04-24T01:00:00+03:00"
    assert end - start == timedelta(hours=23)


def test_another_window_is_refused() -> None:
    with pytest.raises(ValueError, match="no window"):
        window_of("year", utc("2026-11-22T10:00"), BERLIN)


@given(st.sampled_from(("day", "week", "month")), MOMENTS, KEYS, st.integers(0, 6))
def test_windows_hold_their_moment_and_meet_end_to_end(
    window: str, now: datetime, zone: ZoneInfo, week_start: int
) -> None:
    start, end = window_of(window, now, zone, week_start)
    assert start <= now < end
    assert window_of(window, end, zone, week_start)[0] == end
    assert window_of(window, end - timedelta(microseconds=1), zone, week_start) == (start, end)


NOW = utc("2026-10-25T10:30")


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("today", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("Yesterday", "2026-10-23T22:00", "2026-10-24T22:00"),
        ("2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("20260329", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("2h", "2026-10-25T08:30", "2026-10-25T08:30"),
        ("7d", "2026-10-18T10:30", "2026-10-18T10:30"),
        ("90 m", "2026-10-25T09:00", "2026-10-25T09:00"),
        ("1w", "2026-10-18T10:30", "2026-10-18T10:30"),
        ("2026-11-22T14:30", "2026-11-22T13:30", "2026-11-22T13:30"),
        ("2026-11-22 14:30:15", "2026-11-22T13:30:15", "2026-11-22T13:30:15"),
        ("2026-11-22T14:30+05:45", "2026-11-22T08:45", "2026-11-22T08:45"),
        ("2026-11-22T14:30Z", "2026-11-22T14:30", "2026-11-22T14:30"),
    ],
)
def test_moments_as_people_write_them(text: str, since: str, until: str) -> None:
    assert parse_since(text, NOW, BERLIN) == utc(since)
    assert parse_until(text, NOW, BERLIN) == utc(until)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-02-30", "999999w", "9999-12-31", "5", "-2h", "2026"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(SpanError, match="expected a day"):
        parse_until(text, NOW, BERLIN)
