"""What keeps an answer from being complete, on standard error."""

from __future__ import annotations

import click

from tokentui.fresh import CatchUp


def note_trouble(caught_up: CatchUp) -> None:
    """Say on standard error what keeps an answer from being complete."""
    if caught_up.trouble:
        click.echo(f"tokentui: {caught_up.trouble}; showing what is stored", err=True)
    if caught_up.unreadable:
        path, reason = caught_up.unreadable[0]
        others = len(caught_up.unreadable) - 1
        more = f" and {others} more" if others else ""
        click.echo(f"tokentui: {path}{more} cannot be read ({reason}); see `tokentui doctor`", err=True)
