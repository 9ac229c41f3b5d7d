"""What the user may set, and the settings that ship. The file is read by `config_file`, if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tokentui.pricing.overrides import Override

GraphAlphabet = Literal["auto", "braille", "block", "ascii"]
BudgetUnit = Literal["usd", "tokens", "fresh_tokens"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
THRESHOLDS = (50, 75, 90, 100)


class ConfigError(Exception):
    """The configuration cannot be used; the message is one line: file, key, reason, how to mend."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on what may be used in a window of time."""

    name: str
    limit: float
    """Dollars or tokens, by the unit."""
    unit: BudgetUnit
    window: str
    """`day`, `week`, `month`, or hours that move along: `rolling 5h`."""
    thresholds: tuple[int, ...] = THRESHOLDS
    """Percent of the limit at which to speak up, rising."""
    is_default: bool = False
    """Shipped with the program, not set by the user."""


DEFAULT_BUDGETS = (
    Budget("daily", 10.0, "usd", "day", is_default=True),
    Budget("weekly", 1_000_000.0, "fresh_tokens", "week", is_default=True),
    Budget("monthly", 200.0, "usd", "month", is_default=True),
)


@dataclass(frozen=True, slots=True)
class AnthropicSettings:
    """How to reach Anthropic's Admin API; the key itself is never a setting."""

    key_command: tuple[str, ...] = ()
    """A program and its arguments that print the Admin key; run without a shell."""
    base_url: str = ""
    """Of a gateway, or of a test's server; empty for Anthropic's own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, each with the value that ships."""

    theme: str = "tokentui-safe"
    graph: GraphAlphabet = "auto"
    interval_seconds: float = 1.0
    """How often the screen asks again when nothing has changed."""
    keymap: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Key id → keys that replace the shipped ones, as `"p"` or `"p,ctrl+p"`."""
    time_zone: str = ""
    """IANA name of the zone in which days are counted; empty for the system's."""
    week_start: int = 0
    """First day of the week, 0 for Monday."""
    directories: tuple[Path, ...] = ()
    """Where to look for logs instead of the usual places."""
    budgets: tuple[Budget, ...] = DEFAULT_BUDGETS
    prices: tuple[Override, ...] = ()
    """The user's own prices."""
    anthropic: AnthropicSettings = AnthropicSettings()


def load_settings(path: Path) -> Settings:
    """The settings of a file, or those that ship where there is none. Raises ConfigError."""
    if not path.exists():
        return Settings()
    from tokentui.config_file import read_settings

    return read_settings(path)
