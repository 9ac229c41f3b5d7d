"""The commands sync, import, reconcile and billing: what they print, and their exit codes."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.kit.admin_api import KEY, Server, fault, minute_of, usage_row
from tests.kit.answer_logs import SONNET, UNKNOWN, Answer, session_id, write_logs
from tests.kit.command_line import Output, failure
from tests.kit.console_files import TOKENS_14, export
from tokentui.anthropic.key import VARIABLE
from tokentui.anthropic_side import BASE_URL_VARIABLE
from tokentui.cli.run import run
from tokentui.cli.sync import summary
from tokentui.ingest.sync import SyncResult
from tokentui.queries.reckoning.local_minutes import ConsoleMinute
from tokentui.records import Tokens
from tokentui.store.sync_runs import Change

YESTERDAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
USE = Tokens(1_000, 2_000, 3_000, 400, 50_000)


def parsed(output: Output) -> dict[str, Any]:
    value = json.loads(output.readouterr().out)
    assert value["schema_version"] == 1
    assert isinstance(value, dict)
    return value


@pytest.fixture
def synced(home: Path, server: Server, monkeypatch: pytest.MonkeyPatch, output: Output) -> Path:
    """A home whose logs, all of yesterday, are billed alike."""
    shutil.rmtree(home / "claude")
    monkeypatch.setenv(VARIABLE, KEY)
    monkeypatch.setenv(BASE_URL_VARIABLE, server.url)
    answers = [Answer(2000 + n, YESTERDAY + timedelta(minutes=n), SONNET, USE, session_id(7), "/x") for n in range(10)]
    write_logs(home / "claude", answers)
    usage = [usage_row(minute_of(answer.at), USE, SONNET) for answer in answers]
    server.reset(usage=usage, now=datetime.now(UTC).isoformat())
    assert run(["sync", "--days", "3"]) == 0
    assert "rows new" in output.readouterr().out
    return home


def test_one_page_and_one_row_are_no_plurals() -> None:
    assert summary(SyncResult("done", pages=1, change=Change(1, 0))) == "1 page: 1 row new, 0 changed"
    assert summary(SyncResult("done", pages=2, change=Change(1_204, 1))) == "2 pages: 1,204 rows new, 1 changed"


def test_without_a_key_sync_says_how_to_set_one(home: Path, output: Output) -> None:
    assert run(["sync"]) == 1
    assert VARIABLE in failure(output)
    assert not (home / "state" / "tokentui.db").exists()


def test_a_second_sync_within_a_minute_fetches_nothing(synced: Path, output: Output) -> None:
    assert run(["sync"]) == 0
    assert "less than 60 s ago" in output.readouterr().err


def test_a_sync_that_fails_says_why_and_local_counting_goes_on(
    home: Path, server: Server, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    monkeypatch.setenv(BASE_URL_VARIABLE, server.url)
    server.tell(faults=[fault("status", "", status=401, type="authentication_error", message="expired")])
    assert run(["sync", "--json"]) == 1
    captured = output.readouterr()
    assert json.loads(captured.out)["outcome"] == "failed"
    assert "expired" in captured.err
    assert run(["report", "--json"]) == 0
    assert parsed(output)["totals"]["responses"] == 60


@pytest.mark.parametrize(("key", "is_odd"), [(KEY, False), ("sk-ant-api03-MADE-UP-0123456789", True)])
def test_a_refused_key_that_looks_ordinary_is_called_so(
    home: Path, server: Server, monkeypatch: pytest.MonkeyPatch, output: Output, key: str, is_odd: bool
) -> None:
    monkeypatch.setenv(VARIABLE, key)
    monkeypatch.setenv(BASE_URL_VARIABLE, server.url)
    server.reset(key=key)
    assert run(["sync", "--days", "1"]) == 0
    assert "ordinary" not in output.readouterr().err
    monkeypatch.setenv("TOKENTUI_HOME", str(home / "other"))
    server.tell(key="another")
    assert run(["sync", "--days", "1"]) == 1
    said = output.readouterr().err
    assert ("looks like an ordinary API key" in said) is is_odd
    assert key not in said


def test_reconcile_comes_out_in_every_form(synced: Path, output: Output) -> None:
    day = f"{YESTERDAY:%Y-%m-%d}"
    assert run(["reconcile", "--since", day, "--until", day, "--json"]) == 0
    found = parsed(output)
    (row,) = [row for row in found["rows"] if row["compared_with"]]
    assert (row["logged"], row["differences"]) == (row["api"], [])
    assert (found["is_off"], found["since"]) == (False, day)
    assert found["tolerances"]["usd"] == "0.010000"
    assert run(["reconcile", "--since", day, "--markdown"]) == 0
    text = output.readouterr().out
    assert text.startswith(f"# Reconciliation {day}")
    assert "The reckoning comes out." in text
    assert run(["reconcile", "--since", day]) == 0
    assert "Tolerances: " in output.readouterr().out


def test_double_counting_ends_with_3(synced: Path, output: Output) -> None:
    twice = [Answer(3000, YESTERDAY, SONNET, USE, session_id(8), "/x")]
    write_logs(synced / "claude", twice)
    assert run(["reconcile", "--since", "2d", "--json"]) == 3
    assert parsed(output)["findings"][0]["kind"] == "double counting"
    assert run(["reconcile", "--since", "2d"]) == 3
    assert "✖ DOUBLE COUNTING: " in output.readouterr().out
    assert run(["reconcile", "--since", "2d", "--markdown"]) == 3
    assert "- **DOUBLE COUNTING: " in output.readouterr().out


def test_nothing_to_compare_with_ends_with_1(home: Path, output: Output) -> None:
    assert run(["reconcile", "--json"]) == 1
    assert "tokentui import" in output.readouterr().err


def test_our_minutes_are_an_export_that_can_be_imported(synced: Path, tmp_path: Path, output: Output) -> None:
    assert run(["reconcile", "--minutes", "--since", "3d"]) == 0
    text = output.readouterr().out
    assert next(csv.reader(io.StringIO(text))) == list(ConsoleMinute._fields) == TOKENS_14.split(",")
    path = tmp_path / "minutes.csv"
    path.write_text(text)
    assert run(["import", str(path), "--json"]) == 0
    assert parsed(output)["rows"][0]["rows"] == 10


def test_import_lists_undoes_and_refuses(home: Path, tmp_path: Path, output: Output) -> None:
    path = export(tmp_path, "tokens.csv", TOKENS_14, [{}, {"usage_output_tokens": "x"}])
    assert run(["import", "--list"]) == 0
    assert output.readouterr().out == "Nothing was imported yet.\n"
    other = tmp_path / "other.csv"
    other.write_text("a,b\n")
    assert run(["import", str(other), str(path)]) == 1
    captured = output.readouterr()
    assert "other.csv is no export of the console" in captured.err
    assert captured.err.count("\n") == 1
    assert "import 1, tokens by days: 2 lines, 1 row stored, 1 line skipped\n  line 3: usage_output" in captured.out
    assert run(["import", str(path)]) == 0
    assert "already imported as 1" in output.readouterr().out
    assert run(["import", "--list", "--json"]) == 0
    assert parsed(output)["rows"][0]["file_name"] == "tokens.csv"
    assert run(["import", "--undo", "1"]) == 0
    assert run(["import", "--undo", "1"]) == 1
    assert run(["import"]) == 2
    assert run(["import", "--list", "--undo", "1"]) == 2


def test_a_file_of_which_no_line_can_be_read_is_not_taken_for_imported(
    home: Path, tmp_path: Path, output: Output
) -> None:
    path = export(tmp_path, "tokens.csv", TOKENS_14, [{"usage_output_tokens": "x"}, {"usage_date_utc": "Total"}])
    for _ in range(2):
        assert run(["import", str(path)]) == 1
        captured = output.readouterr()
        assert "none of its lines can be read, nothing was stored; line 2: usage_output_tokens" in captured.err
        assert captured.err.count("\n") == 1
    assert run(["import", "--list"]) == 0
    assert output.readouterr().out == "Nothing was imported yet.\n"


def test_billing_in_every_form(synced: Path, output: Output) -> None:
    assert run(["billing", "--by", "model", "--since", "3d", "--json"]) == 0
    found = parsed(output)
    row = next(row for row in found["rows"] if row["model"] == "claude-sonnet-4-5")
    assert (row["output_tokens"], row["list_price_usd"]) == (20_000, row["logged_list_price_usd"])
    assert found["totals"]["output_tokens"] == 20_000
    assert run(["billing", "--by", "key", "--since", "3d", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(output.readouterr().out)))
    assert [row["key"] for row in rows] == ["apikey_1"]
    assert run(["billing", "--by", "workspace", "--since", "3d"]) == 0
    text = output.readouterr().out
    assert "Default" in text
    assert "projected" in text


def test_what_has_no_price_is_never_nothing_and_what_may_cost_more_is_marked(synced: Path, output: Output) -> None:
    unpriced = [Answer(2100, YESTERDAY, UNKNOWN, USE, session_id(8), "/x")]
    write_logs(synced / "claude", unpriced)
    assert run(["billing", "--by", "model", "--since", "3d", "--json"]) == 0
    found = parsed(output)
    row = next(row for row in found["rows"] if row["model"] == UNKNOWN)
    assert (row["logged_list_price_usd"], row["logged_is_lower_bound"]) == (None, 1)
    assert found["totals"]["logged_is_lower_bound"] == 1
    assert Decimal(found["totals"]["logged_list_price_usd"]) > 0
    assert run(["billing", "--since", "3d"]) == 0
    lines = output.readouterr().out.splitlines()
    (day,) = (line for line in lines if line.startswith(f"{YESTERDAY:%Y-%m-%d}"))
    assert "≥$" in day.split("  ")[-1]


@pytest.mark.parametrize("command", ["sync", "import", "reconcile", "billing"])
def test_each_command_has_help(command: str, output: Output) -> None:
    assert run([command, "--help"]) == 0
    assert "Usage: tokentui" in output.readouterr().out


@pytest.mark.parametrize("arguments", [["--since", "never"], ["--since", "2026-01-02", "--until", "2026-01-01"]])
def test_a_range_that_cannot_be_is_refused(home: Path, arguments: list[str], output: Output) -> None:
    assert run(["reconcile", *arguments]) == 2
    assert output.readouterr().err.count("\n") == 1
