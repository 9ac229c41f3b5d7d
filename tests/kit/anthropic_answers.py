"""What the made-up Admin API holds and answers, as its documents say."""

from __future__ import annotations

import base64
import hashlib
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

LIMITS = {"1d": (7, 31, 86_400), "1h": (24, 168, 3600), "1m": (60, 1440, 60)}
GROUPS = ("account_id", "api_key_id", "context_window", "inference_geo", "model", "service_account_id",
          "service_tier", "speed", "workspace_id")  # fmt: skip
BETA = "fast-mode-2026-02-01"
HTML = b"<html><body>Bad gateway: the key sk-ant-admin01-in-a-page was not let through</body></html>"
Query = list[tuple[str, str]]


class State:
    """What the server holds and does."""

    def __init__(self) -> None:
        self.key = ""
        self.now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
        self.usage: dict[int, list[dict[str, Any]]] = {}
        """By minute since 1970."""
        self.every_minute: list[dict[str, Any]] = []
        """Used in the minutes besides, one of them in each by turns."""
        self.cost: list[dict[str, Any]] = []
        self.code: dict[str, list[dict[str, Any]]] = {}
        self.keys: list[dict[str, Any]] = []
        self.workspaces: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        """Each is used up by the next request whose path holds its `path`."""
        self.expires_after: int | None = None
        self.page_limit: int | None = None
        self.speed = "open"
        self.accounts = "open"
        self.list_limit = 1000
        """Entries of a list on a page."""
        self.list_style = "id"
        """How lists are paged: id, bare (no last_id), token, circle, or dead end."""
        self.time_form = "Z"
        """What follows a time: Z, an offset, fractions of a second, or nothing."""
        self.page_form = "page_"
        self.seen: list[dict[str, Any]] = []
        self.held, self.release = threading.Event(), threading.Event()

    def control(self, told: dict[str, Any]) -> None:
        """Set what is told; `usage` replaces all usage, `more_usage` adds to it."""
        for name in (
            "key",
            "cost",
            "code",
            "keys",
            "workspaces",
            "faults",
            "expires_after",
            "page_limit",
            "speed",
            "accounts",
            "list_limit",
            "list_style",
            "time_form",
            "page_form",
            "every_minute",
        ):
            if name in told:
                setattr(self, name, told[name])
        if "now" in told:
            self.now = datetime.fromisoformat(told["now"])
        if "usage" in told:
            self.usage = {}
        for row in (*told.get("usage", ()), *told.get("more_usage", ())):
            self.usage.setdefault(row["minute"], []).append(row)
        if told.get("forget"):
            self.seen = []
        self.held.clear()
        self.release.clear()


STATE = State()


class RefusalError(Exception):
    """An error of the API."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


def answer(path: str, query: Query, beta: str) -> dict[str, Any]:
    """The answer to an authorized request."""
    values = dict(query)
    if path == "/v1/organizations/usage_report/messages":
        return _paged(query, values, beta, _usage_bucket)
    if path == "/v1/organizations/cost_report":
        if values.get("bucket_width", "1d") != "1d":
            raise RefusalError(400, "invalid_request_error", "bucket_width: only 1d is allowed")
        return _paged(query, values, beta, _cost_bucket)
    if path == "/v1/organizations/usage_report/claude_code":
        records = STATE.code.get(values["starting_at"], [])
        size, first = int(values.get("limit", 20)), int(values.get("page") or 0)
        has_more = first + size < len(records)
        return {"data": records[first : first + size], "has_more": has_more,
                "next_page": str(first + size) if has_more else None}  # fmt: skip
    names = {"/v1/organizations/api_keys": STATE.keys, "/v1/organizations/workspaces": STATE.workspaces}
    if path in names:
        return _listed(names[path], values)
    raise RefusalError(404, "not_found_error", "not found")


def _listed(entries: list[dict[str, Any]], values: dict[str, str]) -> dict[str, Any]:
    """A page of a list; `limit` is the asker's, up to a thousand and to what the server gives at most."""
    ids = [entry["id"] for entry in entries]
    after = values.get("after_id") or values.get("page", "").removeprefix("after ")
    if after and after not in ids:
        raise RefusalError(400, "invalid_request_error", "after_id: not known")
    if not 1 <= int(values.get("limit", 20)) <= 1000:
        raise RefusalError(400, "invalid_request_error", "limit: at most 1000")
    first = ids.index(after) + 1 if after and STATE.list_style != "circle" else 0
    data = entries[first : first + min(int(values.get("limit", 20)), STATE.list_limit)]
    has_more = first + len(data) < len(entries)
    last = data[-1]["id"] if data else None
    answer: dict[str, Any] = {"data": data if STATE.list_style != "dead end" else [], "has_more": has_more}
    if STATE.list_style == "token":
        return {**answer, "next_page": f"after {last}" if has_more else None}
    told = last if STATE.list_style in ("id", "circle") else None
    return {**answer, "first_id": data[0]["id"] if data else None, "last_id": told}


