"""`tokentui doctor`."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from dataclasses import replace
from typing import Any

import click

from tokentui import __version__
from tokentui.checkup import Checkup, Place, examine, line_number
from tokentui.cli.ingest import ProgressBar
from tokentui.cli.plan_limits import plan_limit_fields, plan_limit_lines
from tokentui.cli.printing.answers import head, utc_text
from tokentui.cli.printing.folding import print_text
from tokentui.cli.screen_settings import screen_problems
from tokentui.config.zones import zone_name
from tokentui.exit_codes import DONE, FAILED
from tokentui.figures import format_bytes, plural
from tokentui.file_trouble import is_there
from tokentui.queries.agreement import MOST_RESPONSES
from tokentui.queries.health import Health
from tokentui.store.database import CURRENT_VERSION
from tokentui.text import safe_text

_MOST_ALIKE = 8
"""Problems that begin with the same words are listed up to this number, the rest counted."""


@click.command()
@click.option("--thorough", is_flag=True, help="Add up every single response, however many there are.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(thorough: bool, as_json: bool) -> int:
    """Say where tokentui looked, what it found, what is wrong and how to mend it.

    The sums that are kept are compared with the single responses, in a long history with the latest half million.
    The exit code is 1 where figures are wrong or missing until something is mended.
    """
    bar = ProgressBar(sys.stderr.isatty())
    found = examine(os.environ, bar.show, most_responses=None if thorough else MOST_RESPONSES)
    bar.clear()
    settings, where = found.workspace.settings, str(found.workspace.home.config_file)
    found = replace(found, problems=(*found.problems, *screen_problems(settings, where)))
    if as_json:
        click.echo(json.dumps(checkup_fields(found), indent=2))
    else:
        print_text(checkup_lines(found))
    return FAILED if found.is_broken else DONE


def checkup_lines(found: Checkup) -> list[str]:
    """The answer as text, line by line."""
    lines = [*_about_program(found), "", "Looked for logs in", *map(_place_line, found.places), ""]
    lines += _about_store(found)
    if found.health and found.health.plan_limits:
        lines += ["", *plan_limit_lines(found.health.plan_limits, found.workspace.clock())]
    lines += ["", *_about_problems(found)]
    return [safe_text(line, 1000) if not line.startswith(" ") else _indented(line) for line in lines]


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return " " * (len(line) - len(text)) + safe_text(text, 1000)


def _about_program(found: Checkup) -> list[str]:
    home = found.workspace.home
    config = "in use" if is_there(home.config_file) else "not there, shipped settings hold"
    return [
        f"tokentui {__version__} · Python {platform.python_version()} · SQLite {sqlite3.sqlite_version}"
        f" · {platform.system()} {platform.release()}",
        f"Settings   {home.config_file} ({config})",
        f"Log file   {home.log_file}",
        f"Time zone  {zone_name(found.workspace.time_zone)}",
    ]


def _place_line(place: Place) -> str:
    if not place.exists:
        return f"  {place.source.root}: not there"
    if reason := dict(place.unreadable).get(str(place.source.root)):
        return f"  {place.source.root}: cannot be read ({reason})"
    logs = f"{plural(place.logs, 'log')}, {format_bytes(place.size_bytes)}"
    word = "polled" if place.silent else "changes are told"
    return f"  {place.source.root}: {logs}; {word}"


def _about_store(found: Checkup) -> list[str]:
    path = found.workspace.home.database
    if found.database_bytes is None:
        return [f"Database   {path} (not made yet)"]
    lines = [f"Database   {path} ({format_bytes(found.database_bytes)}, schema {CURRENT_VERSION})"]
    return (
        [*lines, *about_health(found.health)] if found.health else [lines[0].replace(f", schema {CURRENT_VERSION}", "")]
    )


def about_health(health: Health) -> list[str]:
    """Print what the database holds."""
    skipped = sum(log.count for log in health.skipped)
    span = f", {utc_text(health.first_at)} to {utc_text(health.last_at)}" if health.first_at else ""
    return [
        f"  {plural(health.responses, 'response')} ({health.lower_bound_responses:,} of them lower bounds) in"
        f" {plural(health.sessions, 'session')} by {plural(health.agents, 'agent')}{span}",
        f"  from {plural(health.logs, 'log')} ever read: {plural(health.lines, 'line')},"
        f" {format_bytes(health.read_bytes)}; {plural(skipped, 'line')} skipped",
        f"  kept sums {_about_sums(health)}",
    ]


def _about_sums(health: Health) -> str:
    if health.sums_differ:
        return f"differ in {', '.join(health.sums_differ)}"
    if health.sums_compared_since is None:
        return "agree with every single response"
    since = utc_text(health.sums_compared_since)
    return f"agree with one another, and with every single response since {since} (`--thorough` compares all)"


def _about_problems(found: Checkup) -> list[str]:
    if not found.problems:
        return ["Nothing is wrong."]
    lines = [f"{plural(len(found.problems), 'thing')} to know"]
    alike: dict[str, int] = {}
    for problem in found.problems:
        kind = " ".join(word for word in problem.mend.split()[:3])
        alike[kind] = alike.get(kind, 0) + 1
        if alike[kind] <= _MOST_ALIKE:
            sign = "✖" if problem.is_broken else "•"
            lines += [f"  {sign} {problem.what}", f"      {problem.where}", f"      → {problem.mend}"]
    more = sum(count - _MOST_ALIKE for count in alike.values() if count > _MOST_ALIKE)
    return [*lines, *([f"  and {more:,} more like these; `--json` lists all"] if more else [])]


def checkup_fields(found: Checkup) -> dict[str, Any]:
    """The answer as JSON."""
    workspace, home = found.workspace, found.workspace.home
    return {
        **head(workspace.clock()),
        "version": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "platform": platform.platform(),
        "time_zone": zone_name(workspace.time_zone),
        "config_file": {"path": str(home.config_file), "exists": is_there(home.config_file)},
        "log_file": str(home.log_file),
        "database": {
            "path": str(home.database),
            "size_bytes": found.database_bytes,
            "schema": CURRENT_VERSION if found.health else None,
        },
        "places": [_place_fields(place) for place in found.places],
        "store": _health_fields(found.health) if found.health else None,
        "problems": [
            {"what": p.what, "where": p.where, "mend": p.mend, "is_broken": p.is_broken} for p in found.problems
        ],
        "is_broken": found.is_broken,
    }


def _place_fields(place: Place) -> dict[str, Any]:
    return {
        "path": str(place.source.root),
        "exists": place.exists,
        "named_by_user": place.source.named_by_user,
        "logs": place.logs,
        "size_bytes": place.size_bytes,
        "unreadable": [{"path": path, "reason": reason} for path, reason in place.unreadable],
        "tells_of_changes": place.exists and not place.silent,
    }


def _health_fields(health: Health) -> dict[str, Any]:
    return {
        "logs": health.logs,
        "read_bytes": health.read_bytes,
        "lines": health.lines,
        "responses": health.responses,
        "lower_bound_responses": health.lower_bound_responses,
        "sessions": health.sessions,
        "agents": health.agents,
        "first_at": utc_text(health.first_at),
        "last_at": utc_text(health.last_at),
        "skipped_lines": [
            {
                "path": log.path,
                "count": log.count,
                "lines": log.lines,
                "first_line": line_number(log),
                "first_offset_bytes": log.first_offset_bytes,
                "reason": log.reason,
            }
            for log in health.skipped
        ],
        "unreadable_logs": [{"path": path, "reason": reason} for path, reason in health.unreadable_logs],
        "unpriced_models": [{"model": model, "responses": count} for model, count in health.unpriced_models],
        "early_models": [{"model": model, "responses": count} for model, count in health.early_models],
        "sums_differ_in": list(health.sums_differ),
        "sums_compared_since": utc_text(health.sums_compared_since),
        "plan_limits": [plan_limit_fields(limit) for limit in health.plan_limits],
    }
