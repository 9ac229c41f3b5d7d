"""Budgets: sums by scope, bands, past windows, days of 23 and 25 hours, and the file they stand in."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.answer_logs import HAIKU, Answer, session_id, some_answers, write_logs
from tests.kit.canned import NOW as CANNED_NOW
from tests.kit.canned_budgets import DAY, standing
from tests.kit.stage import Stage
from tokentui.cli.budget.words import line_of
from tokentui.cli.printing.row_tables import row_cells
from tokentui.cli.statusline.parts import budget_part
from tokentui.config.load import load_settings
from tokentui.config.rewrite import delete_budget, write_budget
from tokentui.config.settings import DEFAULT_BUDGETS, Budget, ConfigError, Settings
from tokentui.config.watch import WatchedSettings
from tokentui.guard.windows import keep_windows
from tokentui.queries.budgets.spent import SpentSoFar, only_of, spent_between
from tokentui.queries.budgets.standing import BudgetQuestions, past_windows
from tokentui.queries.live.usual import average_day
from tokentui.records import Tokens
from tokentui.store.database import open_writer
from tokentui.watch.amounts import amount_text
from tokentui.watch.projection import how_reached, projection, runs_out_at

START = datetime(2026, 10, 20, tzinfo=UTC)
SPAN = timedelta(days=12)
NOW = START + SPAN
ANSWERS = some_answers(400, START, SPAN)
BERLIN = ZoneInfo("Europe/Berlin")
SPRINT = Budget("sprint", 3_000_000.0, "tokens", "day")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("budgets")
    stage = Stage(folder, Settings())
    with closing(stage):
        write_logs(stage.config_dir, ANSWERS)
        stage.read_all()
    return stage.database


@pytest.fixture(scope="module")
def store(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(database)) as connection:
        yield connection


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def in_scope(answer: Answer, scope: str) -> bool:
    kind, _, value = scope.partition(":")
    return {
        "everything": True,
        "project": value.lower() in answer.project.lower(),
        "model": value.lower() in answer.model.lower(),
        "session": answer.session.startswith(value),
        "agent": (answer.agent == "") == (value.lower() == "main"),
    }[kind]


SCOPES = ("everything", "project:Project-A", "model:opus", f"session:{session_id(1)[:8]}", "agent:main", "model:zzz")


# Sums.


@pytest.mark.parametrize("scope", SCOPES)
def test_sums_by_scope_are_those_of_the_logs(store: sqlite3.Connection, scope: str) -> None:
    moments = [
        START - timedelta(hours=1),
        START + timedelta(hours=7, minutes=4, seconds=3),
        NOW - timedelta(days=2),
        NOW,
    ]
    for start in moments:
        for end in moments:
            wanted = [a for a in ANSWERS if ms(start) <= ms(a.at) < ms(end) and in_scope(a, scope)]
            found = spent_between(store, only_of(store, scope), ms(start), ms(end))
            assert (found.tokens, found.fresh, found.responses) == (
                sum(a.tokens.total for a in wanted), sum(a.tokens.fresh for a in wanted), len(wanted),
            )  # fmt: skip


@given(st.integers(0, ms(NOW) - ms(START)), st.sampled_from(SCOPES))
def test_what_is_kept_between_two_looks_changes_no_sum(store: sqlite3.Connection, back_ms: int, scope: str) -> None:
    so_far = SpentSoFar(store)
    start = ms(NOW) - back_ms
    wanted = [a for a in ANSWERS if ms(a.at) >= start and in_scope(a, scope)]
    for second in range(3):
        assert so_far.since(scope, start, ms(NOW) + second * 1000).tokens == sum(a.tokens.total for a in wanted)


def test_an_apostrophe_or_a_percent_sign_is_only_text(store: sqlite3.Connection) -> None:
    for scope in ("project:it's", "model:%", "session:'; DROP TABLE response; --", 'agent:"x"'):
        assert spent_between(store, only_of(store, scope), 0, ms(NOW)).responses == 0


# Windows and bands.


@pytest.mark.parametrize(("day", "hours"), [("2026-10-25", 25), ("2026-10-24", 24)])
def test_a_day_budget_covers_the_local_day_when_the_clock_changes(
    store: sqlite3.Connection, day: str, hours: int
) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=BERLIN)
    found = BudgetQuestions(store, BERLIN, 0).now((SPRINT,), noon.astimezone(UTC))[0]
    assert found.end_at - found.start_at == timedelta(hours=hours)
    today = [a for a in ANSWERS if found.start_at <= a.at <= noon + timedelta(minutes=15) and a.at < found.end_at]
    assert found.spent == pytest.approx(sum(a.tokens.total for a in today), abs=0)
    assert found.elapsed_share == pytest.approx((12 + (hours - 24)) / hours)


def test_a_clock_set_back_a_day_counts_the_day_it_says(store: sqlite3.Connection) -> None:
    questions = BudgetQuestions(store, UTC, 0)
    ahead = questions.now((SPRINT,), NOW - timedelta(hours=1))[0]
    back = questions.now((SPRINT,), NOW - timedelta(hours=25))[0]
    assert ahead.start_at - back.start_at == timedelta(days=1)
    assert questions.now((SPRINT,), NOW - timedelta(hours=1))[0] == ahead


def test_a_band_is_spanned_by_its_paces(store: sqlite3.Connection) -> None:
    found = BudgetQuestions(store, UTC, 0).now((SPRINT,), NOW - timedelta(hours=6))[0]
    assert [pace.name for pace in found.projection.paces] == ["the last hour", "this window so far", "the last 7 days"]
    for pace in found.projection.paces:
        assert pace.reaches == pytest.approx(found.spent + 6 * pace.per_hour)
        assert found.projection.low <= pace.reaches <= found.projection.high
    said = how_reached(found, NOW - timedelta(hours=6))
    assert said.startswith("in the 6h00m left: at the pace of the last hour (")


def test_hours_that_move_along_project_to_a_whole_window(store: sqlite3.Connection) -> None:
    rolling = SPRINT._replace(window="rolling 5h")
    found = BudgetQuestions(store, UTC, 0).now((rolling,), NOW)[0]
    paces = {pace.name: pace for pace in found.projection.paces}
    assert paces["this window so far"].reaches == pytest.approx(found.spent)
    assert how_reached(found, NOW).startswith("over 5h00m: ")


@given(st.floats(0, 1e6), st.lists(st.floats(0, 1e6), max_size=4), st.floats(0, 1e6), st.floats(0, 1000))
def test_a_budget_runs_out_at_its_fastest_pace(spent: float, paces: list[float], limit: float, hours: float) -> None:
    end = START + timedelta(hours=hours)
    band = projection(spent, [(str(pace), pace) for pace in paces], end - START)
    out = runs_out_at(spent, limit, band, START, end)
    assert band.low <= band.high
    if spent >= limit:
        assert out == START
    elif out is not None:
        assert START <= out < end
        assert band.high >= limit * (1 - 1e-9)
    else:
        assert band.high <= limit * (1 + 1e-6) + 1e-6


def test_spenders_are_those_of_the_scope(store: sqlite3.Connection) -> None:
    last = max(ANSWERS, key=lambda answer: answer.at)
    now = last.at + timedelta(seconds=5)
    named = (SPRINT, SPRINT._replace(scope=f"session:{last.session}"), SPRINT._replace(scope="project:nowhere"))
    found = BudgetQuestions(store, UTC, 0).now(named, now)
    assert [budget.spending for budget in found] == [(last.session,), (last.session,), ()]


# Past windows.


def test_past_windows_are_kept_with_the_limit_of_their_time(store: sqlite3.Connection) -> None:
    keep_windows(store, (SPRINT, *DEFAULT_BUDGETS), NOW, UTC, 0)
    dearer = SPRINT._replace(limit=9_000_000.0)
    keep_windows(store, (dearer,), NOW, UTC, 0)
    found = list(past_windows(store, dearer, NOW, UTC, 0, 30))
    assert [(one.limit, one.is_kept) for one in found[:2]] == [(3_000_000.0, True), (9_000_000.0, False)]
    assert len(found) == 12
    for window in found:
        wanted = [a for a in ANSWERS if window.start_at <= a.at < window.end_at]
        assert window.spent == sum(a.tokens.total for a in wanted)


def test_hours_that_move_along_are_looked_back_on_end_to_end_and_never_kept(store: sqlite3.Connection) -> None:
    rolling = SPRINT._replace(window="rolling 5h", name="moving along")
    keep_windows(store, (rolling,), NOW, UTC, 0)
    found = list(past_windows(store, rolling, NOW, UTC, 0, 9))
    assert [window.end_at for window in found] == [NOW - timedelta(hours=5 * (place + 1)) for place in range(9)]
    for window in found:
        assert window.end_at - window.start_at == timedelta(hours=5)
        wanted = [a for a in ANSWERS if window.start_at <= a.at < window.end_at]
        assert (window.spent, window.is_kept) == (sum(a.tokens.total for a in wanted), False)
    kept = store.execute("SELECT count(*) FROM budget_window WHERE name = ?", (rolling.name,))
    assert kept.fetchone() == (0,)


def test_the_average_day_leaves_out_days_without_use(store: sqlite3.Connection) -> None:
    found = average_day(store, NOW + timedelta(days=5), UTC)
    assert found is not None
    wanted = [a for a in ANSWERS if a.at >= NOW - timedelta(days=2)]
    assert (found.days, found.tokens) == (2, sum(a.tokens.total for a in wanted) / 2)
    assert average_day(store, NOW + timedelta(days=60), UTC) is None


# The file.

TEXT = """# my settings
theme = "nord"  # dark

