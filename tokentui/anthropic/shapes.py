"""The Admin API's answers, as far as they are used. New fields and new words for old ones are let through."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_utc)]
Count = Annotated[int, Field(ge=0, le=2**53), BeforeValidator(lambda value: value or 0)]
"""Tokens or other things; null is none. In this order the bounds are checked by the compiled part of pydantic."""
Word = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
"""A name or one word of a list that may grow; null is empty."""
Shape = TypeVar("Shape", bound=BaseModel)
_NO_LIST = BeforeValidator(lambda value: [] if value is None else value)
_NO_TABLE = BeforeValidator(lambda value: {} if value is None else value)
"""Null where nothing was used; one such part must not cost the whole report."""


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, coerce_numbers_to_str=True)


class CacheCreation(_Lenient):
    """Cache writes by lifetime, in tokens."""

    ephemeral_5m_input_tokens: Count = 0
    ephemeral_1h_input_tokens: Count = 0


class ServerTools(_Lenient):
    """Uses of tools that run at Anthropic."""

    web_search_requests: Count = 0


class UsageResult(_Lenient):
    """Usage of one group in one bucket; the words are empty where the report is not grouped by them."""

    uncached_input_tokens: Count = 0
    cache_creation: CacheCreation | None = None
    cache_read_input_tokens: Count = 0
    output_tokens: Count = 0
    server_tool_use: ServerTools | None = None
    api_key_id: Word = ""
    workspace_id: Word = ""
    model: Word = ""
    service_tier: Word = ""
    context_window: Word = ""
    inference_geo: Word = ""
    speed: Word = ""
    account_id: Word = ""
    service_account_id: Word = ""


class CostResult(_Lenient):
    """Cost of one kind in one day."""

    amount: str
    """Cents, as a decimal number in a string."""
    currency: Word = "USD"
    workspace_id: Word = ""
    description: Word = ""
    cost_type: Word = ""
    token_type: Word = ""
    model: Word = ""
    service_tier: Word = ""
    context_window: Word = ""
    inference_geo: Word = ""
    speed: Word = ""


class Bucket(_Lenient, Generic[Shape]):
    """One stretch of time; `results` is empty where nothing was used."""

    starting_at: Moment
    ending_at: Moment
    results: Annotated[list[Shape], _NO_LIST] = Field(default_factory=list)


class Paged(_Lenient, Generic[Shape]):
    """One page of anything."""

    data: list[Shape]
    has_more: bool | None = None
    next_page: str | None = None
    """Opaque, whatever it looks like."""
    last_id: str | None = None
    """Of lists that are paged by id."""

    @property
    def is_last(self) -> bool:
        """Whether nothing follows; an answer that does not say so follows its token."""
        return not (bool(self.next_page) if self.has_more is None else self.has_more)


class Lines(_Lenient):
    """Lines of code."""

    added: Count = 0
    removed: Count = 0


class CoreMetrics(_Lenient):
    """What Claude Code did."""

    num_sessions: Count = 0
    lines_of_code: Annotated[Lines, _NO_TABLE] = Lines()
    commits_by_claude_code: Count = 0
    pull_requests_by_claude_code: Count = 0


class Edits(_Lenient):
    """Edits that people took or turned down."""

    accepted: Count = 0
    rejected: Count = 0


class CodeTokens(_Lenient):
    """Tokens, cache writes of both lifetimes together."""

    input: Count = 0
    output: Count = 0
    cache_read: Count = 0
    cache_creation: Count = 0


class CodeCost(_Lenient):
    """Anthropic's own estimate, in cents."""

    amount: float | str | None = None
    currency: Word = "USD"


class CodeModelUse(_Lenient):
    """One model's part of a record."""

    model: Word = ""
    tokens: Annotated[CodeTokens, _NO_TABLE] = CodeTokens()
    estimated_cost: CodeCost | None = None


class Actor(_Lenient):
    """Who used it: a person or a key. Addresses go no further than `people` lets them."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    type: Word = ""
    email_address: Word = Field(default="", repr=False)
    api_key_name: Word = ""


class CodeRecord(_Lenient):
    """A day of one actor in one kind of terminal."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    actor: Annotated[Actor, _NO_TABLE] = Actor()
    customer_type: Word = ""
    terminal_type: Word = ""
    is_remote: bool | None = None
    core_metrics: Annotated[CoreMetrics, _NO_TABLE] = CoreMetrics()
    tool_actions: Annotated[dict[str, Edits | None], _NO_TABLE] = Field(default_factory=dict)
    model_breakdown: Annotated[list[CodeModelUse], _NO_LIST] = Field(default_factory=list)


class KeyEntry(_Lenient):
    """An API key in the list of keys; its hint and its maker are not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    id: str
    name: Word = ""
    workspace_id: Word = ""
    status: Word = ""


class WorkspaceEntry(_Lenient):
    """A workspace in the list of them."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    id: str
    name: Word = ""
    archived_at: Word = ""


def unknown_tokens(result: UsageResult) -> frozenset[str]:
    """Names of counts of tokens that the report has and this program does not know: they would be missing."""
    found = _counts(result.model_extra)
    return found | (_counts(result.cache_creation.model_extra) if result.cache_creation else frozenset())


def _counts(extra: dict[str, Any] | None) -> frozenset[str]:
    if not extra:
        return frozenset()
    return frozenset(name for name, value in extra.items() if name.endswith("_tokens") and value)
