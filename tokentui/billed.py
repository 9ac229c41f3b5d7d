"""Usage and cost as Anthropic reports them, from the Admin API or a console export, on their way into the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import add
from types import MappingProxyType
from typing import Literal, NamedTuple

from tokentui.records import Tokens

MINUTE_S, HOUR_S, DAY_S, MONTH_S = 60, 3600, 86_400, 2_678_400
"""The lengths of time that a row may cover, in seconds; a month stands for any calendar month, whatever its length."""

UP_TO_200K, ABOVE_200K = "0-200k", "200k-1M"
"""Classes of prompt length, as the Usage API names them."""

SeriesName = Literal["usage 1m", "usage 1h", "usage 1d", "cost", "claude code"]


class Group(NamedTuple):
    """Whose usage a row counts, and at which terms; a field is empty where the report does not say."""

    model: str = ""
    """As reported: an API id, or a display name in cost exports."""
    api_key_id: str = ""
    """Also empty for use of the console's Workbench."""
    api_key: str = ""
    """Name of the key, in console files."""
    workspace_id: str = ""
    """Also empty for the default workspace."""
    workspace: str = ""
    """Name of the workspace, in console files."""
    service_tier: str = ""
    context_window: str = ""
    inference_geo: str = ""
    speed: str = ""
    account_id: str = ""
    """The person who signed in; empty for keys and service accounts."""
    service_account_id: str = ""


class UsageRow(NamedTuple):
    """Tokens of one group in one stretch of time."""

    start_ms: int
    grain_s: int
    group: Group
    tokens: Tokens
    web_searches: int


class CostRow(NamedTuple):
    """The cost of one group in one stretch of time, for one kind of token or service."""

    start_ms: int
    grain_s: int
    group: Group
    cost_type: str
    token_type: str
    """A field name of `Tokens`, the report's own word for any other kind, or empty."""
    description: str
    cost_pico_usd: int
    """As billed, after discounts."""
    list_pico_usd: int | None
    lines: int
    """How many lines of the export it sums, each of them rounded to the cent."""


class CodePlace(NamedTuple):
    """Who used Claude Code, how it is paid for and where it ran, as the Claude Code report says."""

    actor_kind: str
    """`person` or `key`."""
    actor: str
    """The key's name, or a made-up name for the person; the person's address only where `keep_emails` is set."""
    customer_type: str
    """`api` or `subscription`."""
    terminal_type: str
    is_remote: bool


class CodeActivity(NamedTuple):
    """What was done with Claude Code, in numbers; the fields have the names of the table's columns."""

    records: int = 0
    sessions: int = 0
    lines_added: int = 0
    lines_removed: int = 0
    commits: int = 0
    pull_requests: int = 0
    accepted_edits: int = 0
    rejected_edits: int = 0

    def plus(self, other: CodeActivity) -> CodeActivity:
        """The sum, number by number."""
        return CodeActivity(*map(add, self, other))


class CodeUse(NamedTuple):
    """What Claude Code used of a model; the fields have the names of the table's columns."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    estimated_pico_usd: int = 0
    """Anthropic's own estimate."""

    def plus(self, other: CodeUse) -> CodeUse:
        """The sum, number by number."""
        return CodeUse(*map(add, self, other))


class CodeDay(NamedTuple):
    """What was done with Claude Code on one day."""

    start_ms: int
    place: CodePlace
    activity: CodeActivity


class CodeModel(NamedTuple):
    """What Claude Code used of one model on one day."""

    start_ms: int
    place: CodePlace
    model: str
    use: CodeUse


class KeyName(NamedTuple):
    """An API key by name; never the key itself."""

    api_key_id: str
    name: str
    workspace_id: str
    status: str


class WorkspaceName(NamedTuple):
    """A workspace by name."""

    workspace_id: str
    name: str
    archived: bool


@dataclass(frozen=True, slots=True)
class Page:
    """All that a report says about one series in one stretch of time; it replaces the rows stored for both."""

    series: SeriesName
    from_ms: int
    until_ms: int
    """Exclusive."""
    usage: tuple[UsageRow, ...] = ()
    cost: tuple[CostRow, ...] = ()
    code_days: tuple[CodeDay, ...] = ()
    code_models: tuple[CodeModel, ...] = ()
    requests: int = 1
    """How many answers of the API it was put together from."""
    notes: tuple[str, ...] = ()
    """Parts of the report that this program does not understand."""


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line of an export that could not be used."""

    number: int
    """Line number as editors count, with the header as line 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class Export:
    """The contents of a console export."""

    kind: Literal["tokens", "cost"]
    digest: str
    file_name: str
    grain_s: int
    dimensions: int
    """How many of `workspace` and `api_key` the file has as columns."""
    usage: tuple[UsageRow, ...]
    cost: tuple[CostRow, ...]
    skipped: tuple[SkippedLine, ...]
    lines: int
    """Lines with data, skipped ones included."""
    unknown_columns: tuple[str, ...] = ()


_TOKEN_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "uncached_input_tokens": "input",
        "input_no_cache": "input",
        "output_tokens": "output",
        "cache_read_input_tokens": "cache_read",
        "input_cache_read": "cache_read",
        "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
        "input_cache_write_5m": "cache_write_5m",
        "input_cache_write": "cache_write_5m",
        "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
        "input_cache_write_1h": "cache_write_1h",
    }
)
_CONTEXT_WINDOWS: Mapping[str, str] = MappingProxyType({"≤200k": UP_TO_200K, "<=200k": UP_TO_200K, ">200k": ABOVE_200K})
_TIERS: Mapping[str, str] = MappingProxyType({"message": "standard"})


def token_type(word: str) -> str:
    """The field name of `Tokens` for a report's word; an unknown word unchanged."""
    return _TOKEN_TYPES.get(word, word)


def context_window(word: str) -> str:
    """The API's name for a class of prompt length: the console's `≤ 200k` is `0-200k`."""
    return _CONTEXT_WINDOWS.get("".join(word.split()), word)


def service_tier(word: str) -> str:
    """The API's name for a service tier: the `message` of cost exports is `standard`."""
    return _TIERS.get(word, word)