[[budgets]]
name = "daily"  # keep it low
limit = 10
window = "day"

[keys]
freeze = "p"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return path


def test_a_budget_is_added_and_every_comment_stays(path: Path) -> None:
    weekly = Budget("weekly", 2.5, "usd", "week", (80, 100), scope="project:api", grades=("warn", "alarm"))
    settings = write_budget(path, weekly)
    assert settings == load_settings(path)
    assert [budget.name for budget in settings.budgets] == ["daily", "weekly"]
    assert settings.budgets[1].grade_at == ("warn", "alarm")
    text = path.read_text()
    assert [line for line in TEXT.splitlines() if line not in text.splitlines()] == []
    assert 'window = "day"\n\n[[budgets]]\nname = "weekly"\nlimit = 2.5\n' in text


def test_a_budget_is_changed_in_place(path: Path) -> None:
    settings = write_budget(path, load_settings(path).budgets[0]._replace(limit=12.5))
    assert settings.budgets == (Budget("daily", 12.5, "usd", "day"),)
    assert path.read_text().replace("limit = 12.5", "limit = 10").replace('unit = "usd"\n', "") == TEXT


def test_a_budget_is_removed_and_the_last_one_leaves_none(path: Path) -> None:
    write_budget(path, SPRINT)
    assert [budget.name for budget in delete_budget(path, "daily").budgets] == ["sprint"]
    assert delete_budget(path, "sprint").budgets == ()
    assert write_budget(path, SPRINT).budgets == (SPRINT,)
    with pytest.raises(ConfigError, match="has no budget 'daily'"):
        delete_budget(path, "daily")


