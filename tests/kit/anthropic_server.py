"""A server on loopback that answers as the Admin API's documents say, and misbehaves when told to.

Run as a program it prints its port. `POST /_control` sets what it holds and does, `GET /_seen` lists what it was
asked, `GET /_held` answers once a request is held back, and `POST /_release` lets it go.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.kit.anthropic_answers import HTML, STATE, RefusalError, answer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *_: object) -> None:
        """Nothing: the suite's output is for the suite."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/_control":
            STATE.control(json.loads(body))
        elif self.path == "/_release":
            STATE.release.set()
        self._send(200, b"{}")

    def do_GET(self) -> None:
        if self.path == "/_seen":
            return self._send(200, json.dumps(STATE.seen).encode())
        if self.path == "/_held":
            return self._send(200 if STATE.held.wait(30) else 504, b"{}")
        parts = urlsplit(self.path)
        query = parse_qsl(parts.query, keep_blank_values=True)
        STATE.seen.append({"path": parts.path, "query": query, "beta": self.headers.get("anthropic-beta", ""),
                           "version": self.headers.get("anthropic-version", "")})  # fmt: skip
        fault = next((fault for fault in STATE.faults if fault.get("path", "") in parts.path), None)
        if fault is not None:
            STATE.faults.remove(fault)
            if self._misbehave(fault):
                return None
        try:
            self._authorize()
            body = json.dumps(answer(parts.path, query, self.headers.get("anthropic-beta", ""))).encode()
        except RefusalError as refusal:
            return self._refuse(refusal)
        self._send_parts(body, fault or {})
        return None

    def _authorize(self) -> None:
        if self.headers.get("anthropic-version") != "2023-06-01":
            raise RefusalError(400, "invalid_request_error", "anthropic-version: header is required")
        is_spent = STATE.expires_after is not None and len(STATE.seen) > STATE.expires_after
        if self.headers.get("x-api-key") != STATE.key or is_spent:
            raise RefusalError(401, "authentication_error", "invalid x-api-key")

    def _misbehave(self, fault: dict[str, Any]) -> bool:
        """Whether that was the answer."""
        kind = fault.get("kind")
        if kind == "hold" and "after" not in fault:
            STATE.held.set()
            STATE.release.wait(30)
            return False
        if kind == "html":
            self._send(fault.get("status", 200), HTML, "text/html")
        elif kind == "json":
            self._send(fault.get("status", 200), json.dumps(fault["body"]).encode())
        elif kind == "status":
            headers = {"retry-after": fault["retry_after"]} if "retry_after" in fault else {}
            self._refuse(
                RefusalError(fault["status"], fault.get("type", "api_error"), fault.get("message", "no")), headers
            )
        elif kind == "redirect":
            self._send(302, b"", headers={"location": "https://elsewhere.example.com/"})
        elif kind == "drop":
            self.close_connection = True
        else:
            return False
        return True

    def _send_parts(self, body: bytes, fault: dict[str, Any]) -> None:
        if "after" in fault:
            self._hold_back(body, fault["after"])
        elif "cut" in fault:
            self._cut(body, fault["cut"])
        else:
            self._send(200, body)

    def _hold_back(self, body: bytes, after: int) -> None:
        """Send a part, and the rest once it is let go."""
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: after % len(body)])
        self.wfile.flush()
        STATE.held.set()
        STATE.release.wait(30)
        with contextlib.suppress(OSError):
            self.wfile.write(body[after % len(body) :])
            self.wfile.flush()

    def _cut(self, body: bytes, at: int) -> None:
        """Promise all of the answer and send a part."""
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: at % len(body)])
        self.close_connection = True

    def _refuse(self, refusal: RefusalError, headers: dict[str, str] | None = None) -> None:
        error = {"type": refusal.kind, "message": str(refusal)}
        body = json.dumps({"type": "error", "error": error, "request_id": "req_made_up"}).encode()
        self._send(refusal.status, body, headers={"request-id": "req_made_up", **(headers or {})})

    def _send(
        self, status: int, body: bytes, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until standard input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)  # noqa: T201
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
