"""The README says what the program does: keys, commands, options, settings, prices, and commands that run."""

from __future__ import annotations

import re
import shlex
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import click
import pytest

from tests.kit.key_table import key_table_markdown
from tests.make_screenshots import PICTURES
from tokentui.cli.commands import tokentui
from tokentui.config.entries import BUDGET, NOTIFY
from tokentui.config.file import ANTHROPIC, FILE, read_settings
from tokentui.config.thresholds import RULE_DEFAULTS
from tokentui.filters import NUMBER_FIELDS, TEXT_FIELDS, parse_filter
from tokentui.pricing.book import RateBook
from tokentui.pricing.overrides import KINDS
from tokentui.queries.session.tables import TABLE_NAMES
from tokentui.ui.colours.themes import SAFE_THEMES
from tokentui.ui.keymap.keys import KEYS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = [*FILE, "prices", "rules"]


def section(title: str) -> str:
    """The text below a heading, up to the next of its rank or above."""
    rank = title.index(" ")
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^#{{2,{rank}}} |\Z)", README, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def block(mark: str) -> str:
    """The code below a comment."""
    found = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, mark
    return found[1]


def commands(group: click.Group = tokentui, words: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every command that the help names, with those below it."""
    context = click.Context(group)
    found: dict[tuple[str, ...], click.Command] = {words: group}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found |= commands(command, (*words, name)) if isinstance(command, click.Group) else {(*words, name): command}
    return found


def options(command: click.Command) -> set[str]:
    found = {name for parameter in command.params for name in parameter.opts if name.startswith("--")}
    return found | {"--help"}


def examples() -> list[list[str]]:
    """The command lines in the section on commands, without what the shell does with their output."""
    code = re.search(r"```sh\n(.*?)```", section("## Commands"), re.DOTALL)
    assert code
    return [shlex.split(re.split(r" +(?:#|>>?|\|\|?) ", line)[0]) for line in code[1].splitlines()]


class TestKeys:
    def test_the_table_is_the_programs_own(self) -> None:
        written = re.search(r"<!-- keys -->\n(.*?)\n<!-- end of keys -->", README, re.DOTALL)
        assert written
        assert written[1] == key_table_markdown()

    def test_every_key_can_be_remapped_by_a_name_that_is_listed(self) -> None:
        listed = re.search(r"^The names under `\[keys\]`: (.*)\.$", section("## Configuration"), re.MULTILINE)
        assert listed
        assert re.findall(r"`(\w+)`", listed[1]) == [key.id for key in KEYS]


class TestCommands:
    def test_the_table_has_every_command_and_no_other(self) -> None:
        named = re.findall(r"^\| `tokentui (\w+)` \|", section("## Commands"), re.MULTILINE)
        assert sorted(named) == sorted(tokentui.list_commands(click.Context(tokentui)))

    def test_every_command_below_a_command_is_named(self) -> None:
        rows = dict(re.findall(r"^\| `tokentui (\w+)` \| (.*) \|$", section("## Commands"), re.MULTILINE))
        below = [words for words in commands() if len(words) > 1]
        assert [words for words in below if not re.search(rf"`{words[1]}\b", rows[words[0]])] == []

    def test_every_option_is_named_and_no_other(self) -> None:
        named = set(re.findall(r"--[a-z][a-z-]*", section("## Commands")))
        assert named == set().union(*(options(command) for command in commands().values()))

    def test_every_table_of_a_session_is_named(self) -> None:
        row = re.search(r"^\| `tokentui session` \| .*`--show` (.*) \|$", README, re.MULTILINE)
        assert row is not None
        assert tuple(re.findall(r"`([\w-]+)`", row[1])) == TABLE_NAMES

    @pytest.mark.parametrize("line", examples(), ids=" ".join)
    def test_examples_are_right(self, line: list[str]) -> None:
        program, *words = line
        assert program == "tokentui"
        path = max((path for path in commands() if tuple(words[: len(path)]) == path), key=len)
        command = commands()[path]
        with command.make_context(" ".join(path), words[len(path) :], resilient_parsing=False) as context:
            assert context.params


class TestConfiguration:
    def test_the_example_is_valid_and_holds_every_setting(self, tmp_path: Path) -> None:
        path = tmp_path / "config.toml"
        path.write_text(block("configuration"), encoding="utf-8")
        assert read_settings(path).theme in {theme.name for theme in SAFE_THEMES}
        example = block("configuration")
        assert [name for name in SETTINGS if not re.search(rf"^(\[+{name}\b|{name} =)", example, re.M)] == []

    @pytest.mark.parametrize(
        ("table", "names"),
        [
            ("budgets", list(BUDGET)),
            ("notify", list(NOTIFY)),
            ("anthropic", list(ANTHROPIC)),
            ("prices", ["model", "from", "to", *KINDS, "factor"]),
            ("rules", ["enabled", "grade", "hold_seconds"]),
        ],
    )
    def test_the_example_holds_all_of_each_table(self, table: str, names: list[str]) -> None:
        entries = "\n".join(re.findall(rf"^\[+{table}\b.*?(?=^\[|\Z)", block("configuration"), re.M | re.DOTALL))
        assert [name for name in names if f"\n{name} = " not in entries] == []

    def test_its_keys_exist(self, tmp_path: Path) -> None:
        path = tmp_path / "config.toml"
        path.write_text(block("configuration"), encoding="utf-8")
        assert set(read_settings(path).keymap) <= {key.id for key in KEYS}


class TestRules:
    def test_the_table_has_every_rule_and_no_other(self) -> None:
        named = re.findall(r"^\| `(\w+)` \|", section("## Runaways and budgets"), re.MULTILINE)
        assert sorted(named) == sorted(RULE_DEFAULTS)


class TestFilters:
    TABLE = section("### Filter")

    def test_the_examples_are_right(self) -> None:
        written = re.findall(r"^\| (`.*?) \|", self.TABLE, re.MULTILINE)
        terms = [parse_filter(text).terms for cell in written for text in re.findall(r"`([^`]+)`", cell)]
        assert all(len(found) == 1 for found in terms)
        fields = {term.field for found in terms for term in found}
        assert fields == {"text", "since", *TEXT_FIELDS, *NUMBER_FIELDS}


class TestMoney:
    @pytest.mark.parametrize(
        ("times", "models"),
        [
            (10, ["claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-8", "claude-opus-5", "claude-sonnet-5"]),
            (20, ["claude-opus-5-5", "claude-sonnet-5-5"]),
            (40, ["claude-fable-5-1", "claude-fable-5-2"]),
        ],
    )
    def test_reads_are_so_many_times_cheaper_than_input(self, times: int, models: list[str]) -> None:
        for model in models:
            card = RateBook().card(model, date(2026, 11, 22))
            assert card is not None
            assert card.standard.input == times * card.standard.cache_read


class TestQuery:
    def test_it_runs_on_the_history(self, empty_database: Path) -> None:
        with closing(sqlite3.connect(f"file:{empty_database}?mode=ro", uri=True)) as connection:
            assert connection.execute(block("query")).fetchall() == []

    def test_the_tables_exist(self, empty_database: Path) -> None:
        named = set(re.findall(r"`(\w+)`", section("## Where things are").partition("SQLite")[2].partition("<!--")[0]))
        with closing(sqlite3.connect(f"file:{empty_database}?mode=ro", uri=True)) as connection:
            tables = {
                row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
            }
        assert named <= tables
        assert "response" in named


class TestLinks:
    def test_every_file_exists(self) -> None:
        targets = [target for target in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in target]
        assert [target for target in targets if not (ROOT / target).is_file()] == []

    def test_every_heading_exists(self) -> None:
        headings = {
            re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", README, re.M)
        }
        assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings

    def test_every_picture_is_there_and_of_use(self) -> None:
        named = set(re.findall(r"screenshots/(\w+)\.png", README))
        assert named == {picture.name for picture in PICTURES}
        kept = {path.name for path in (ROOT / "screenshots").iterdir()}
        assert kept == {f"{name}.{kind}" for name in named for kind in ("svg", "png")}


class TestSetUp:
    def test_the_test_command_is_one_line_with_every_step(self) -> None:
        command = block("test command")
        assert command.count("\n") == 1
        assert all(step in command for step in ("venv", "[dev]", "tests.check"))

    def test_each_part_of_the_program_is_told_of(self) -> None:
        told = set(re.findall(r"^\| `(\w+)/?` \|", section("## Development"), re.MULTILINE))
        parts = {path.parent.name for path in (ROOT / "tokentui").glob("*/__init__.py")}
        assert parts <= told
