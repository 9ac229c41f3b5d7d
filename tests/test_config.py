"""The configuration file: what it sets, and one telling line for whatever is wrong with it."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from tokentui.config.entries import BUDGET
from tokentui.config.file import FILE, parse_settings
from tokentui.config.load import load_settings
from tokentui.config.rewrite import write_theme
from tokentui.config.settings import DEFAULT_BUDGETS, AnthropicSettings, Budget, ConfigError, Settings
from tokentui.config.zones import zone_linked_from
from tokentui.home import find_home, home_in


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_no_file_means_the_shipped_settings(path: Path) -> None:
    settings = load_settings(path)
    assert settings == Settings()
    assert [(b.limit, b.unit, b.window, b.is_default) for b in settings.budgets] == [
        (10.0, "usd", "day", True),
        (1_000_000.0, "fresh_tokens", "week", True),
        (200.0, "usd", "month", True),
    ]


def test_an_empty_file_changes_nothing(path: Path) -> None:
    path.write_text("")
    assert load_settings(path) == Settings()


def test_everything_can_be_set(path: Path) -> None:
    path.write_text(
        """\ufeff
theme = "nord"
graph = "ascii"
interval = 2
time_zone = "Asia/Kolkata"
week_start = "Sunday"
directories = ["~/logs", "/srv/logs"]

[keys]
freeze = "p"
quit = ["q", "ctrl+q"]

[[budgets]]
name = "sprint"
limit = 3_000_000
unit = "tokens"
window = "rolling 5 H"
thresholds = [80, 100]

[[budgets]]
name = "daily"
limit = 2.5
window = "day"

[[prices]]
model = "claude-*"
factor = 0.85
""",
        encoding="utf-8",
    )
    settings = load_settings(path)
    assert (settings.theme, settings.graph, settings.interval_seconds) == ("nord", "ascii", 2.0)
    assert (settings.time_zone, settings.week_start) == ("Asia/Kolkata", 6)
    assert settings.directories == (Path.home() / "logs", Path("/srv/logs"))
    assert dict(settings.keymap) == {"freeze": "p", "quit": "q,ctrl+q"}
    assert settings.budgets == (
        Budget("sprint", 3_000_000.0, "tokens", "rolling 5h", (80, 100)),
        Budget("daily", 2.5, "usd", "day"),
    )
    assert [(price.pattern, price.factor) for price in settings.prices] == [("claude-*", Fraction(17, 20))]


def test_budgets_can_be_switched_off(path: Path) -> None:
    path.write_text("budgets = []")
    assert load_settings(path).budgets == ()
    path.write_text('theme = "nord"')
    assert load_settings(path).budgets == DEFAULT_BUDGETS


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("theme = ", "", "not TOML"),
        (f"theme = {'[' * 5000}", "", "not TOML"),
        (f"interval = {'1' * 5000}", "", "not TOML"),
        ("\ncolour = 1", ":2", "colour: no such setting; there are theme, graph"),
        ("interval = 0", ":1", "interval: should be greater than or equal to 0.1 and at most 3600"),
        ("interval = nan", ":1", "interval: should be a finite number"),
        ('theme = "x"\ngraph = "dots"', ":2", "graph: should be 'auto', 'braille', 'block' or 'ascii'"),
        ('time_zone = "Mars/Olympus"', ":1", "time_zone: no such time zone"),
        ('time_zone = "../../etc/passwd"', ":1", "time_zone: no such time zone"),
        ('week_start = "someday"', ":1", "week_start: expected one of monday"),
        ("directories = 3", ":1", "directories: should be a list"),
        ('[keys]\nfreeze = ""', ":2", "keys.freeze: expected keys such as"),
        ('[[budgets]]\nname = "a"\nlimit = 1\nwindow = "year"', ":4", "budgets[1].window: expected day, week, month"),
        ('[[budgets]]\nname = "a"\nlimit = 1', ":1", "budgets[1].window: is needed"),
        (
            '[[budgets]]\nname="a"\nlimit=1\nwindow="day"\n\n[[budgets]]\nname="b"\nlimit="ten"\nwindow="day"',
            ":8",
            "budgets[2].limit: should be a valid number",
        ),
        ('[[budgets]]\nname="a"\nlimit=-1\nwindow="day"', ":3", "budgets[1].limit: should be greater than 0"),
        ('[[budgets]]\nname="a"\nlimit=1\nwindow="day"\nscoop=1', ":5", "budgets[1].scoop: no such setting; there are"),
        ('[[budgets]]\nname="a"\nlimit=1\nwindow="day"\nthresholds=[90,50]', ":5", "percentages that rise"),
        ('\n[[prices]]\nmodel = "claude-*"\ninput = "much"', ":4", "prices[1].input: expected USD"),
        ("prices = 1", ":1", "prices: should be a list of tables"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(path: Path, text: str, line: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert message.startswith(f"{path}{line}")
    assert said in message
    assert "\n" not in message
    assert "mend it" in message


SEVERAL = """theme = "nord"
interval = 0
colour = 1