def test_a_file_is_made_where_there_is_none_and_a_link_stays_one(tmp_path: Path) -> None:
    new = tmp_path / "deep" / "config.toml"
    assert write_budget(new, SPRINT).budgets == (SPRINT,)
    assert new.stat().st_mode & 0o777 == 0o600
    link = tmp_path / "link.toml"
    link.symlink_to(new)
    write_budget(link, SPRINT._replace(limit=5.0))
    assert link.is_symlink()
    assert load_settings(new).budgets[0].limit == 5.0
    assert [entry.name for entry in new.parent.iterdir()] == ["config.toml"]


def test_inline_budgets_can_be_added_to(path: Path) -> None:
    path.write_text('budgets = [{name = "a", limit = 1, window = "day"}]\n')
    assert [budget.name for budget in write_budget(path, SPRINT).budgets] == ["a", "sprint"]


@pytest.mark.parametrize("budget", [
    SPRINT._replace(window="year"), SPRINT._replace(limit=-1.0), SPRINT._replace(name=""),
    SPRINT._replace(scope="team:x"), SPRINT._replace(thresholds=(100, 50)),
])  # fmt: skip
def test_what_cannot_be_used_is_never_written(path: Path, budget: Budget) -> None:
    with pytest.raises(ConfigError, match=r"budgets\[2\]"):
        write_budget(path, budget)
    assert path.read_text() == TEXT


def test_a_mark_is_known_however_it_is_written(path: Path) -> None:
    path.write_text("[[budgets]]\nname='a'\nlimit=1\nwindow='day'\nat={'075'='alarm'}\n")
    (budget,) = load_settings(path).budgets
    assert budget.grade_at == ("note", "alarm", "warn", "alarm")


def test_a_broken_file_is_not_touched(path: Path) -> None:
    path.write_text("theme = ")
    with pytest.raises(ConfigError, match="is not TOML"):
        write_budget(path, SPRINT)
    assert path.read_text() == "theme = "


def test_a_changed_file_is_read_again_and_a_broken_one_keeps_the_last_good(path: Path) -> None:
    watched = WatchedSettings(path, load_settings(path))
    assert watched.current().budgets[0].limit == 10
    write(path, TEXT.replace("limit = 10", "limit = 30"), 1)
    assert watched.current().budgets[0].limit == 30
    write(path, TEXT.replace("limit = 10", 'limit = "ten"'), 2)
    assert watched.current().budgets[0].limit == 30
    assert watched.trouble.startswith(f"{path}:6: budgets[1].limit: should be a valid number")
    assert "until then the settings before hold" in watched.trouble
    write(path, TEXT, 3)
    assert (watched.current().budgets[0].limit, watched.trouble) == (10, "")
    path.unlink()
    assert watched.current() == Settings()


