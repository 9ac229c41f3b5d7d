"""Edits the configuration file for the user: changes only what is asked for, and keeps comments and order."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from tokentui.config.file import parse_settings
from tokentui.config.settings import EVERYTHING, THRESHOLDS, Budget, ConfigError, Settings, usual_grade
from tokentui.file_trouble import DISK_FULL, is_there, reason_of

Change = Callable[[tomlkit.TOMLDocument], None]


def write_budget(path: Path, budget: Budget) -> Settings:
    """Add the table of a budget, or change that of the same name; returns the new settings. Raises ConfigError."""

    def change(document: tomlkit.TOMLDocument) -> None:
        budgets = _budgets(document)
        table = next((table for table in budgets if table.get("name") == budget.name), None)
        if table is None:
            table = tomlkit.table()
            _fill(table, budget)
            _append(budgets, table)
        else:
            _fill(table, budget)

    return _rewrite(path, change)


def delete_budget(path: Path, name: str) -> Settings:
    """Delete the table of a budget; returns the new settings. Raises ConfigError if the file has none of that name."""

    def change(document: tomlkit.TOMLDocument) -> None:
        budgets = _budgets(document)
        place = next((index for index, table in enumerate(budgets) if table.get("name") == name), None)
        if place is None:
            raise ConfigError(f"{path} has no budget {name!r}; `tokentui budget list` shows all")
        if len(budgets) == 1:
            document["budgets"] = tomlkit.array()  # without the key, the shipped budgets would apply
        else:
            del budgets[place]

    return _rewrite(path, change)


def write_theme(path: Path, name: str) -> Settings:
    """Write the name of the theme chosen on screen; returns the new settings. Raises ConfigError."""

    def change(document: tomlkit.TOMLDocument) -> None:
        document["theme"] = name

    return _rewrite(path, change)


def _budgets(document: tomlkit.TOMLDocument) -> AoT:
    """The `[[budgets]]` tables, to add to or to change; budgets written inline become such tables."""
    found = document.get("budgets")
    if isinstance(found, AoT):
        return found
    entries = list(found) if isinstance(found, list) else []
    tables = tomlkit.aot()
    for entry in entries:  # inline, as in `budgets = [{…}]`
        table = tomlkit.table()
        table.update(entry)
        tables.append(table)
    if found is not None:
        document.remove("budgets")
    document["budgets"] = tables
    return tables


def _append(budgets: AoT, table: Table) -> None:
    """Add a table, with an empty line before and after it."""
    if len(budgets) and not budgets[-1].as_string().endswith("\n\n"):
        budgets[-1].add(tomlkit.nl())
    table.add(tomlkit.nl())
    budgets.append(table)


def _fill(table: Table, budget: Budget) -> None:
    """Write a budget into its table. What a budget has anyway is only written where it stood before."""
    limit: float | int = int(budget.limit) if budget.limit.is_integer() else budget.limit
    usual = tuple(usual_grade(mark) for mark in budget.thresholds)
    marks = {str(mark): grade for mark, grade in zip(budget.thresholds, budget.grade_at, strict=True)}
    _put(table, "name", budget.name)
    _put(table, "limit", limit)
    _put(table, "unit", budget.unit)
    _put(table, "window", budget.window)
    _put(table, "scope", budget.scope, is_usual=budget.scope == EVERYTHING)
    _put(table, "thresholds", list(budget.thresholds), is_usual=budget.thresholds == THRESHOLDS)
    if budget.grade_at == usual:
        table.pop("at", None)
    else:
        at = tomlkit.inline_table()
        at.update(marks)
        table["at"] = at


def _put(table: Table, key: str, value: Any, is_usual: bool = False) -> None:
    if table.get(key) != value and not (is_usual and key not in table):
        table[key] = value


def _rewrite(path: Path, change: Change) -> Settings:
    """Read the file, change it, check the result, and only then write it."""
    target = path.resolve()  # a link stays a link
    try:
        text = target.read_text(encoding="utf-8-sig") if is_there(target) else ""
        parse_settings(path, text)
        document = tomlkit.parse(text)
        change(document)
        new = tomlkit.dumps(document).rstrip("\n") + "\n"
        settings = parse_settings(path, new)
        _replace(target, new)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: save it as UTF-8") from error
    except UnicodeEncodeError as error:
        raise ConfigError(f"{path}: what was given is not UTF-8 text, nothing was changed") from error
    except OSError as error:
        mend = "free some space" if error.errno in DISK_FULL else "check its permissions"
        raise ConfigError(f"{path} cannot be changed ({reason_of(error, path)}): {mend}") from error
    return settings


def _replace(path: Path, text: str) -> None:
    """Replace the file in one step, so that no program that watches it ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    new = text.encode()
    with NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(new)
            file.close()  # a full disk may show here, not before
            temporary.chmod(mode)
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
