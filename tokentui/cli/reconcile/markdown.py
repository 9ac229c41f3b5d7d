"""A reconciliation as a Markdown report."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.cli.reconcile.tables import ABOUT, finding_lines, tables, verdict, words_first
from tokentui.queries.reckoning.results import Reckoning


def markdown(found: Reckoning) -> str:
    """The answer as a Markdown report."""
    last = found.until.fromordinal(found.until.toordinal() - 1)
    lines = [
        f"# Reconciliation {found.since} to {last}",
        "",
        f"As of {found.as_of:%Y-%m-%d %H:%M} UTC. {verdict(found)}",
    ]
    for title, (heads, rows) in tables(found):
        if rows:
            lines += [
                "",
                f"## {title}",
                "",
                _row(heads),
                _row([*["---"] * words_first(heads), *["---:"] * (len(heads) - words_first(heads))]),
            ]
            lines += [_row(row) for row in rows]
    lines += ["", "## Findings", "", *(finding_lines(found, "- **", "- ", "**") or ["None."]), "", ABOUT]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
