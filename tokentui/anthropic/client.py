"""One request to the Admin API: the only module that knows httpx, and the only one that opens a connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from tokentui import __version__
from tokentui.anthropic.errors import AnthropicError
from tokentui.anthropic.key import AdminKey
from tokentui.text import redact_secrets, safe_text

BASE_URL = "https://api.anthropic.com"
API_VERSION = "2023-06-01"
TIMEOUT_SECONDS = 30.0
"""For a connection, and for each wait for more bytes."""
_LARGEST_BYTES = 200_000_000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Query = Sequence[tuple[str, str]]


class NoAnswerError(Exception):
    """The request did not get through, or the answer broke off."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it is."""

    status: int
    body: bytes
    retry_after: str = ""
    request_id: str = ""


class Client:
    """Asks one server with one key. TLS certificates are always verified, redirects never followed.

    Raises AnthropicError where the address, a proxy or the certificates that the environment names are not usable.
    """

    def __init__(
        self,
        key: AdminKey,
        base_url: str = BASE_URL,
        transport: httpx.BaseTransport | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.key = key
        url = checked_url(base_url)
        try:
            self._http = httpx.Client(
                base_url=url,
                transport=transport,
                timeout=timeout_seconds,
                follow_redirects=False,
                trust_env=not url.startswith("http:"),  # what is not encrypted stays on this machine, past any proxy
                headers={
                    "anthropic-version": API_VERSION,
                    "user-agent": f"tokentui/{__version__}",
                    "accept": "application/json",
                },
            )
        except (httpx.InvalidURL, ImportError, OSError, ValueError) as error:
            raise AnthropicError(self.key.hide_in(_unusable(error))) from None

    def get(
        self, path: str, query: Query, headers: Mapping[str, str], is_over: Callable[[], bool] = lambda: False
    ) -> Answer:
        """Ask once, and read the answer to its end, unless `is_over` says that there is no more time.

        Raises NoAnswerError where no whole answer comes, and AnthropicError where the address cannot be looked up.
        """
        sent = {**headers, "x-api-key": self.key.reveal()}
        try:
            with self._http.stream("GET", path, params=list(query), headers=sent) as response:
                body = self._body(response, is_over)
        except httpx.HTTPError as error:
            raise NoAnswerError(self.key.hide_in(_reason(error))) from None
        except UnicodeError as error:  # a host name that cannot be looked up
            raise AnthropicError(self.key.hide_in(_unusable(error))) from None
        found = response.headers
        return Answer(response.status_code, body, found.get("retry-after", ""), found.get("request-id", ""))

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    @staticmethod
    def _body(response: httpx.Response, is_over: Callable[[], bool]) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if is_over():
                raise NoAnswerError("the answer came too slowly for the time there was")
            if len(body) > _LARGEST_BYTES:
                raise NoAnswerError(f"the answer is larger than {_LARGEST_BYTES // 10**6} MB")
        return bytes(body)


def checked_url(text: str) -> str:
    """The base URL, where it is safe to send the key to. Raises AnthropicError."""
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise AnthropicError("the base URL is not usable: expected one such as https://gateway.example.com")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise AnthropicError(f"the base URL {parts.scheme}://{host} is not encrypted: use https, the key goes there")
    return text.strip()


def _unusable(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"certificates cannot be read ({error.strerror or error}): check SSL_CERT_FILE and SSL_CERT_DIR"
    if isinstance(error, ImportError):
        return "a SOCKS proxy cannot be used: set HTTPS_PROXY to an HTTP proxy, or unset ALL_PROXY"
    told = safe_text(redact_secrets(str(error)), 100)
    return f"an address is not usable ({told}): check the base URL, HTTPS_PROXY and ALL_PROXY"


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"no connection ({error}); SSL_CERT_FILE names the certificates of an authority of your own"
    if isinstance(error, httpx.ConnectError):
        return f"no connection ({error})"
    return f"the connection broke off ({type(error).__name__})"
