"""One response in full."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from tokentui.figures import format_bytes, format_duration_ms
from tokentui.queries.session.results import ResponseDetail, ToolUse
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.lines import Line, fit
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.scene import Scene

_NAME_CELLS = 16
_TWO_COLUMNS_WIDTH = 100
_PARTS = {"message": "earlier prompt", "advisor_message": "advisor"}
"""What a part is called on the screen, by its kind."""


class ResponsePane(ScrolledLines):
    """Everything that is known about one response."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "response",
        "One billed answer: its tokens by kind, cost, ids, tools, and where in the log it stands.",
        (
            texts.MONEY,
            (
                "with its parts",
                "and with what is priced apart: earlier prompts of the same answer, compactions, advisors",
            ),
            ("took", "time of the last line − time of the first line of the answer; – where it is one line"),
        ),
    )
    detail: ResponseDetail | None = None

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame: the response, and the kind of money."""
        return "response", "cost at list price"

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """Sections of names and values."""
        detail = self.detail
        if detail is None:
            return [((" asking …", "muted"),)]
        half = width // 2 if width >= _TWO_COLUMNS_WIDTH else width
        answer = [*_answer(detail, scene), (), *_tokens(detail), (), *_billing(detail)]
        rest = [*_tools(detail.tools, half), *_origin(detail, half)]
        if half == width:
            return [*answer, (), *rest]
        return [(*fit(one, half), *other) for one, other in zip_longest(answer, rest, fillvalue=())]


def _named(name: str, value: str, ink: str = "") -> Line:
    return ((f" {words.left(name, _NAME_CELLS)}", "muted"), (value, ink))


def _heading(text: str) -> Line:
    return ((f" {text}", "title"),)


def _answer(detail: ResponseDetail, scene: Scene) -> list[Line]:
    row = detail.response
    took_ms = (row.at - detail.first_line_at).total_seconds() * 1000
    return [
        _named("model", row.model, "strong"),
        _named("cost", _exact_cost(detail), "strong"),
        *([_named("with its parts", _cost_with_parts(detail), "strong")] if detail.parts else []),
        _named("time", f"{words.date_and_time(row.at, scene.time_zone)} · {words.age(row.at, scene.now)} ago"),
        _named("took", format_duration_ms(took_ms or None)),
        _named("stopped by", row.stop_reason or "not written"),
    ]


def _exact_cost(detail: ResponseDetail) -> str:
    row = detail.response
    if row.money.unpriced_responses and not row.money.pico_usd:
        return "? (the model has no known price)"
    sign = "≥" if row.is_lower_bound or row.money.unpriced_responses else ""
    return f"{sign}{words.usd_exact(row.money.pico_usd)}"


def _cost_with_parts(detail: ResponseDetail) -> str:
    costs = [detail.response.money, *(part.money for part in detail.parts)]
    is_bound = detail.response.is_lower_bound or any(cost.unpriced_responses for cost in costs)
    return f"{'≥' if is_bound else ''}{words.usd_exact(sum(cost.pico_usd for cost in costs))}"


def _tokens(detail: ResponseDetail) -> list[Line]:
    tokens = detail.response.tokens
    kinds = (
        ("input", tokens.input), ("output", tokens.output), ("cache write 5m", tokens.cache_write_5m),
        ("cache write 1h", tokens.cache_write_1h), ("cache read", tokens.cache_read), ("all", tokens.total),
    )  # fmt: skip
    lines = [_heading("tokens")]
    for name, count in kinds:
        is_bound = detail.response.is_lower_bound and name in ("output", "all")
        figure = f"{'≥' if is_bound else ''}{count:,}"
        part = words.share(count / tokens.total) if tokens.total and name != "all" else ""
        lines.append((*_named(name, f"{figure:>13}", "strong"), (f"{part:>9}", "muted")))
    return lines


def _billing(detail: ResponseDetail) -> list[Line]:
    lines = [_heading("billing"), _named("price", detail.price_basis or "unknown")]
    for name, value in (
        ("tier", detail.service_tier),
        ("speed", detail.speed),
        ("region", detail.inference_geo),
    ):
        if value:
            lines.append(_named(name, value))
    if detail.web_searches:
        lines.append(_named("web searches", f"{detail.web_searches:,}"))
    for part in detail.parts:
        name = _PARTS.get(part.kind, part.kind)
        lines.append(_named(name, f"{part.model} · {part.tokens.total:,} tokens · {words.money(part.money)}"))
    return lines


def _tools(tools: tuple[ToolUse, ...], width: int) -> list[Line]:
    if not tools:
        return []
    lines = [_heading("tools")]
    for tool in tools:
        state = (
            ("✖ error", "bad")
            if tool.is_error
            else ("ok", "muted")
            if tool.is_error is False
            else ("no result", "warn")
        )
        size = "" if tool.result_bytes is None else format_bytes(tool.result_bytes)
        figures = f"{format_duration_ms(tool.duration_ms):>8}{size:>10}  "
        name_width = max(10, min(40, width - len(figures) - 12))
        lines.append(((f" {words.left(tool.name, name_width)}", "strong"), (figures, ""), state))
    return [*lines, ()]


def _origin(detail: ResponseDetail, width: int) -> list[Line]:
    path = f"{detail.log_path} at byte {detail.log_offset:,}"
    room = max(12, width - _NAME_CELLS - 3)
    chunks = [path[start : start + room] for start in range(0, len(path), room)]
    return [
        _heading("origin"),
        _named("message", detail.message_id or "none"),
        _named("request", detail.request_id or "none"),
        _named("session", detail.session_id),
        _named("agent", detail.agent_id or "main"),
        *(_named("log" if not place else "", chunk) for place, chunk in enumerate(chunks)),
    ]
