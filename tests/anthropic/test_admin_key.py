"""The Admin key goes into one request header and nowhere else."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import sys
import traceback
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.kit.admin_api import KEY, MESSAGES, Server, Time, fault
from tests.kit.command_line import Output
from tokentui.anthropic.asking import Asker
from tokentui.anthropic.client import API_VERSION, BASE_URL, Client, checked_url
from tokentui.anthropic.errors import AnthropicError, KeyMissingError, RefusedError
from tokentui.anthropic.key import VARIABLE, AdminKey, find_key, has_key
from tokentui.anthropic_side import BASE_URL_VARIABLE
from tokentui.cli.run import run

TELLING = KEY.removeprefix("sk-ant-admin01-")


def printing(text: str) -> list[str]:
    return [sys.executable, "-c", f"print({text!r})"]


def test_it_is_found_in_the_environment_before_any_command() -> None:
    assert find_key({VARIABLE: f" {KEY}\n"}, printing("other")).reveal() == KEY
    assert find_key({VARIABLE: " "}, printing(KEY)).reveal() == KEY
    assert has_key({}, ["command"])
    assert has_key({VARIABLE: KEY}, [])
    assert not has_key({VARIABLE: ""}, [])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ([], "set ANTHROPIC_ADMIN_API_KEY"),
        (["/no/such/program", KEY], "No such file"),
        ([sys.executable, "-c", f"import sys; print({KEY!r}, file=sys.stderr); sys.exit(3)"], "exit code 3"),
        ([sys.executable, "-c", "print()"], "printed no key"),
        ([sys.executable, "-c", f"print({KEY!r}); print('and more')"], "not usable .* or `key_command`"),
        ([sys.executable, "-c", "print('schlüssel')"], "printed no key"),
        (["a\0b"], "cannot be run"),
    ],
)
def test_a_command_that_fails_is_told_without_what_it_said(command: list[str], words: str) -> None:
    with pytest.raises(KeyMissingError, match=words) as refusal:
        find_key({}, command)
    assert TELLING not in "".join(traceback.format_exception(refusal.value))
    assert "\n" not in str(refusal.value)


def test_it_shows_itself_to_nobody() -> None:
    key = AdminKey(KEY)
    for text in (repr(key), str(key), f"{key}", f"{[key]!r}", repr(Client(key))):
        assert TELLING not in text
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.copy(key)


@pytest.mark.parametrize("secret", ["", "two words", "line\nbreak", "\x1b[31m", "schlüssel"])
def test_what_cannot_be_a_header_is_refused_before_it_is_sent(secret: str) -> None:
    with pytest.raises(KeyMissingError) as refusal:
        AdminKey(secret)
    assert not secret or secret not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["http://gateway.example.com", "ftp://a", "https://", "gateway", "https://u:p@a", "http://[", "https://a:b"]
)
def test_it_goes_to_encrypted_places_alone(url: str) -> None:
    with pytest.raises(AnthropicError, match="base URL") as refusal:
        checked_url(url)
    assert "u:p" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", [BASE_URL, "https://gateway.example.com/anthropic", "http://127.0.0.1:8080", "http://[::1]:1"]
)
def test_places_it_may_go_to(url: str) -> None:
    assert checked_url(f" {url} ") == url


@pytest.mark.parametrize(
    ("url", "name", "value", "words"),
    [
        ("https://ex\u00e4mple..com", "", "", "check the base URL"),
        (f"https://{'a' * 70}.com", "", "", "check the base URL"),
        (BASE_URL, "HTTPS_PROXY", "::::", "HTTPS_PROXY"),
        (BASE_URL, "HTTPS_PROXY", "gopher://user:hidden@proxy", "HTTPS_PROXY"),
        (BASE_URL, "SSL_CERT_FILE", "/no/such/file", "SSL_CERT_FILE"),
    ],
)
def test_what_the_environment_gets_wrong_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, url: str, name: str, value: str, words: str
) -> None:
    if name:
        monkeypatch.setenv(name, value)
    with pytest.raises(AnthropicError, match=words) as refusal, closing(Client(AdminKey(KEY), url)) as client:
        Asker(client, Time().pace()).json("/v1", [])
    assert "hidden" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_of_a_certificate_that_is_not_trusted_the_way_to_trust_it_is_told() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate")

    client = Client(AdminKey(KEY), transport=httpx.MockTransport(answer))
    with closing(client), pytest.raises(AnthropicError, match=r"self-signed certificate.*; SSL_CERT_FILE names"):
        Asker(client, Time().pace()).json("/v1", [])


def test_a_proxy_is_not_asked_for_what_is_not_encrypted(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with closing(Client(AdminKey(KEY), server.url)) as client:
        assert client.get("/v1/organizations/workspaces", [("limit", "1000")], {}).status == 200


def test_each_request_carries_key_version_and_agent_and_errors_do_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        error = {"type": "authentication_error", "message": f"the key {KEY} is bad: sk-ant-api03-ANOTHERKEY"}
        return httpx.Response(401, json={"type": "error", "error": error})

    client = Client(AdminKey(KEY), transport=httpx.MockTransport(answer))
    with pytest.raises(RefusedError) as refusal:
        Asker(client, Time().pace()).json("/v1/organizations/cost_report", [("group_by[]", "a"), ("group_by[]", "b")])
    assert str(sent[0].url) == f"{BASE_URL}/v1/organizations/cost_report?group_by%5B%5D=a&group_by%5B%5D=b"
    assert sent[0].headers["x-api-key"] == KEY
    assert sent[0].headers["anthropic-version"] == API_VERSION
    assert sent[0].headers["user-agent"].startswith("tokentui/")
    text = "".join(traceback.format_exception(refusal.value)) + caplog.text
    assert TELLING not in text
    assert "ANOTHERKEY" not in text
    assert str(refusal.value).count("[secret]") == 2


def test_a_transport_that_quotes_the_key_is_not_repeated() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot send {request.headers['x-api-key']}", request=request)

    asker = Asker(Client(AdminKey(KEY), transport=httpx.MockTransport(fail)), Time().pace())
    with pytest.raises(AnthropicError, match="3 tries") as refusal:
        asker.json("/v1", [])
    assert TELLING not in "".join(traceback.format_exception(refusal.value))


def everything_kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize("by_command", [False, True])
def test_no_command_prints_or_keeps_it(
    home: Path, output: Output, server: Server, monkeypatch: pytest.MonkeyPatch, status: int, by_command: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("tokentui.anthropic.asking.FIRST_PAUSE_SECONDS", 0.0)
    monkeypatch.setenv(BASE_URL_VARIABLE, server.url)
    state = home / "state"
    state.mkdir(exist_ok=True)
    secret = home.parent / f"{home.name}-secret.txt"
    secret.write_text(KEY)
    if by_command:
        reading = f"import pathlib; print(pathlib.Path({str(secret)!r}).read_text())"
        (state / "config.toml").write_text(
            f"[anthropic]\nkey_command = {json.dumps([sys.executable, '-c', reading])}\n"
        )
    else:
        monkeypatch.setenv(VARIABLE, KEY)
    if status != 200:
        server.tell(faults=[fault("status", MESSAGES, status=status, message=f"bad key {KEY}")] * 3)
    lines = ("sync --json --days 1", "sync", "reconcile --json", "reconcile", "reconcile --markdown", "billing --json",
             "doctor --json")  # fmt: skip
    codes = [run(line.split()) for line in lines]
    captured = output.readouterr()
    assert codes[0] == (0 if status == 200 else 1)
    assert len(server.seen()) > 0
    assert TELLING not in captured.out + captured.err + caplog.text
    assert TELLING.encode() not in everything_kept(state)
    if status != 200:
        assert "[secret]" in captured.err
