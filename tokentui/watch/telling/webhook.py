"""The webhook channel, in the shape of Slack, of Discord, or plain JSON. The first notice imports httpx."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tokentui.config.settings import WebhookShape
from tokentui.watch.telling.channels import ChannelError, Wait
from tokentui.watch.telling.notices import Notice

if TYPE_CHECKING:
    import httpx

PAUSES_SECONDS = (1.0, 4.0, 15.0)
"""Before the second, third and fourth attempt."""
LONGEST_PAUSE_SECONDS = 60.0
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address. Address and token come from the environment; neither is stored, shown or logged."""

    shape: WebhookShape
    url_env: str
    token_env: str
    environment: Mapping[str, str] = field(repr=False)
    transport: httpx.BaseTransport | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """`webhook slack`."""
        return f"webhook {self.shape}"

    def send(self, notice: Notice, wait: Wait) -> int:
        """Post the notice; if it fails for a reason that may pass, try again, after a longer pause each time."""
        url = self.environment.get(self.url_env, "").strip()
        host = _host(url)
        if not host:
            raise ChannelError(f"set {self.url_env} in the environment to the webhook's address", 0)
        reason, pause = "", 0.0
        for attempt, planned in enumerate((*PAUSES_SECONDS, 0.0), start=1):
            reason, pause, is_final = self._post(url, host, notice)
            if not reason:
                return attempt
            if is_final or not planned or wait(min(max(planned, pause), LONGEST_PAUSE_SECONDS)):
                raise ChannelError(reason, attempt)
        raise ChannelError(reason, len(PAUSES_SECONDS) + 1)

    def _post(self, url: str, host: str, notice: Notice) -> tuple[str, float, bool]:
        """Post once: (why it failed, or empty; seconds the server asks to wait; whether another try is of no use)."""
        import httpx

        token = self.environment.get(self.token_env, "").strip()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with httpx.Client(timeout=TIMEOUT_SECONDS, transport=self.transport) as client:
                answer = client.post(url, json=body(notice, self.shape), headers=headers)
        except httpx.InvalidURL:
            return f"{self.url_env} holds no address that can be used", 0.0, True
        except httpx.HTTPError as error:
            return f"{host} cannot be reached ({type(error).__name__})", 0.0, False
        if answer.is_success:
            return "", 0.0, True
        may_pass = answer.status_code in (408, 425, 429) or answer.is_server_error
        return f"{host} answered {answer.status_code}", _seconds(answer.headers.get("Retry-After")), not may_pass


def body(notice: Notice, shape: WebhookShape) -> dict[str, Any]:
    """The body that is posted; characters that Slack and Discord read as markup or mentions are defused."""
    if shape == "slack":
        text = notice.line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return {"text": text}
    if shape == "discord":
        return {"content": notice.line[:1900], "allowed_mentions": {"parse": []}}
    return notice.fields()


def _host(url: str) -> str:
    """The host of an address that can be posted to; empty for any other."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _seconds(header: str | None) -> float:
    """`Retry-After` in seconds; 0 if it is a date, which these services do not send."""
    try:
        return max(float(header), 0.0) if header else 0.0
    except ValueError:
        return 0.0