def write(path: Path, text: str, seconds: int) -> None:
    path.write_text(text)
    os.utime(path, ns=(0, 10**18 + seconds * 10**9))


@pytest.mark.parametrize(("text", "line", "said"), [
    ("[rules.nonsense]", ":1", "rules.nonsense: no such rule; there are agents_at_once"),
    ("[rules.tool_loop]\nrepeats = 0", ":2", "rules.tool_loop.repeats: expected a number above 0, at most 1e+15"),
    ("[rules.tool_loop]\nrepeats = 1e99", ":2", "rules.tool_loop.repeats: expected a number above 0, at most 1e+15"),
    ("[rules.tool_loop]\nhold_seconds = -1", ":2", "rules.tool_loop.hold_seconds: expected a number of seconds from 0"),
    ("[rules.tool_loop]\nrepeat = 9", ":2", "no such setting; there are enabled, grade, hold_seconds, repeats"),
    ("\n[rules.api_errors]\nerrors = 5\n[rules.tool_loop]\ngrade = 'loud'", ":5", "expected one of note, warn, alarm"),
    ("[rules.tool_loop]\nenabled = 1", ":2", "expected true or false"),
    ("rules = 3", ":1", "expected tables such as [rules.agents_at_once]"),
    ("[notify]\nwebhook = 'teams'", ":2", "notify.webhook: should be 'off', 'slack', 'discord' or 'json'"),
    ("[notify]\nurl = 'x'", ":2", "notify.url: no such setting; there are bell, title"),
    ("[notify]\nwebhook_url_env = 'https://x'", ":2", "notify.webhook_url_env: expected the name of"),
    ("[[budgets]]\nname='a'\nlimit=1\nwindow='day'\n[[budgets]]\nname='a'\nlimit=1\nwindow='day'", ":6",
     "two budgets have"),
    ("[[budgets]]\nname='a'\nlimit=1\nwindow='day'\nat={'60'='warn'}", ":5", "60 is none of the thresholds"),
    ("[[budgets]]\nname='a'\nlimit=1\nwindow='day'\nat={'50'='shout'}", ":5", "should be 'note', 'warn' or 'alarm'"),
    ("[[budgets]]\nname='a'\nlimit=1\nwindow='day'\nscope='team:x'", ":5", "expected everything, project:TEXT"),
])  # fmt: skip
def test_what_is_wrong_with_rules_and_notifications_is_said(path: Path, text: str, line: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}{line}")
    assert said in str(caught.value)


def test_rules_and_notifications_can_be_set(path: Path) -> None:
    path.write_text(
        "[rules.agents_at_once]\nfloor_agents = 4\ngrade = 'warn'\n[rules.tool_loop]\nenabled = false\n"
        "[notify]\nbell = true\nwebhook = 'slack'\ncommand = ['notify', '-x']\nquiet_seconds = 5\n"
    )
    settings = load_settings(path)
    changed = settings.rules["agents_at_once"]
    assert (dict(changed.values), changed.grade, settings.rules["tool_loop"].enabled) == (
        {"floor_agents": 4},
        "warn",
        False,
    )
    assert (settings.notify.bell, settings.notify.webhook, settings.notify.command) == (True, "slack", ("notify", "-x"))


def test_an_unpriced_response_makes_a_lower_bound(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Settings())
    answers = [
        Answer(1, NOW, HAIKU, Tokens(1000, 1000), session_id(1), "/w"),
        Answer(2, NOW, "house-model", Tokens(1000, 1000), session_id(1), "/w"),
    ]
    with closing(stage):
        write_logs(stage.config_dir, answers)
        stage.read_all()
        with closing(open_writer(stage.database)) as store:
            usd = SPRINT._replace(unit="usd", limit=1.0)
            found = BudgetQuestions(store, UTC, 0).now((usd,), NOW + timedelta(seconds=9))[0]
    assert found.is_lower_bound
    assert found.spent > 0


def test_at_least_is_never_more_than_was_spent() -> None:
    least = replace(standing(DAY, 381.8392961, 14), is_lower_bound=True)
    assert line_of(least, CANNED_NOW).startswith("day: ≥$381.83 of $25.00 (1,527 %)")
    assert line_of(standing(DAY, 381.8392961, 14), CANNED_NOW).startswith("day: $381.84 of $25.00")
    assert amount_text(23_279_999, "fresh_tokens", lower_bound=True) == "≥23.2M fresh tokens"
    assert budget_part(least, is_behind=False).text == "≥$381.83 of $25 today ✖"
    assert row_cells(["cost_pico_usd", "lower_bound_responses"], [381_839_296_100_000, 1])[0] == "≥$381.83"
