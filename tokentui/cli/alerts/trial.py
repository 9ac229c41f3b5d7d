"""`tokentui alerts test`: sends a test alert through every channel that is switched on."""

from __future__ import annotations

import sys

import click

from tokentui.watch.telling.notices import made_up_notice
from tokentui.watch.telling.outbox import Outbox, channels_of
from tokentui.watch.telling.terminal import terminal_text
from tokentui.workspace import Workspace

LONGEST_SECONDS = 60.0
NOTHING_ON = "Nothing is switched on: add a [notify] table to"


def tell_test(workspace: Workspace) -> int:
    """Send a test alert, wait for it, and print a line for each channel; returns 1 if one failed, else 0."""
    notify = workspace.settings.notify
    notice = made_up_notice(round(workspace.clock().timestamp() * 1000))
    on_terminal = terminal_text(notice, notify)
    channels = channels_of(notify)
    if not channels and not on_terminal:
        click.echo(f"{NOTHING_ON} {workspace.home.config_file}")
        return 0
    if on_terminal:
        _say_on_terminal(on_terminal)
    outbox = Outbox(channels)
    outbox.tell(notice)
    sent = outbox.finish(LONGEST_SECONDS)
    for delivery in sent:
        click.echo(f"{delivery.channel}: {delivery.error or 'sent'}", err=bool(delivery.error))
    silent = {channel.name for channel in channels} - {delivery.channel for delivery in sent}
    for name in sorted(silent):
        click.echo(f"{name}: not done after {LONGEST_SECONDS:g} s", err=True)
    return 1 if silent or any(delivery.error for delivery in sent) else 0


def _say_on_terminal(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(text)
        sys.stderr.flush()
        click.echo("terminal: written")
    else:
        click.echo("terminal: standard error is no terminal, so nothing was written", err=True)
