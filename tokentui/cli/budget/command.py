"""`tokentui budget`: list, set, rm, check."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from contextlib import closing

import click

from tokentui.cli.trouble import note_trouble
from tokentui.config.settings import Budget
from tokentui.exit_codes import AMISS, DONE
from tokentui.fresh import open_fresh
from tokentui.queries.budgets.standing import BudgetQuestions, PastWindow, past_windows
from tokentui.watch.budget_facts import BudgetNow
from tokentui.workspace import Workspace, open_workspace

_BELOW_ZERO = re.compile(r"-[$.]?\d")


@click.group(no_args_is_help=False)  # an error, not the whole help
def command() -> None:
    """Budgets: limits in dollars or tokens for a day, a week, a month, or hours that move along.

    They stand in the configuration file, where they can be edited as well.
    """


@command.command(name="list")
@click.option("--history", metavar="N", type=click.IntRange(1, 1000), help="Also how the last N windows ended.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_budgets(history: int | None, as_json: bool) -> None:
    """Show every budget: spent, limit, and where its window will end at three paces."""
    from tokentui.cli.budget.words import print_budgets, print_history

    workspace = open_workspace(os.environ)
    found, past = _ask(workspace, workspace.settings.budgets, history or 0)
    if as_json:
        from tokentui.cli.budget.words import budgets_json

        click.echo(budgets_json(found, past, workspace.clock()))
        return
    print_budgets(found, workspace.clock(), workspace.time_zone)
    if history:
        print_history(found, past, workspace.time_zone)


@command.command(name="check")
@click.argument("names", nargs=-1)
@click.option(
    "--at", "percent", type=click.IntRange(1, 1000), default=100, show_default=True, help="Over from here on."
)
@click.option("--pace", is_flag=True, help="Also where even the slowest pace leads beyond the limit.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code says it.")
def check(names: tuple[str, ...], percent: int, pace: bool, as_json: bool, quiet: bool) -> int:
    """Exit with 3 if a budget is over its limit, else with 0: for a hook, or for CI.

    Without names all budgets are checked. New log lines are read first.
    """
    workspace = open_workspace(os.environ)
    budgets = [budget for budget in workspace.settings.budgets if not names or budget.name in names]
    unknown = set(names) - {budget.name for budget in budgets}
    if unknown:
        raise click.BadParameter(f"there is no budget {sorted(unknown)[0]!r}; `tokentui budget list` shows all")
    found, _ = _ask(workspace, budgets, 0)
    over = [budget for budget in found if _is_over(budget, percent, pace)]
    if as_json:
        from tokentui.cli.budget.words import budgets_json

        click.echo(budgets_json(found, {}, workspace.clock(), over))
    elif not quiet:
        from tokentui.cli.budget.words import line_of

        for budget in over or found:
            click.echo(line_of(budget, workspace.clock()), err=budget in over)
    return AMISS if over else DONE


def _is_over(budget: BudgetNow, percent: int, pace: bool) -> bool:
    is_spent = budget.spent >= budget.limit * percent / 100
    return is_spent or (pace and budget.projection.low >= budget.limit)


class _NoNegativeLimit(click.Command):
    """A command that explains a negative limit, which click takes for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, but report `-5` as a wrong limit."""
        below_zero = next((text for text in args if _BELOW_ZERO.match(text)), None)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption:
            if below_zero is None:
                raise
            raise click.BadParameter(f"{below_zero!r}: a limit has to be above 0", ctx) from None


@command.command(name="set", cls=_NoNegativeLimit)
@click.argument("name")
@click.argument("limit", required=False)
@click.option("--unit", type=click.Choice(["usd", "tokens", "fresh_tokens"]), help="usd unless said otherwise.")
@click.option("--window", metavar="WINDOW", help="day, week, month, or `rolling 5h`; day unless said otherwise.")
@click.option("--scope", metavar="SCOPE", help="everything, project:TEXT, model:TEXT, session:ID or agent:TYPE.")
@click.option("--at", "marks", metavar="PERCENT[=WHAT]", multiple=True,
              help="A mark, and what happens there: note, warn or alarm. May be given several times.")  # fmt: skip
def set_budget(
    name: str, limit: str | None, unit: str | None, window: str | None, scope: str | None, marks: tuple[str, ...]
) -> None:
    """Add a budget, or change the one of that name; LIMIT is dollars or tokens, such as 20, 500k or 3M."""
    from tokentui.cli.budget.words import described
    from tokentui.config import budget_drafts

    workspace = open_workspace(os.environ)
    draft = budget_drafts.BudgetDraft(name, limit or "", unit or "", window or "", scope or "", marks)
    try:
        kept = budget_drafts.set_budget(workspace.home.config_file, workspace.settings, draft)
    except budget_drafts.DraftError as error:
        raise click.BadParameter(f"--at {error}" if error.field == "marks" else str(error)) from None
    click.echo(f"{described(kept.budget)}, in {workspace.home.config_file}")
    if kept.replaced_shipped:
        click.echo("The shipped budgets no longer apply: your own take their place.", err=True)


@command.command(name="rm")
@click.argument("name")
def remove(name: str) -> None:
    """Take a budget out of the configuration file."""
    from tokentui.config.budget_drafts import remove_budget

    workspace = open_workspace(os.environ)
    left = remove_budget(workspace.home.config_file, workspace.settings, name)
    click.echo(f"{name} is gone; {left} left")


def _ask(
    workspace: Workspace, budgets: Sequence[Budget], history: int
) -> tuple[tuple[BudgetNow, ...], dict[str, list[PastWindow]]]:
    reader, caught_up = open_fresh(workspace, threading.Event())
    note_trouble(caught_up)
    now, zone, week_start = workspace.clock(), workspace.time_zone, workspace.settings.week_start
    with closing(reader):
        found = BudgetQuestions(reader, zone, week_start).now(budgets, now)
        past = {b.name: list(past_windows(reader, b, now, zone, week_start, history)) for b in budgets if history}
    return found, past
