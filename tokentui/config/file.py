"""Reads the configuration file: TOML, checked key by key; each error names the line to mend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tokentui.config.checks import Check, EntryError, Mistake, between, each, one_of, some_text, switch, table, text
from tokentui.config.entries import parse_budgets, parse_notify, parse_rules
from tokentui.config.settings import WEEKDAYS, AnthropicSettings, ConfigError, Settings
from tokentui.config.zones import zone_called

if TYPE_CHECKING:
    from tokentui.pricing.overrides import Override

_HEADER = re.compile(r"\s*\[+\s*([^\]#]+?)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_Key = str | int


def _known_zone(value: object) -> str:
    name = text(value)
    try:
        if name:
            zone_called(name)
    except ValueError:
        raise ValueError("no such time zone; give a name such as Europe/Berlin") from None
    return name


def _weekday(value: object) -> int:
    name = text(value).lower()
    if name not in WEEKDAYS:
        raise ValueError(f"expected one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(name)


def _directories(value: object) -> tuple[Path, ...]:
    try:
        return tuple(Path(directory).expanduser() for directory in each(text)(value))
    except RuntimeError as error:
        raise ValueError(f"no such home directory ({error})") from None


def _keys(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise ValueError("should be a table")
    return MappingProxyType(table(value, dict.fromkeys(value, _joined)))


def _joined(value: object) -> str:
    keys = [key if isinstance(key, str) else "" for key in (value if isinstance(value, list) else [value])]
    joined = ",".join(keys)
    if not all(part.strip() for part in joined.split(",")):
        raise ValueError('expected keys such as "p" or ["p", "ctrl+p"]')
    return joined


ANTHROPIC: Mapping[str, Check] = {"key_command": each(some_text), "base_url": text, "keep_emails": switch}
"""The keys of `[anthropic]`, with their checks."""


def _anthropic(value: object) -> AnthropicSettings:
    return AnthropicSettings(**table(value, ANTHROPIC))


def _prices(value: object) -> tuple[Override, ...]:
    """The user's own prices. Only users who have some wait for decimals and fractions to be imported."""
    from tokentui.pricing.overrides import parse_overrides

    return parse_overrides(each(_usable_price, "list of tables, each begun with [[prices]]")(value))


def _usable_price(value: object) -> object:
    from tokentui.pricing.overrides import mistakes_in

    if wrong := mistakes_in(value):
        raise EntryError(*(Mistake((field,) if field else (), reason) for field, reason in wrong))
    return value


FILE: Mapping[str, Check] = {
    "theme": text,
    "graph": one_of("auto", "braille", "block", "ascii"),
    "interval": between(0.1, 3600),
    "time_zone": _known_zone,
    "week_start": _weekday,
    "directories": _directories,
    "keys": _keys,
    "budgets": parse_budgets,
    "anthropic": _anthropic,
    "notify": parse_notify,
    "rules": parse_rules,
    "prices": _prices,
}
"""The keys and tables of the file, with their checks."""
_FIELDS = {"interval": "interval_seconds", "keys": "keymap"}
"""Name in the file → field of `Settings`, where the two differ."""


def read_settings(path: Path) -> Settings:
    """The settings of a file. Raises ConfigError."""
    try:
        return parse_settings(path, path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: save it as UTF-8") from error


def parse_settings(path: Path, text: str) -> Settings:
    """The settings in the text of a file; `path` is only for errors to name. Raises ConfigError."""
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also an integer that is too long, and brackets nested too deep
        raise ConfigError(f"{path} is not TOML: {error}; mend it or move the file away") from error
    return _checked(path, text, values)


def _checked(path: Path, text: str, values: dict[str, Any]) -> Settings:
    try:
        found = table(values, FILE)
    except EntryError as error:
        raise _config_error(path, text, error.mistakes) from error
    return Settings(**{_FIELDS.get(key, key): value for key, value in found.items()})


def _config_error(path: Path, text: str, mistakes: tuple[Mistake, ...]) -> ConfigError:
    """An error with all mistakes in the order of their lines; of several, its message is the first and their number."""
    placed = sorted((line_of(text, keys), f"{_dotted(keys)}: {reason}") for keys, reason in mistakes)
    told = [(f"{path}:{line}" if line else str(path), f"{what}; mend it or leave it out") for line, what in placed]
    place, what = told[0]
    count = f" (1 of {len(told)} mistakes)" if len(told) > 1 else ""
    return ConfigError(f"{place}{count}: {what}", tuple(": ".join(one) for one in told))


def _dotted(keys: tuple[_Key, ...]) -> str:
    """Keys as a reader counts them, from 1: `budgets[2].limit`."""
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")


def line_of(text: str, keys: tuple[_Key, ...]) -> int:
    """The line of a key, else that of the table it belongs to; 0 if neither is found. `keys` as in `Mistake`."""
    names = [key for key in keys if isinstance(key, str)]
    place = keys[1] if len(keys) > 1 and isinstance(keys[1], int) else 0  # of several tables with the same header
    inside: list[str] = []
    tables_met, found = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            inside = [part.strip(" \"'") for part in header[1].split(".")]
            is_ours = names[: len(inside)] == inside
            tables_met += is_ours and inside == names[:1]
            if is_ours and (len(inside) > 1 or tables_met == place + 1):
                found = number
        elif key := _KEY.match(line):
            is_wanted = [*inside, key[1]] == names[: len(inside) + 1] and (len(inside) != 1 or tables_met == place + 1)
            if is_wanted or (not inside and not found and key[1] == names[0]):
                return number
    return found