[rules.agents_at_once]
loud = true
grade = "shout"

[[prices]]
model = "claude-*"
output = 1
input = "much"
factor = -1

[[budgets]]
name = "a"
limit = -1
window = "year"
"""


def test_all_mistakes_are_named_in_order_of_their_lines(path: Path) -> None:
    path.write_text(SEVERAL)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}:2 (1 of 8 mistakes): interval: should be")
    told = [line.removeprefix(f"{path}:").split(": ")[:2] for line in caught.value.lines]
    assert told == [
        ["2", "interval"], ["3", "colour"], ["6", "rules.agents_at_once.loud"], ["7", "rules.agents_at_once.grade"],
        ["12", "prices[1].input"], ["13", "prices[1].factor"], ["17", "budgets[1].limit"], ["18", "budgets[1].window"],
    ]  # fmt: skip
    assert all(line.endswith("; mend it or leave it out") and "\n" not in line for line in caught.value.lines)


def test_how_to_reach_anthropic(path: Path) -> None:
    assert load_settings(path).anthropic == AnthropicSettings()
    path.write_text(
        '[anthropic]\nkey_command = ["pass", "show", "anthropic"]\nbase_url = "https://gateway.example"'
        "\nkeep_emails = true"
    )
    expected = AnthropicSettings(("pass", "show", "anthropic"), "https://gateway.example", keep_emails=True)
    assert load_settings(path).anthropic == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[anthropic]\nkey = "sk-ant-admin01-x"',
            "anthropic.key: no such setting; there are key_command, base_url, keep_emails",
        ),
        ('[anthropic]\nkey_command = "pass show x"', "anthropic.key_command: should be a list"),
        ('[anthropic]\nkey_command = [""]', "anthropic.key_command[1]"),
    ],
)
def test_a_key_is_no_setting_and_never_quoted(path: Path, text: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}:2: {said}")
    assert "admin01" not in str(caught.value)


def test_a_file_that_is_no_text_is_said_so(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="save it as UTF-8"):
        load_settings(path)


def test_a_directory_in_place_of_the_file_is_said_so(path: Path) -> None:
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(path)


def test_one_variable_moves_all_state(tmp_path: Path) -> None:
    home = find_home({"TOKENTUI_HOME": str(tmp_path)})
    assert home == home_in(tmp_path)
    assert {home.database.parent, home.config_file.parent, home.log_file.parent} == {tmp_path}


def test_without_it_state_lives_where_the_platform_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    home = find_home({"TOKENTUI_HOME": " "})
    assert home.database.name == "tokentui.db"
    assert home.config_file.name == "config.toml"
    assert home.data_dir != home.config_dir


def test_a_theme_chosen_on_screen_is_written_beside_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('# mine\ninterval = 2.0  # calm\n\n[[budgets]]\nname = "a"\nlimit = 5\nwindow = "day"\n')
    assert write_theme(path, "nord").theme == "nord"
    assert path.read_text().startswith("# mine\ninterval = 2.0  # calm\n")
    assert load_settings(path).theme == "nord"
    assert load_settings(path).budgets[0].name == "a"


class TestWhateverStandsInTheFile:
    """Settings, or one line that names file, line and key: nothing else, whatever the values are."""

    VALUES = st.recursive(
        st.one_of(
            st.booleans(), st.integers(), st.just(10**400), st.floats(), st.dates(), st.text(max_size=20),
            st.sampled_from(["day", "rolling 5h", "usd", "alarm", "off", "~nobody-here/x", "", "project:x", "UTC"]),
        ),
        lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text("atnme0159", max_size=6), part, max_size=3),
        max_leaves=6,
    )  # fmt: skip
    TABLES = st.dictionaries(st.sampled_from([*BUDGET, "x"]), VALUES, max_size=7)

    @given(
        st.dictionaries(
            st.sampled_from([*FILE, "rules", "prices", "x"]), VALUES | st.lists(TABLES, max_size=2) | TABLES
        )
    )
    def test_it_is_read_or_refused(self, values: dict[str, object]) -> None:
        text = tomlkit.dumps(values)
        said = self.said_about(text)
        assert not said or (said.startswith("config.toml") and "mend it" in said)

    @staticmethod
    def said_about(text: str) -> str:
        """Empty where the text can be used."""
        try:
            return "" if isinstance(parse_settings(Path("config.toml"), text), Settings) else "no settings"
        except ConfigError as error:
            return str(error)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("theme = 3", ":1", "theme: should be a text in quotes"),
        ("interval = true", ":1", "interval: should be a valid number"),
        ("interval = 1" + "0" * 400, ":1", "interval: should be a finite number"),
        ('directories = ["~nobody-here/x"]', ":1", "directories: no such home directory"),
        ("keys = 3", ":1", "keys: should be a table"),
        ("[keys]\nfreeze = 3", ":2", "keys.freeze: expected keys such as"),
        ("budgets = 3", ":1", "budgets: should be a list of tables, each begun with [[budgets]]"),
        ("budgets = [3]", ":1", "budgets[1]: should be a table"),
        ('[[budgets]]\nname=""\nlimit=1\nwindow="day"', ":2", "budgets[1].name: should have 1 to 40 characters"),
        ('[[budgets]]\nname="a"\nlimit=1e16\nwindow="day"', ":3", "budgets[1].limit: should be at most 1e+15"),
        ('[[budgets]]\nname="a"\nlimit=true\nwindow="day"', ":3", "budgets[1].limit: should be a valid number"),
        ('[[budgets]]\nname="a"\nlimit=1\nwindow="day"\nunit="euro"', ":5",
         "budgets[1].unit: should be 'usd', 'tokens' or 'fresh_tokens'"),
        ('[[budgets]]\nname="a"\nlimit=1\nwindow="day"\nthresholds=[0]', ":5",
         "budgets[1].thresholds[1]: should be a whole percentage from 1 to 1000"),
        ('[[budgets]]\nname="a"\nlimit=1\nwindow="day"\nat={ "90" = "shout" }', ":5",
         "budgets[1].at.90: should be 'note', 'warn' or 'alarm'"),
        ('[[budgets]]\nname="a"\nlimit=1\nwindow="day"\nat={ "80" = "warn" }', ":5",
         "budgets[1].at: 80 is none of the thresholds [50, 75, 90, 100]"),
        ('[[budgets]]\nname="a"\nlimit=1\nwindow="day"\n[[budgets]]\nname="a"\nlimit=1\nwindow="day"', ":6",
         "budgets[2].name: two budgets have the name 'a'"),
        ('[notify]\nbell = "yes"', ":2", "notify.bell: should be true or false"),
        ('[notify]\nwebhook = "irc"', ":2", "notify.webhook: should be 'off', 'slack', 'discord' or 'json'"),
        ('[notify]\nwebhook_url_env = "a b"', ":2", "notify.webhook_url_env: expected the name of an environment"),
        ("[notify]\nquiet_seconds = -1", ":2", "notify.quiet_seconds: should be greater than or equal to 0"),
        ('[notify]\ncommand = ["x", ""]', ":2", "notify.command[2]: should not be empty"),
    ],
)  # fmt: skip
def test_each_part_has_words_of_its_own(path: Path, text: str, line: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}{line}: {said}")


def test_reading_the_file_needs_no_model_library(path: Path) -> None:
    path.write_text('[[budgets]]\nname = "day"\nlimit = 5\nwindow = "day"\n')
    code = (
        "import sys; from pathlib import Path; from tokentui.config.load import load_settings\n"
        f"assert load_settings(Path({str(path)!r})).budgets[0].limit == 5; assert 'pydantic' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_local_zone_is_the_one_a_link_leads_to(tmp_path: Path) -> None:
    zone, link, copy = tmp_path / "zoneinfo" / "Europe" / "Berlin", tmp_path / "localtime", tmp_path / "copy"
    zone.parent.mkdir(parents=True)
    zone.touch()
    copy.touch()
    link.symlink_to(zone)
    assert [zone_linked_from(str(path), {}) for path in (link, copy)] == ["Europe/Berlin", ""]
    assert zone_linked_from(str(link), {"TZ": "Asia/Kolkata"}) == ""
