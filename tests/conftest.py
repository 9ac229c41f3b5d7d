"""What all tests share: how hard hypothesis tries, a database that costs nothing, pictures to compare with."""

from __future__ import annotations

import gc
import os
import re
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.kit.command_line import home_with_logs
from tokentui.store.database import open_writer

if TYPE_CHECKING:
    from tests.kit.admin_api import Server

os.environ["TEXTUAL_ANIMATIONS"] = "none"
_OF_THE_TERMINAL = {"TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}
_OF_THE_USER = ("ANTHROPIC_", "CLAUDE_", "TOKENTUI_")


def _is_foreign(name: str) -> bool:
    """A proxy, which does not lead to the servers of the tests; the terminal they are started from; the user's key."""
    return name in _OF_THE_TERMINAL or name.startswith(_OF_THE_USER) or name.lower().endswith("_proxy")


for _name in filter(_is_foreign, list(os.environ)):
    del os.environ[_name]
os.environ["COLORTERM"] = "truecolor"
# What a shell starts in the background ignores interrupts, and so would every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is loaded by now is never garbage: looking through it took a fifth of the tests' processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


PICTURES = Path(__file__).parent / "snapshots"
Compare = Callable[[str, str], None]


settings.register_profile(
    "local", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema and nothing in it; copied, never written to."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    with closing(open_writer(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def new_database(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes one more empty database at each call."""
    folder = tmp_path_factory.mktemp("databases")
    numbers = iter(range(10**9))

    def make() -> Path:
        path = folder / f"{next(numbers)}.db"
        shutil.copy(empty_database, path)
        return path

    return make


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State and logs for commands, of this test alone."""
    return home_with_logs(tmp_path, monkeypatch)


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    """What commands print."""
    return capsys


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection fails."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("this went to the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="take the pictures drawn now for the right ones")


@pytest.fixture
def compare_picture(request: pytest.FixtureRequest) -> Compare:
    """Compare an SVG with the one of that name; look at it before you accept it with --update-snapshots."""

    def compare(name: str, svg: str) -> None:
        still = re.sub(r"terminal-\d+", "terminal", svg)
        expected = PICTURES / f"{name}.svg"
        if request.config.getoption("--update-snapshots"):
            PICTURES.mkdir(exist_ok=True)
            expected.write_text(still, encoding="utf-8")
            return
        assert expected.exists(), f"no picture {name}: run pytest --update-snapshots and look at it"
        if expected.read_text(encoding="utf-8") != still:
            drawn = expected.with_suffix(".new.svg")
            drawn.write_text(still, encoding="utf-8")
            pytest.fail(f"{name} looks different: compare {expected} with {drawn}")

    return compare


@pytest.fixture(scope="session")
def admin_process() -> Iterator[Server]:
    """The made-up Admin API, in a process of its own."""
    from tests.kit.admin_api import running_server

    with running_server() as server:
        yield server


@pytest.fixture
def server(admin_process: Server) -> Server:
    """The same with three days of usage, and no memory of another test."""
    from tests.kit.admin_api import BEFORE_NOW

    admin_process.reset(usage=BEFORE_NOW)
    return admin_process
