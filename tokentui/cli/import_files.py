"""`tokentui import`."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokentui.anthropic.errors import AnthropicError
from tokentui.anthropic_side import import_file, undo_file
from tokentui.cli.printing.answers import head, utc_text
from tokentui.exit_codes import DONE, FAILED
from tokentui.figures import plural
from tokentui.file_trouble import is_there
from tokentui.queries.reckoning.reported.reach import ImportedFile, imported_files
from tokentui.store.database import StoreError, open_reader
from tokentui.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from tokentui.billed import Export
    from tokentui.store.imports import Imported

_MOST_SKIPPED = 20
_GRAINS = {60: "minutes", 3600: "hours", 86_400: "days"}


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--undo", type=click.IntRange(1), metavar="NUMBER", help="Take an import out again.")
@click.option("--list", "as_list", is_flag=True, help="List what was imported.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(files: tuple[Path, ...], undo: int | None, as_list: bool, as_json: bool) -> int:
    """Read token and cost exports of the console (CSV, from its Usage and Cost pages).

    The same file counts once. Where files tell of the same time, the finest counts; nothing is added twice.
    """
    if bool(files) + (undo is not None) + as_list != 1:
        raise click.UsageError("give files, or --undo NUMBER, or --list")
    workspace = open_workspace(os.environ)
    if undo is not None:
        return _undo(workspace, undo)
    if as_list:
        _list(workspace, as_json)
        return DONE
    return _import(workspace, files, as_json)


def _import(workspace: Workspace, files: tuple[Path, ...], as_json: bool) -> int:
    """Import every file that can be read; a bad file does not stop the others."""
    failed, done = 0, []
    for path in files:
        try:
            export, imported = import_file(workspace, path)
        except AnthropicError as error:
            click.echo(f"tokentui: {error}", err=True)
            failed += 1
            continue
        done.append(import_fields(path, export, imported))
        if not as_json:
            click.echo(import_text(path, export, imported))
    if as_json:
        click.echo(json.dumps({**head(workspace.clock()), "rows": done}, indent=2))
    return FAILED if failed else DONE


def import_text(path: Path, export: Export, imported: Imported) -> str:
    """The result of one file, in a line."""
    if not imported.is_new:
        return f"{path}: already imported as {imported.import_id}, nothing changed"
    grain = _GRAINS.get(export.grain_s, "months")
    lines = [
        f"{path}: import {imported.import_id}, {export.kind} by {grain}: {plural(export.lines, 'line')}, "
        f"{plural(imported.rows, 'row')} stored, {plural(len(export.skipped), 'line')} skipped"
    ]
    lines += [f"  line {line.number:,}: {line.reason}" for line in export.skipped[:_MOST_SKIPPED]]
    if len(export.skipped) > _MOST_SKIPPED:
        lines.append(f"  and {len(export.skipped) - _MOST_SKIPPED:,} more; `--json` lists all")
    if export.unknown_columns:
        lines.append(f"  columns not read: {', '.join(export.unknown_columns)}")
    return "\n".join(lines)


def import_fields(path: Path, export: Export, imported: Imported) -> dict[str, Any]:
    """The result of one file as JSON."""
    return {
        "file": str(path),
        "import": imported.import_id,
        "is_new": imported.is_new,
        "kind": export.kind,
        "grain_seconds": export.grain_s,
        "lines": export.lines,
        "rows": imported.rows,
        "skipped": [{"line": line.number, "reason": line.reason} for line in export.skipped],
        "unknown_columns": list(export.unknown_columns),
    }


def _undo(workspace: Workspace, import_id: int) -> int:
    rows = undo_file(workspace, import_id)
    if rows is None:
        raise click.ClickException(f"there is no import {import_id}; `tokentui import --list` shows all")
    click.echo(f"import {import_id} taken out, {plural(rows, 'row')}")
    return DONE


def _list(workspace: Workspace, as_json: bool) -> None:
    files = _files(workspace)
    if as_json:
        click.echo(json.dumps({**head(workspace.clock()), "rows": [_file_fields(file) for file in files]}, indent=2))
        return
    for file in files:
        skipped = f", {plural(file.skipped_lines, 'line')} skipped" if file.skipped_lines else ""
        span = f"{file.since:%Y-%m-%d %H:%M} to {file.until:%Y-%m-%d %H:%M} UTC" if file.rows else f"{'empty':<40}"
        rows = f"{plural(file.rows, 'row'):>12}{skipped}"
        click.echo(f"{file.import_id:>4}  {file.kind:<6}  {span}  {rows}  {file.file_name}")
    if not files:
        click.echo("Nothing was imported yet.")


def _files(workspace: Workspace) -> tuple[ImportedFile, ...]:
    try:
        with closing(open_reader(workspace.home.database)) as reader:
            return imported_files(reader)
    except StoreError:
        if is_there(workspace.home.database):
            raise
        return ()


def _file_fields(file: ImportedFile) -> dict[str, Any]:
    return {
        "import": file.import_id,
        "kind": file.kind,
        "file_name": file.file_name,
        "imported_at": utc_text(file.imported_at),
        "since": utc_text(file.since),
        "until": utc_text(file.until),
        "rows": file.rows,
        "skipped_lines": file.skipped_lines,
    }
