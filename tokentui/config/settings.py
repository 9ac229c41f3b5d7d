"""All settings as values, with the defaults that ship. The configuration file is read in `config.file`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from tokentui.config.thresholds import Grade, RuleChange
    from tokentui.pricing.overrides import Override

GraphAlphabet = Literal["auto", "braille", "block", "ascii"]
BudgetUnit = Literal["usd", "tokens", "fresh_tokens"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
THRESHOLDS = (50, 75, 90, 100)
EVERYTHING = "everything"


class ConfigError(Exception):
    """The configuration cannot be used; the message is one line: file, key, reason, how to mend.

    Of several mistakes the message names the first and their number; `lines` has one line for each, in file order.
    """

    def __init__(self, message: str, lines: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.lines = lines or (message,)


class Budget(NamedTuple):
    """A limit on the dollars or tokens that may be used in a window of time."""

    name: str
    limit: float
    """In dollars or tokens, as `unit` says."""
    unit: BudgetUnit
    window: str
    """`day`, `week`, `month`, or hours that move along: `rolling 5h`."""
    thresholds: tuple[int, ...] = THRESHOLDS
    """Percentages of the limit at which something happens, in rising order."""
    is_default: bool = False
    """Whether it ships with the program; False if the user set it."""
    scope: str = EVERYTHING
    """`everything`, `project:TEXT`, `model:TEXT`, `session:ID` or `agent:TYPE`."""
    grades: tuple[Grade, ...] = ()
    """What happens at each threshold; empty for the usual, see `usual_grade`."""

    @property
    def grade_at(self) -> tuple[Grade, ...]:
        """What happens at each threshold, with the usual filled in."""
        return self.grades or tuple(usual_grade(mark) for mark in self.thresholds)


def usual_grade(mark: int) -> Grade:
    """What happens at a threshold, in percent, for which the user set nothing."""
    return "alarm" if mark >= 100 else "warn" if mark >= 90 else "note"


DEFAULT_BUDGETS = (
    Budget("daily", 10.0, "usd", "day", is_default=True),
    Budget("weekly", 1_000_000.0, "fresh_tokens", "week", is_default=True),
    Budget("monthly", 200.0, "usd", "month", is_default=True),
)


TerminalNotice = Literal["off", "osc9", "osc777"]
WebhookShape = Literal["off", "slack", "discord", "json"]


class Notify(NamedTuple):
    """Where alarms are sent besides the screen; all off until set. Secrets come only from the environment."""

    bell: bool = False
    title: bool = False
    """Show alarms in the terminal's title."""
    terminal: TerminalNotice = "off"
    """Which escape sequence makes the terminal show a notification of its own."""
    desktop: bool = False
    """By `notify-send`, or in the notification centre of macOS."""
    webhook: WebhookShape = "off"
    webhook_url_env: str = "TOKENTUI_WEBHOOK_URL"
    """Environment variable that holds the address."""
    webhook_token_env: str = "TOKENTUI_WEBHOOK_TOKEN"  # noqa: S105 - the name of a variable, not what is in it
    """Environment variable that may hold a bearer token."""
    command: tuple[str, ...] = ()
    """A program and its arguments; it gets the alert as JSON on standard input."""
    when_over: bool = False
    """Whether the end of an alarm is sent as well."""
    quiet_seconds: float = 120.0
    """How long after a notice about a session further ones about it are held back."""


class AnthropicSettings(NamedTuple):
    """How to reach Anthropic's Admin API; the key itself is never a setting."""

    key_command: tuple[str, ...] = ()
    """A program and its arguments that print the Admin key; run without a shell."""
    base_url: str = ""
    """The address of a gateway or a test's server; empty for Anthropic's own."""
    keep_emails: bool = False
    """Whether to store the addresses of people in the Claude Code report; else each gets a made-up name."""


class Settings(NamedTuple):
    """All settings, each with the value that ships."""

    theme: str = "tokentui-safe"
    graph: GraphAlphabet = "auto"
    interval_seconds: float = 1.0
    """How often the screen is refreshed when nothing has changed."""
    keymap: Mapping[str, str] = MappingProxyType({})
    """Id of a key binding → the keys that replace its shipped ones, as `"p"` or `"p,ctrl+p"`."""
    time_zone: str = ""
    """IANA name of the zone in which days are counted; empty for the system's."""
    week_start: int = 0
    """First day of the week, 0 for Monday."""
    directories: tuple[Path, ...] = ()
    """Where to search for logs instead of the usual places; empty for these."""
    budgets: tuple[Budget, ...] = DEFAULT_BUDGETS
    prices: tuple[Override, ...] = ()
    """The user's own prices."""
    anthropic: AnthropicSettings = AnthropicSettings()
    rules: Mapping[str, RuleChange] = MappingProxyType({})
    """Name of a runaway rule → what the user changed about it."""
    notify: Notify = Notify()
