"""Make the pictures of the README from the demo: `python -m tests.make_screenshots [--into DIRECTORY]`."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import resvg_py

from tests.kit.billed_demo import bill
from tests.kit.played import until, write_events
from tokentui.cli.watch.surroundings import surroundings_of
from tokentui.config.settings import Settings
from tokentui.demo.cast import BUDGETS
from tokentui.demo.plan import record_plan
from tokentui.demo.player import DEFAULT_SEED, write_history
from tokentui.demo.script import play
from tokentui.fresh import bring_up_to_date
from tokentui.guard.guard import open_guard
from tokentui.home import home_in
from tokentui.ingest.report import IngestProgress, IngestReport, SourceState
from tokentui.queries.any_time import AnyTimeQuestions
from tokentui.queries.circumstances import Circumstances
from tokentui.transcripts.sources import sources
from tokentui.ui.app import TokentuiApp
from tokentui.ui.settings import UiSettings
from tokentui.view import View
from tokentui.workspace import Workspace

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
START_AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
USUAL_SECONDS, STORM_SECONDS, BROKEN_CACHE_SECONDS = 28.0, 96.0, 290.0
"""Moments of the demo."""
FONT = "DejaVu Sans Mono"
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the size of the terminal, the moment, the colours, and the keys pressed first."""

    name: str
    size: tuple[int, int]
    seconds: float = USUAL_SECONDS
    keys: Sequence[str] = ()
    theme: str = Settings().theme


PICTURES = (
    Picture("dashboard", (120, 36)),
    Picture("session", (120, 36), STORM_SECONDS, ("enter",)),
    Picture("agent", (120, 36), BROKEN_CACHE_SECONDS, ("enter", "enter")),
    Picture("storm", (160, 45), STORM_SECONDS),
    Picture("alerts", (120, 36), BROKEN_CACHE_SECONDS, ("a",)),
    Picture("timeline", (120, 36), STORM_SECONDS, ("enter", "2")),
    Picture("turns", (120, 36), BROKEN_CACHE_SECONDS, ("down", "enter", "3")),
    Picture("cache", (120, 36), BROKEN_CACHE_SECONDS, ("enter", "4")),
    Picture("tools", (120, 36), BROKEN_CACHE_SECONDS, ("enter", "5")),
    Picture("context", (120, 36), BROKEN_CACHE_SECONDS, ("enter", "6")),
    Picture("advice", (120, 36), BROKEN_CACHE_SECONDS, ("A",)),
    Picture("compare", (120, 36), BROKEN_CACHE_SECONDS, ("c", "down", "c")),
    Picture("billed", (120, 36), BROKEN_CACHE_SECONDS, ("b",)),
    Picture("narrow", (60, 20)),
    Picture("light", (120, 36), theme="tokentui-safe-light"),
    Picture("wide", (200, 50)),
)


@dataclass(slots=True)
class Clock:
    """Stands still until it is set."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Still:
    """The demo as it was at one moment, read into a store of its own."""

    workspace: Workspace
    report: IngestReport

    def questions(self) -> AnyTimeQuestions:
        """Answers with the clock stopped, what is usual worked out already."""
        opened = AnyTimeQuestions(
            self.workspace.home.database,
            Circumstances(self.workspace.clock, self.workspace.time_zone, lambda: BUDGETS, lambda: ()),
        )
        for _ in range(2):
            opened.snapshot(View())
        return opened

    def run(
        self, stop: threading.Event, on_report: Callable[[IngestReport], None], on_change: Callable[[], None]
    ) -> None:
        """Be the ingest loop: everything is read, nothing more comes."""
        on_report(self.report)
        stop.wait()

    def stop_history(self) -> None:
        """Nothing to stop."""


@contextmanager
def still(seconds: float) -> Iterator[Still]:
    """The demo so many seconds after its start, through the program's own reading and counting."""
    with tempfile.TemporaryDirectory(prefix="tokentui-pictures-") as name:
        folder = Path(name)
        clock = Clock(START_AT)
        write_history(folder / "claude", START_AT)
        found = sources([folder / "claude"], {}, folder)
        workspace = Workspace(
            home_in(folder / "state"), Settings(budgets=BUDGETS), found, lambda: found, UTC, clock=clock, is_demo=True
        )
        progress = bring_up_to_date(workspace, threading.Event()).progress
        if progress is None or not progress.responses_added:
            raise RuntimeError("the demo has no responses")
        live_through(workspace, clock, folder / "claude", seconds)
        bill(workspace, folder)
        size = progress.bytes_total
        read = IngestProgress("live", progress.logs_read, size, size, None, progress.responses_added, True)
        yield Still(workspace, IngestReport(read, (SourceState("demo", "live"),), ()))


