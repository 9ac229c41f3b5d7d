"""What the screen says when there is nothing, too little, too much, or something wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from tests.kit.canned import (
    CATCHING_UP,
    FAILING,
    LIVE,
    NOTHING_FOUND,
    NOW,
    budgets,
    busy,
    empty,
    filtered_out,
    out_of_range,
    unpriced,
)
from tests.kit.driving import driven
from tests.kit.fakes import CannedIngest, CannedQuestions
from tokentui.ingest.report import IngestProgress, SourceState
from tokentui.queries.results import Snapshot
from tokentui.records import Tokens
from tokentui.ui.chrome.banners import banners
from tokentui.ui.panes.dashboard.cache import CachePane
from tokentui.ui.scene import Scene
from tokentui.ui.settings import UiSettings
from tokentui.view import View


async def test_nothing_found_names_the_places_and_offers_the_demo() -> None:
    async with driven(empty, NOTHING_FOUND) as driver:
        text = driver.text()
    assert "no Claude Code logs found" in text
    assert "/home/ada/.config/claude/projects" in text
    assert "d plays a made-up agent run" in text
    assert "d play the demo" in text.splitlines()[-1]
    assert "Enter open" not in text


@pytest.mark.parametrize("size", [(120, 36), (60, 20)])
async def test_a_history_without_logs_says_that_it_will_not_grow(size: tuple[int, int]) -> None:
    said = "▲ no Claude Code logs found: only what is stored is shown"
    async with driven(busy, NOTHING_FOUND, size=size) as driver:
        assert said in driver.text()
    async with driven(busy, LIVE, size=size) as driver:
        assert said not in driver.text()


async def test_logs_without_responses_are_not_called_no_logs() -> None:
    async with driven(empty, LIVE) as driver:
        assert "212 logs found, no response yet" in driver.text()


async def test_a_store_that_cannot_be_written_says_why_instead_of_opening_for_ever() -> None:
    failed = SourceState("/home/ada/.claude", "failed", "database or disk is full")
    stuck = LIVE._replace(progress=IngestProgress("starting"), sources=(failed,))
    async with driven(empty, stuck) as driver:
        lines = [line.strip() for line in driver.pane_text("#notice").splitlines() if line.strip()]
    assert lines == ["database or disk is full", "tokentui doctor says more"]


async def test_reading_the_first_logs_shows_how_far_it_is() -> None:
    async with driven(empty, CATCHING_UP) as driver:
        text = driver.text()
    assert "3.1 GB of 9.8 GB · 31 s left" in text
    assert "x stops reading history" in text


async def test_reading_goes_on_in_the_status_line_once_there_are_figures() -> None:
    async with driven(busy, CATCHING_UP) as driver:
        assert "reading 3.1 GB/9.8 GB 31 s left" in driver.text().splitlines()[0]
        assert "Move the ingest loop" in driver.text()


async def test_a_filter_that_hides_all_says_so_and_escape_clears_it() -> None:
    def make(view: View) -> object:
        return filtered_out(view) if view.filter.terms else busy(view)

    async with driven(make) as driver:  # type: ignore[arg-type]
        await driver.type("slash", *"nope", "enter")
        await driver.until(lambda: driver.app.scene.view.filter.source == "nope")
        await driver.settle()
        assert "0 of 1,284 sessions match `nope`" in driver.text()
        assert "Esc clears the filter" in driver.text()
        await driver.press("escape")
        assert driver.app.scene.view.filter.source == ""
        assert "Move the ingest loop" in driver.text()


async def test_an_empty_range_has_words_of_its_own() -> None:
    async with driven(out_of_range) as driver:
        assert "nothing in the last 1h" in driver.text()
        assert "1,284 sessions outside the range" in driver.text()


async def test_a_failing_source_is_named_with_its_reason() -> None:
    async with driven(busy, FAILING) as driver:
        assert "✖ /mnt/nas/.claude failed: permission denied on 3 directories" in driver.text()
        assert "Move the ingest loop" in driver.text()


async def test_unpriced_models_are_counted_and_named() -> None:
    async with driven(unpriced) as driver:
        text = driver.text()
    assert "▲ no price for claude-next-6-0 (12 responses), local-model (3 responses): not in the sums · set" in text
    assert "≥$48.12" in text
    assert "unpriced" not in text.splitlines()[0]


async def test_where_it_is_small_a_mark_stands_for_models_without_a_price() -> None:
    async with driven(unpriced, size=(40, 12)) as driver:
        text = driver.text()
    assert "≥ 2 unpriced" in text.splitlines()[0]
    assert "no price" not in text


def test_a_model_without_a_price_is_news_for_ten_minutes() -> None:
    scene = Scene(NOW, UTC, View(), snapshot=unpriced()).noting_unpriced(NOW)
    later = replace(scene, now=NOW + timedelta(minutes=10))
    assert [text for text, _ in banners(scene, 200, 50)] == [
        "▲ no price for claude-next-6-0 (12 responses), local-model (3 responses): not in the sums"
        " · set one under [[prices]] in the configuration"
    ]
    assert banners(later, 200, 50) == []
    totals = unpriced().totals._replace(unpriced_models=(("local-model", 9), ("another", 1)))
    another = replace(later, snapshot=replace(unpriced(), totals=totals)).noting_unpriced(later.now)
    assert "local-model (9 responses), another (1 response)" in banners(another, 200, 50)[0][0]


async def test_a_model_without_a_price_costs_a_question_mark() -> None:
    async with driven(unpriced, size=(200, 50)) as driver:
        row = next(line for line in driver.pane_text("#models").splitlines() if "next-6-0" in line)
    assert " ? " in row
    assert "$" not in row


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (IngestProgress("starting"), "◌ READING"),
        (IngestProgress("re-pricing", responses_repriced=1_000, responses_to_reprice=61_284), "1,000/61,284 responses"),
        (IngestProgress("stopped", 212), "history stopped"),
    ],
)
async def test_each_phase_of_reading_has_its_words(progress: IngestProgress, words: str) -> None:
    async with driven(busy, LIVE._replace(progress=progress)) as driver:
        assert words in driver.text().splitlines()[0]


async def test_a_failing_question_is_shown_and_the_next_good_answer_clears_it() -> None:
    questions = CannedQuestions(fail="database is locked")
    settings = UiSettings(alphabet="block", interval_seconds=0.05)
    async with driven(questions=questions, settings=settings, settled=False) as driver:
        await driver.until(lambda: "database is locked" in driver.text())
        assert questions.closed.is_set()
        questions.fail = ""
        await driver.until(lambda: driver.app.scene.snapshot)
        await driver.until(lambda: "database is locked" not in driver.text())
        assert "Move the ingest loop" in driver.text()
        questions.fail = "disk I/O error"
        await driver.until(lambda: "✖ figures failing: RuntimeError: disk I/O error" in driver.text())
        assert "Move the ingest loop" in driver.text()


async def test_a_dead_ingest_is_shown_and_the_figures_stay() -> None:
    async with driven(ingest=CannedIngest(fail="No space left on device")) as driver:
        await driver.until(lambda: "reading failing: OSError: No space left on device" in driver.text())
        assert "Move the ingest loop" in driver.text()


async def test_a_pane_that_fails_says_so_inside_itself_and_the_others_live(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("made up [/b]")

    monkeypatch.setattr(CachePane, "draw", fail)
    async with driven() as driver:
        assert "this pane failed" in driver.pane_text("#cache")
        assert "ZeroDivisionError: made up [/b]" in driver.pane_text("#cache")
        assert "opus-4-5" in driver.pane_text("#models")
        await driver.press("t")
        assert driver.app.scene.view.range == "6h"


async def test_hostile_titles_show_literally() -> None:
    async with driven(size=(200, 50)) as driver:
        assert "fix [/b] the [red]parser[/red] ${x} %s" in driver.text()
        await driver.press("down", "down", "down", "down", "enter")
        assert "sessions › fix [/b] the [red]parser[/red] ${x} %s" in driver.text()
        assert "Rewrite the tailer [/b] in batches" in driver.text()


async def test_hostile_reasons_cannot_steer_the_terminal() -> None:
    async with driven(ingest=CannedIngest(fail="\x1b]0;owned\x07\x1b[2J[/b]")) as driver:
        await driver.until(lambda: "OSError: [/b]" in driver.text())
        assert "\x1b" not in driver.text()


async def test_what_was_not_cleaned_below_still_cannot_steer_the_terminal() -> None:
    def make(view: View) -> Snapshot:
        snapshot = busy(view)
        hostile = snapshot.sessions[0]._replace(title="a\x1b[2Jb\u202ec\ud800d\x9b5me")
        return replace(snapshot, sessions=(hostile, *snapshot.sessions[1:]))

    async with driven(make) as driver:
        assert "a[2Jbcd5me" in driver.text()


async def test_a_hostile_filter_is_only_text() -> None:
    async with driven() as driver:
        await driver.type("slash", *"[b]", "enter")
        await driver.until(lambda: driver.app.scene.view.filter.source == "[b]")
        assert "filter: [b]" in driver.text()


@pytest.mark.parametrize("size", [(39, 12), (40, 11), (20, 5), (3, 1)])
async def test_too_small_a_terminal_is_told_what_it_needs(size: tuple[int, int]) -> None:
    async with driven(size=size) as driver:
        lines = [line.strip() for line in driver.text().splitlines() if line.strip()]
        assert len(lines) == 1
        assert lines[0] in f"needs 40×12, have {size[0]}×{size[1]}"
        await driver.resize(80, 24)
        assert "6 sessions" in driver.text()


async def test_the_demo_is_labelled() -> None:
    async with driven(settings=UiSettings(is_demo=True, alphabet="block", interval_seconds=60)) as driver:
        assert "DEMO" in driver.text().splitlines()[0]


async def test_money_says_what_kind_it_is() -> None:
    async with driven() as driver:
        assert "estimate at list price" in driver.text()
        await driver.press("enter")
        assert "at list price" in driver.text()


async def test_a_theme_that_is_not_there_is_said_so() -> None:
    settings = UiSettings(theme="nope", alphabet="block", interval_seconds=60)
    async with driven(settings=settings, settled=False) as driver:
        assert driver.said() == "there is no theme 'nope'; the palette lists them"


async def test_a_budget_that_is_used_up_does_not_run_out_any_more() -> None:
    used_up, *others = budgets()
    used_up = used_up._replace(runs_out_at=NOW)
    async with driven(lambda view: replace(busy(view), budgets=(used_up, *others)), size=(200, 50)) as driver:
        text = driver.pane_text("#budgets")
    assert "$11.92 of $10 · heading for" in text
    assert "out Thu" in text


async def test_when_a_budget_runs_out_has_room_before_its_unit() -> None:
    day, week, month = budgets()
    week = week._replace(runs_out_at=NOW + timedelta(days=2), spent=8_120_000, limit=16_500_000)
    async with driven(lambda view: replace(busy(view), budgets=(day, week, month)), size=(200, 50)) as driver:
        text = driver.pane_text("#budgets")
    assert "≥8.12M of 16.5M · out Tue 14:02" in text


@pytest.mark.parametrize(("filtered", "said"), [("", "no responses in 1h"), ("zzz", "nothing matches in 1h")])
async def test_a_filter_is_not_blamed_on_the_range(filtered: str, said: str) -> None:
    async with driven(lambda view: replace(filtered_out(view), models=())) as driver:
        if filtered:
            await driver.press("slash")
            await driver.type(*filtered)
            await driver.press("enter")
        assert said in driver.pane_text("#models")


async def test_where_nothing_ran_nothing_is_said_to_be_of_unknown_price() -> None:
    def idle(view: View) -> Snapshot:
        shown = busy(view)
        return replace(shown, cache=shown.cache._replace(tokens_range=Tokens(), saved_pico_usd=None))

    async with driven(idle, size=(140, 40)) as driver:
        assert "saved          – against no cache" in driver.pane_text("#cache")
