"""`tokentui prices`: the rates in force, a model's prices over time, and newer ones on request."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, date
from decimal import Decimal
from typing import Any

import click

from tokentui.cli.printing.answers import head
from tokentui.cli.printing.columns import Column, print_lines
from tokentui.pricing.assembly import EARLY
from tokentui.pricing.book import RateBook
from tokentui.pricing.listing import PriceRow, rates_in_force
from tokentui.pricing.price_data import UpdateError
from tokentui.pricing.rates import RateCard, Rates
from tokentui.workspace import Workspace, open_workspace

_KINDS = ("input", "output", "write 5m", "write 1h", "cache read")
_PICO_PER_MICRO = 10**6
_NOTES = (Column("fast in/out", is_whole=True, gives_way=2), Column("long prompt", is_whole=True, gives_way=3))
_TIMES = (Column("since", is_whole=True, gives_way=1), Column("until", is_whole=True, gives_way=4))


@click.group(invoke_without_command=True)
@click.option("--day", metavar="DAY", help="The UTC day whose rates to list, such as 2026-11-22 (default today).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, day: str | None, as_json: bool) -> None:
    """List the rates in force, in USD per million tokens, with their source and since when they hold."""
    if context.invoked_subcommand is not None:
        return
    workspace = open_workspace(os.environ)
    book = _book(workspace)
    on = _typed_day(day) if day else workspace.clock().astimezone(UTC).date()
    rows = rates_in_force(book, on)
    if as_json:
        _print_json(workspace, ({"model": row.model, **_fields(row.card)} for row in rows))
    else:
        _print_table(f"USD per million tokens on {on}", "model", [(row.model, *_cells(row)) for row in rows])
        click.echo(f"Source: {book.basis}.")


def _typed_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day: expected one such as 2026-11-22", param_hint="--day") from None


@command.command()
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(model: str, as_json: bool) -> None:
    """A model's prices over time, the oldest first."""
    workspace = open_workspace(os.environ)
    book = _book(workspace)
    cards = book.history(model)
    if as_json:
        _print_json(workspace, map(_fields, cards))
    elif not cards:
        raise click.ClickException(
            f"nobody here knows a price for {model!r}; `tokentui prices` lists the names, "
            "or give input and output under [[prices]] in the configuration"
        )
    else:
        rows = [(_since(card), *_rates(card.standard), *_notes(card)) for card in cards]
        _print_table(f"{cards[0].model}, USD per million tokens", "since", rows)
        click.echo(f"Source: {cards[-1].basis}.")


@command.command()
@click.option("--from", "source", metavar="URL|FILE", help="Where to take price data from, instead of genai-prices.")
def update(source: str | None) -> None:
    """Fetch newer price data. This is the only time that prices use the network; costs are then re-priced."""
    from tokentui.pricing.fetch import PRICE_DATA_URL, fetch_update

    workspace = open_workspace(os.environ)
    try:
        library = fetch_update(source or PRICE_DATA_URL, workspace.home.prices_file)
    except UpdateError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{library.name} is in force; stored costs follow with the next command, or at once in the monitor.")


@command.command()
def reset() -> None:
    """Go back to the prices that came with the program."""
    from tokentui.pricing.fetch import drop_update

    workspace = open_workspace(os.environ)
    try:
        drop_update(workspace.home.prices_file)
    except UpdateError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{RateBook().basis} is in force.")


def _book(workspace: Workspace) -> RateBook:
    sources = workspace.price_sources
    return RateBook(sources.overrides, sources.update)


def _cells(row: PriceRow) -> tuple[str, ...]:
    since = row.since or row.launched
    return (*_rates(row.card.standard), *_notes(row.card), str(since or ""), str(row.until or ""))


def _rates(rates: Rates) -> tuple[str, ...]:
    return tuple(_usd(rate) for rate in rates.five)


def _notes(card: RateCard) -> tuple[str, str]:
    fast = f"{_usd(card.fast.input)}/{_usd(card.fast.output)}" if card.fast else ""
    long = f"> {card.long_threshold // 1000}k: {_usd(card.long.input)}/{_usd(card.long.output)}" if card.long else ""
    return fast, long


def _usd(pico_per_token: int) -> str:
    """USD per million tokens: at least two decimals, never rounded."""
    amount = (Decimal(pico_per_token) / _PICO_PER_MICRO).normalize()
    exponent = amount.as_tuple().exponent
    return f"{amount:.2f}" if isinstance(exponent, int) and exponent >= -2 else f"{amount:f}"


def _since(card: RateCard) -> str:
    return "not yet on sale" if card.basis.endswith(EARLY) else str(_day(card.valid_from) or "always")


def _day(day: date) -> date | None:
    return None if day in (date.min, date.max) else day


def _fields(card: RateCard) -> dict[str, Any]:
    def five(rates: Rates | None) -> dict[str, str] | None:
        if rates is None:
            return None
        names = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
        return {f"{name}_usd_per_mtok": _usd(rate) for name, rate in zip(names, rates.five, strict=True)}

    return {
        **(five(card.standard) or {}),
        "fast": five(card.fast),
        "long_context": five(card.long),
        "long_context_above_tokens": card.long_threshold or None,
        "provider": card.provider,
        "since": str(_day(card.valid_from) or "") or None,
        "until": str(_day(card.valid_until) or "") or None,
        "is_estimate": card.is_estimate,
        "source": card.basis,
    }


def _print_json(workspace: Workspace, rows: Iterable[dict[str, Any]]) -> None:
    click.echo(json.dumps({**head(workspace.clock()), "rows": list(rows)}, indent=2))


def _print_table(title: str, first: str, rows: list[tuple[str, ...]]) -> None:
    columns = [Column(first, is_whole=True), *(Column(kind, is_figure=True) for kind in _KINDS), *_NOTES]
    click.echo(title)
    print_lines([*columns, *_TIMES] if first == "model" else columns, rows)