def _paged(query: Query, values: dict[str, str], beta: str, bucket: Any) -> dict[str, Any]:
    width = values.get("bucket_width", "1d")
    if width not in LIMITS:
        raise RefusalError(400, "invalid_request_error", "bucket_width: not known")
    default, most, seconds = LIMITS[width]
    size = int(values.get("limit", default))
    if not 1 <= size <= most:
        raise RefusalError(400, "invalid_request_error", f"limit: at most {most}")
    grouped = tuple(value for name, value in query if name == "group_by[]")
    _check_groups(grouped, beta, bucket)
    start = _seconds(values["starting_at"]) // seconds * seconds
    end = _seconds(values["ending_at"]) if "ending_at" in values else int(STATE.now.timestamp())
    if "page" in values:
        start = _from_token(values["page"], query)
    size = min(size, STATE.page_limit or size)
    data: list[dict[str, Any]] = []
    while start + seconds <= end and len(data) < size:
        span = {"starting_at": _text(start), "ending_at": _text(start + seconds)}
        data.append({**span, "results": bucket(start, seconds, grouped)})
        start += seconds
    has_more = start + seconds <= end
    return {"data": data, "has_more": has_more, "next_page": _token(start, query) if has_more else None}


def _check_groups(grouped: tuple[str, ...], beta: str, bucket: Any) -> None:
    allowed = GROUPS if bucket is _usage_bucket else ("workspace_id", "description")
    if any(name not in allowed for name in grouped):
        raise RefusalError(400, "invalid_request_error", "group_by: not known")
    if "speed" in grouped and (STATE.speed == "never" or (STATE.speed == "beta" and beta != BETA)):
        raise RefusalError(400, "invalid_request_error", "group_by: speed is not available")
    if STATE.accounts == "never" and {"account_id", "service_account_id"} & set(grouped):
        raise RefusalError(400, "invalid_request_error", "group_by: account_id is not known")


def _usage_bucket(start: int, seconds: int, grouped: tuple[str, ...]) -> list[dict[str, Any]]:
    sums: dict[tuple[Any, ...], list[int]] = {}
    for minute in range(start // 60, (start + seconds) // 60):
        for row in _of_minute(minute):
            key = tuple(row.get(name) if name in grouped else None for name in GROUPS)
            before = sums.setdefault(key, [0] * 6)
            for index, count in enumerate(row["counts"]):
                before[index] += count
    return [_usage_result(key, counts) for key, counts in sums.items()]


def _of_minute(minute: int) -> list[dict[str, Any]]:
    rows, turns = STATE.usage.get(minute, []), STATE.every_minute
    return [*rows, turns[minute % len(turns)]] if turns else rows


def _usage_result(key: tuple[Any, ...], counts: list[int]) -> dict[str, Any]:
    return {
        "uncached_input_tokens": counts[0],
        "output_tokens": counts[1],
        "cache_creation": {"ephemeral_5m_input_tokens": counts[2], "ephemeral_1h_input_tokens": counts[3]},
        "cache_read_input_tokens": counts[4],
        "server_tool_use": {"web_search_requests": counts[5]},
        **dict(zip(GROUPS, key, strict=True)),
        "a_field_of_tomorrow": {"any": "thing"},
    }


def _cost_bucket(start: int, seconds: int, grouped: tuple[str, ...]) -> list[dict[str, Any]]:
    assert seconds == 86_400
    assert set(grouped) == {"workspace_id", "description"}
    day = _text(start)[:10]
    return [{key: value for key, value in row.items() if key != "day"} for row in STATE.cost if row["day"] == day]


def _token(start: int, query: Query) -> str:
    return STATE.page_form + base64.urlsafe_b64encode(f"{start} {_digest(query)}".encode()).decode()


def _from_token(token: str, query: Query) -> int:
    """Where a page begins; the rest of the query has to be the very same."""
    start, digest = base64.urlsafe_b64decode(token.removeprefix(STATE.page_form)).decode().split()
    if digest != _digest([item for item in query if item[0] != "page"]):
        raise RefusalError(400, "invalid_request_error", "page: the query has changed")
    return int(start)


def _digest(query: Query) -> str:
    return hashlib.sha256(repr([item for item in query if item[0] != "page"]).encode()).hexdigest()[:16]


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _text(seconds: int) -> str:
    offset = int(STATE.time_form[-6:-3]) if STATE.time_form.endswith(":00") else 0
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds, hours=offset)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + STATE.time_form
