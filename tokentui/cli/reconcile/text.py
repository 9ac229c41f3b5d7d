"""A reconciliation for people: on the terminal, and as a Markdown report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokentui.cli.printing.dollars import cents_text
from tokentui.cli.reconcile.claude_code import code_tables
from tokentui.figures import format_share
from tokentui.queries.reckoning.differences import TOLERATED_SHARE, TOLERATED_TOKENS
from tokentui.queries.reckoning.estimates import Estimate
from tokentui.queries.reckoning.results import REASONS, Finding, Reckoning, ReckoningRow
from tokentui.records import Tokens
from tokentui.text import safe_text
from tokentui.widths import cell_width, shorten_end

WORKBENCH, DEFAULT = "(Workbench)", "Default"
_MOST_NOTES = 30
_WORDS = ("day", "model", "class", "key", "workspace", "who", "paid by", "terminal")
"""Heads of columns that hold no figures."""
_Table = tuple[Sequence[str], list[Sequence[str]]]
_ABOUT = (
    f"Tolerances: logged above billed by {TOLERATED_TOKENS} tokens or {TOLERATED_SHARE:.1%} per day and model; money "
    "by a cent, 0.1%, and half a cent for each line of an export. Days are UTC. Differences are billed minus logged."
)


def plain(found: Reckoning) -> str:
    """The answer as text for a terminal."""
    lines: list[str] = []
    for title, table in _tables(found):
        if table[1]:
            lines += ["", title, *(_columns(table) if len(table[0]) > 2 else _classes(table[1]))]
    lines += ["", *_findings(found, "✖ ", "• "), "", _verdict(found), _ABOUT]
    return "\n".join(lines).strip("\n")


def markdown(found: Reckoning) -> str:
    """The answer as a Markdown report."""
    last = found.until.fromordinal(found.until.toordinal() - 1)
    lines = [
        f"# Reconciliation {found.since} to {last}",
        "",
        f"As of {found.as_of:%Y-%m-%d %H:%M} UTC. {_verdict(found)}",
    ]
    for title, (heads, rows) in _tables(found):
        if rows:
            lines += [
                "",
                f"## {title}",
                "",
                _row(heads),
                _row([*["---"] * _left(heads), *["---:"] * (len(heads) - _left(heads))]),
            ]
            lines += [_row(row) for row in rows]
    lines += ["", "## Findings", "", *(_findings(found, "- **", "- ", "**") or ["None."]), "", _ABOUT]
    return "\n".join(lines)


def _verdict(found: Reckoning) -> str:
    if found.is_empty:
        return "There is nothing to compare the logs with."
    if found.is_off:
        return "The reckoning does not come out."
    return "The reckoning comes out."


def _findings(found: Reckoning, grave: str, plain_: str, end: str = "") -> list[str]:
    shown = found.findings[:_MOST_NOTES]
    lines = [f"{grave}{_finding(f)}{end}" if f.is_off else f"{plain_}{_finding(f)}" for f in shown]
    more = len(found.findings) - len(shown)
    return [*lines, f"{plain_}and {more:,} more; `--json` lists all"] if more else lines


def _finding(finding: Finding) -> str:
    """The sentence of a finding, with a loud beginning if it is about double counting."""
    loud = "DOUBLE COUNTING: " if finding.kind == "double counting" else ""
    return loud + safe_text(finding.text, 400)


def _tables(found: Reckoning) -> list[tuple[str, _Table]]:
    return [
        ("Days and models", _days(found.rows)),
        ("Why they differ", _reasons(found)),
        ("Keys", _keys(found)),
        ("Workspaces", _workspaces(found)),
        *code_tables(found),
    ]


def _days(rows: Iterable[ReckoningRow]) -> _Table:
    rows = list(rows)
    has_code = any(row.code is not None for row in rows)
    code = ("Claude Code",) * has_code
    heads = ("day", "model", "logged", "API", "export", *code, "difference", "logged $", "list $", "billed $")
    lines: list[Sequence[str]] = []
    for row in rows:
        billed = row.billed
        difference = f"{billed.total - (row.logged or Tokens()).total:+,}" if billed is not None else "–"
        money = row.api_billed_pico_usd if row.api_billed_pico_usd is not None else row.csv_billed_pico_usd
        at_least = "≥" if row.lower_bound_responses else ""
        lines.append(
            (
                row.day.isoformat(), name_text(row.model, "–"), at_least + _count(row.logged), _count(row.api),
                _count(row.csv), *(_code(row),) * has_code, difference, estimate_text(row.logged_estimate),
                estimate_text(row.billed_estimate if row.against else None), cents_text(money),
            )
        )  # fmt: skip
    return heads, lines


def _reasons(found: Reckoning) -> _Table:
    lines: list[Sequence[str]] = [
        (f"{reason}: {REASONS[reason]}", f"{tokens.total:+,}") for reason, tokens in found.by_reason().items()
    ]
    return ("class", "tokens"), lines


def _keys(found: Reckoning) -> _Table:
    has_code = any(row.code is not None for row in found.keys)
    code = ("Claude Code",) * has_code
    heads = ("key", "workspace", "API", "export", *code, "list $", "billed $", "while logs show use")
    lines: list[Sequence[str]] = [
        (
            name_text(row.api_key, WORKBENCH), name_text(row.workspace, DEFAULT), _count(row.api), _count(row.csv),
            *(f"{row.code.total:,}" if row.code else "–",) * has_code,
            estimate_text(row.estimate), cents_text(row.csv_billed_pico_usd), format_share(row.seen_here),
        )
        for row in found.keys
    ]  # fmt: skip
    return heads, lines


def _workspaces(found: Reckoning) -> _Table:
    heads = ("workspace", "API", "export", "list $", "billed $ (API)", "billed $ (export)")
    lines: list[Sequence[str]] = [
        (
            name_text(row.workspace, DEFAULT), _count(row.api), _count(row.csv), estimate_text(row.estimate),
            cents_text(row.api_billed_pico_usd), cents_text(row.csv_billed_pico_usd),
        )
        for row in found.workspaces
    ]  # fmt: skip
    return heads, lines


def name_text(text: str, otherwise: str) -> str:
    """A name in at most 40 cells, or what stands for none."""
    return shorten_end(safe_text(text), 40) or otherwise


def _code(row: ReckoningRow) -> str:
    return "–" if row.code is None else f"{row.code.tokens.total:,}"


def _count(tokens: Tokens | None) -> str:
    return "–" if tokens is None else f"{tokens.total:,}"


def estimate_text(estimate: Estimate | None) -> str:
    """A sum at list price: `≥` if part of it may cost more or has no price, `?` if nothing has one."""
    if estimate is None:
        return "–"
    if estimate.is_unknown:
        return "?"
    return cents_text(estimate.pico_usd, at_least=estimate.is_lower_bound)


def columns(table: _Table, left: int = 1) -> list[str]:
    """Lines with aligned columns, the first `left` of them flush left, the others flush right."""
    heads, rows = table
    widths = [max(cell_width(row[index]) for row in (heads, *rows)) for index in range(len(heads))]
    return [
        "  ".join(
            cell + " " * (width - cell_width(cell)) if index < left else " " * (width - cell_width(cell)) + cell
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (heads, *rows)
    ]


def _classes(rows: Iterable[Sequence[str]]) -> list[str]:
    """The figure first: what a class means is long."""
    return [f"{tokens:>16}  {meaning}" for meaning, tokens in rows]


def _columns(table: _Table) -> list[str]:
    return columns(table, _left(table[0]))


def _left(heads: Sequence[str]) -> int:
    """How many of the first columns hold words."""
    return next((place for place, head in enumerate(heads) if head not in _WORDS), len(heads))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
