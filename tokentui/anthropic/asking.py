"""Asks until there is an answer: three tries, the pauses the server wishes, and an end to every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Protocol

from pydantic_core import from_json

from tokentui.anthropic.client import Answer, NoAnswerError, Query
from tokentui.anthropic.errors import BadAnswerError, OutOfTimeError, RefusedError, StoppedError, UnreachableError
from tokentui.anthropic.key import AdminKey
from tokentui.text import redact_secrets, safe_text

TRIES = 3
RUN_SECONDS = 600.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
_PASSING = frozenset({408, 409, 425, 429})
"""Statuses besides 5xx after which another try may do."""

_FIXES: Mapping[int, str] = MappingProxyType(
    {
        400: "this is most likely an error of tokentui: please report it",
        401: "check the Admin key (it may be revoked or expired), or make a new one in the console",
        402: "see the console under Billing",
        403: "the key may not read usage and cost reports: an Admin key of the organization can",
        404: "check the base URL; accounts without an organization have no reports",
    }
)


class Asks(Protocol):
    """What sends one request."""

    key: AdminKey

    def get(self, path: str, query: Query, headers: Mapping[str, str], is_over: Callable[[], bool]) -> Answer:
        """Ask once, as long as it is not over; raises NoAnswerError."""


@dataclass(slots=True)
class Pace:
    """Time, as a run sees it; all of it may be replaced in tests."""

    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], bool]
    """Wait so many seconds; True means to stop instead."""
    is_stopped: Callable[[], bool] = lambda: False
    jitter: Callable[[], float] = random.random
    """0 to 1."""
    run_seconds: float = RUN_SECONDS
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.monotonic()

    @property
    def seconds_left(self) -> float:
        """Until the run has to end."""
        return self.began + self.run_seconds - self.monotonic()

    def is_over(self) -> bool:
        """Whether the run has to end: an answer may trickle in for longer than there is time."""
        return self.is_stopped() or self.seconds_left <= 0

    def pause(self, seconds: float, why: str) -> None:
        """Wait, unless that would outlast the run. Raises OutOfTimeError or StoppedError."""
        if seconds > self.seconds_left:
            raise OutOfTimeError(f"the time for one run ({self.run_seconds / 60:g} min) does not reach: {why}")
        if self.sleep(seconds):
            raise StoppedError("stopped")

    def check(self) -> None:
        """Before each request. Raises OutOfTimeError or StoppedError."""
        if self.is_stopped():
            raise StoppedError("stopped")
        if self.seconds_left <= 0:
            raise OutOfTimeError(f"the time for one run ({self.run_seconds / 60:g} min) is used up")


class Asker:
    """Gets JSON from the Admin API."""

    def __init__(self, client: Asks, pace: Pace) -> None:
        self._client, self._pace = client, pace

    def json(self, path: str, query: Query, headers: Mapping[str, str] | None = None) -> bytes:
        """The bytes of one JSON object. Raises any of the errors, each with the server's own words."""
        failure = ""
        for attempt in range(TRIES):
            self._pace.check()
            try:
                answer = self._client.get(path, query, headers or {}, self._pace.is_over)
            except NoAnswerError as error:
                self._pace.check()
                failure, wait = str(error), None
            else:
                if answer.status == 200 and _is_json_object(answer.body):
                    return answer.body
                failure = self._explained(answer)
                self._refuse(answer, failure)
                wait = _seconds(answer.retry_after, self._pace.clock())
            if attempt + 1 < TRIES:
                self._pace.pause(self._pause_seconds(attempt, wait), failure)
        raise UnreachableError(f"{failure}; {TRIES} tries; check the network and try again later")

    def _pause_seconds(self, attempt: int, wished: float | None) -> float:
        """What the server wishes, and never less than a growing pause of random length."""
        longest = min(FIRST_PAUSE_SECONDS * 4**attempt, LONGEST_PAUSE_SECONDS)
        own = longest * (0.5 + 0.5 * self._pace.jitter())
        return own if wished is None else max(wished, own if wished == 0 else wished + 0.1 * self._pace.jitter())

    def _refuse(self, answer: Answer, said: str) -> None:
        """Raise what no other try would change."""
        if 300 <= answer.status < 400:
            raise BadAnswerError(f"{said}: redirects are not followed, the key would go with them; check the base URL")
        if 400 <= answer.status < 500 and answer.status not in _PASSING:
            raise RefusedError(f"{said}; {_FIXES.get(answer.status, 'it will not help to ask again')}", answer.status)

    def _explained(self, answer: Answer) -> str:
        """The server's own message, as far as it can be told; never the body of a page that is no answer."""
        kind, message, request_id = _error_of(answer.body)
        name = f"HTTP {answer.status}" + (f" {kind}" if kind else "")
        if answer.status == 200:
            return "the answer is not JSON: a proxy may have put its own page there"
        told = f": {message}" if message else (" without a reason" if _is_json_object(answer.body) else ", not JSON")
        request = answer.request_id or request_id
        return safe_text(
            redact_secrets(self._client.key.hide_in(name + told + (f" ({request})" if request else ""))), 400
        )


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(from_json(body), dict)
    except ValueError:
        return False


def _error_of(body: bytes) -> tuple[str, str, str]:
    """Type, message and request id of an error body; empty where it is none."""
    try:
        told = from_json(body)
    except ValueError:
        return "", "", ""
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return "", "", ""
    return str(error.get("type") or ""), str(error.get("message") or ""), str(told.get("request_id") or "")


def _seconds(retry_after: str, now: datetime) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or a date; None where it does not say."""
    text = retry_after.strip()
    try:
        return max(float(text), 0.0) if float(text) < 10**9 else None
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