def live_through(workspace: Workspace, clock: Clock, logs_dir: Path, seconds: float) -> None:
    """Let the demo happen second by second, read and watched over as the monitor does it."""
    events = list(until(play(DEFAULT_SEED, START_AT), START_AT + timedelta(seconds=seconds)))
    with closing(open_guard(workspace.home.database, surroundings_of(workspace))) as guard:
        for second in range(round(seconds) + 1):
            clock.at = START_AT + timedelta(seconds=second)
            due = [event for event in events if event.at <= clock.at]
            write_events(logs_dir, due)
            events = events[len(due) :]
            bring_up_to_date(workspace, threading.Event())
            record_plan(workspace.home.database, START_AT, clock.at)
            guard.look()


async def draw(shown: Still, picture: Picture) -> str:
    """The screen as SVG."""
    settings = UiSettings(theme=picture.theme, alphabet="auto", is_demo=True)
    app = TokentuiApp(shown.questions, shown, settings, shown.workspace.clock, UTC)
    async with app.run_test(size=picture.size) as pilot:

        async def until(is_so: Callable[[], bool], what: str) -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not is_so():
                    await pilot.pause()
            if app.scene.failures:
                raise RuntimeError(f"{picture.name}: {what}: {app.scene.failures}")

        await until(lambda: app.scene.report is not None and app.scene.snapshot is not None, "first picture")
        for key in picture.keys:
            await pilot.press(key)
            await until(lambda: app.live_screen.question is None or app.live_screen.answer is not None, key)
        await until(lambda: app.scene.snapshot is not None and app.scene.snapshot.view == app.scene.view, "the end")
        await pilot.pause()
        return as_file(app.export_screenshot(title="tokentui"))


def as_file(svg: str) -> str:
    """Without trailing spaces, with one line end at the end."""
    return "\n".join(line.rstrip() for line in svg.strip().splitlines()) + "\n"


def to_png(svg: str) -> bytes:
    """The same as pixels, in a font that is widely installed. Raises RuntimeError where it is not.

    The SVG names a web font, and text in a font that is not there is left out without a word.
    """
    if not _draws_text():
        raise RuntimeError(f"the font {FONT} is not installed (Debian: apt install fonts-dejavu-core)")
    return bytes(resvg_py.svg_to_bytes(svg_string=_in_the_font(svg)))


def _in_the_font(svg: str) -> str:
    """The SVG in the installed font, its lines as close as in a terminal: frames and bars have no gaps between them.

    A line is 24.4 pixels high, the font at 20 pixels 23.3; at 21.5 lines overlap by half a pixel.
    """
    without_web_font = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", FONT)
    taller = without_web_font.replace("font-size: 20px", "font-size: 21.5px")
    unclipped = re.sub(r' clip-path="url\(#terminal-\d+-line-\d+\)"', "", taller)
    return re.sub(r'(<g class="terminal-\d+-matrix")>', r'\1 transform="translate(0, 0.7)">', unclipped)


def _draws_text() -> bool:
    """Whether a word in the font leaves any trace."""
    frame = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">{}</svg>'
    word = f'<text x="0" y="15" font-family="{FONT}">x</text>'
    blank, written = (resvg_py.svg_to_bytes(svg_string=frame.format(inside)) for inside in ("", word))
    return bool(blank != written)


def check_privacy(name: str, svg: str, folder: Path) -> None:
    """Raises RuntimeError where a picture shows a place or a name of this machine."""
    text = svg.replace("&#160;", " ")
    home = str(Path.home())
    for word in (tempfile.gettempdir() + os.sep, folder.name, home if len(home) > len("/root") else "/root/"):
        if word in text:
            raise RuntimeError(f"{name}: the picture shows {word!r}")


def main() -> int:
    """Draw all pictures into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=SCREENSHOTS, help="folder to write to (default: screenshots/)")
    folder: Path = parser.parse_args().into
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ["COLORTERM"] = "truecolor"
    os.environ.pop("NO_COLOR", None)
    for seconds in sorted({picture.seconds for picture in PICTURES}):
        with still(seconds) as shown:
            for picture in (picture for picture in PICTURES if picture.seconds == seconds):
                svg = asyncio.run(draw(shown, picture))
                check_privacy(picture.name, svg, shown.workspace.home.data_dir.parent)
                (folder / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
                (folder / f"{picture.name}.png").write_bytes(to_png(svg))
                print(f"{picture.name} {picture.size[0]}x{picture.size[1]}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
