"""What Anthropic reports and bills, on its way into the store: from the Admin API or a console export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import add
from types import MappingProxyType
from typing import Literal, NamedTuple

from tokentui.records import Tokens

MINUTE_S, HOUR_S, DAY_S, MONTH_S = 60, 3600, 86_400, 2_678_400
"""Grains of rows, in seconds; a month's rows begin with the calendar month, whatever its length."""

UP_TO_200K, ABOVE_200K = "0-200k", "200k-1M"
"""Classes of prompt length, as the Usage API names them."""

SeriesName = Literal["usage 1m", "usage 1h", "usage 1d", "cost", "claude code"]


class Group(NamedTuple):
    """Whose usage a row is; empty where it is not told."""

    model: str = ""
    """As reported: an API id, or a display name in cost exports."""
    api_key_id: str = ""
    """Empty for the console's Workbench too."""
    api_key: str = ""
    """Name of the key, in console files."""
    workspace_id: str = ""
    """Empty for the default workspace too."""
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
    """Money of one group in one stretch of time, by kind."""

    start_ms: int
    grain_s: int
    group: Group
    cost_type: str
    token_type: str
    """Field of `Tokens`, the report's own word for another kind, or empty."""
    description: str
    cost_pico_usd: int
    """As billed, after discounts."""
    list_pico_usd: int | None
    lines: int
    """Lines of the export summed in it; each was rounded to the cent."""


class CodePlace(NamedTuple):
    """Who used Claude Code, how it is paid for and where it ran, as the Claude Code report tells it."""

    actor_kind: str
    """`person` or `key`."""
    actor: str
    """Name of the key; of a person a made-up name, or the address where the user wants it kept."""
    customer_type: str
    """`api` or `subscription`."""
    terminal_type: str
    is_remote: bool


class CodeActivity(NamedTuple):
    """What was done with Claude Code, in numbers; named as the columns that keep them."""

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
    """What Claude Code used of a model; named as the columns that keep it."""

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
    """All that a report holds of one series in one stretch of time; it replaces what was stored of it."""

    series: SeriesName
    from_ms: int
    until_ms: int
    """Exclusive."""
    usage: tuple[UsageRow, ...] = ()
    cost: tuple[CostRow, ...] = ()
    code_days: tuple[CodeDay, ...] = ()
    code_models: tuple[CodeModel, ...] = ()
    requests: int = 1
    """How many answers it was put together from."""
    notes: tuple[str, ...] = ()
    """What the report says that this program does not understand."""


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line of an export that could not be used."""

    number: int
    """As an editor counts, the header being 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class Export:
    """A console export, read."""

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
    """The kind of token by our name; an unknown word as it is."""
    return _TOKEN_TYPES.get(word, word)


def context_window(word: str) -> str:
    """The class of prompt length by the API's name: `≤ 200k` of the console is `0-200k`."""
    return _CONTEXT_WINDOWS.get("".join(word.split()), word)


def service_tier(word: str) -> str:
    """The tier by the API's name: `message` of cost exports is `standard`."""
    return _TIERS.get(word, word)
