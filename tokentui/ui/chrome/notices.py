"""What is shown when there are no figures: the reason, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tokentui.figures import format_bytes
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing.bars import bar
from tokentui.ui.drawing.lines import Line, fold, line_width
from tokentui.ui.keymap.spelled import first_key
from tokentui.ui.scene import Scene
from tokentui.widths import shorten_middle


def notice(scene: Scene, width: int, height: int) -> Sequence[Line]:
    """The lines for the scene's stage, centred; none once there are figures to show."""
    match scene.stage:
        case "opening":
            lines: list[Line] = [(("opening the logs …", "muted"),)]
        case "reading first":
            lines = _reading(scene, width)
        case "nothing found":
            lines = _nothing_found(scene, width)
        case "no responses":
            lines = _no_responses(scene)
        case "out of range":
            lines = _out_of_range(scene)
        case "filtered out":
            lines = _filtered_out(scene, width)
        case "shown":
            lines = []
    if scene.stage == "opening" and (reasons := _reasons(scene)):
        folded = [part for reason in reasons for part in fold(safe_text(reason), max(20, width - 4))]
        lines = [*(((part, "bad"),) for part in folded), (("tokentui doctor", "key"), (" says more", "muted"))]
    return _centred(lines, width, height)


def _reasons(scene: Scene) -> list[str]:
    """Why nothing can be read or answered."""
    sources = scene.report.sources if scene.report else ()
    failed = [source.detail for source in sources if source.state == "failed" and source.detail]
    return list(dict.fromkeys((*scene.failures.values(), *failed)))


def _reading(scene: Scene, width: int) -> list[Line]:
    progress = scene.progress
    done = progress.bytes_read / progress.bytes_total if progress.bytes_total else 0.0
    left = f" · {words.duration(progress.eta_seconds)} left" if progress.eta_seconds is not None else ""
    return [
        (("reading the logs, newest first", "strong"),),
        bar(done, max(10, min(40, width - 8)), "accent", scene.alphabet, scene.alphabet.track),
        ((f"{format_bytes(progress.bytes_read)} of {format_bytes(progress.bytes_total)}{left}", "muted"),),
        ((first_key("stop_history", scene.keymap), "key"), (" stops reading history", "muted")),
    ]


def _nothing_found(scene: Scene, width: int) -> list[Line]:
    places = scene.report.places_tried if scene.report else ()
    return [
        (("no Claude Code logs found", "strong"),),
        (),
        *([(("looked in", "muted"),)] if places else []),
        *(((shorten_middle(safe_text(place), max(10, width - 6)), ""),) for place in places[:8]),
        *([((f"and {len(places) - 8} more", "muted"),)] if len(places) > 8 else []),
        (),
        (("tokentui DIR", "key"), (" reads another directory", "muted")),
        ((first_key("demo", scene.keymap), "key"), (" plays a made-up agent run", "muted")),
        (("tokentui doctor", "key"), (" explains", "muted")),
    ]


def _no_responses(scene: Scene) -> list[Line]:
    logs = words.plural(scene.progress.logs_known, "log")
    return [
        ((f"{logs} found, no response yet", "strong"),),
        (("start Claude Code: its first answer shows here", "muted"),),
    ]


def _out_of_range(scene: Scene) -> list[Line]:
    snapshot = scene.snapshot
    if snapshot is None:
        return []
    return [
        ((f"nothing in the last {snapshot.view.range}", "strong"),),
        ((f"{words.plural(snapshot.totals.sessions, 'session')} outside the range · ", "muted"),
         (first_key("zoom_out", scene.keymap), "key"), (" longer range", "muted")),
    ]  # fmt: skip


def _filtered_out(scene: Scene, width: int) -> list[Line]:
    if scene.snapshot is None:
        return []
    text = safe_text(scene.snapshot.view.filter.source)
    sentence = f"0 of {words.plural(scene.snapshot.sessions_in_range, 'session')} match `{text}`"
    return [
        *(((part, "strong"),) for part in fold(sentence, width - 4)),
        ((first_key("back", scene.keymap), "key"), (" clears the filter", "muted")),
    ]


def _centred(lines: list[Line], width: int, height: int) -> list[Line]:
    if len(lines) > height:
        lines = [line for line in lines if line_width(line)][:height]
    above: list[Line] = [()] * ((height - len(lines)) // 2)
    return above + [((" " * max(0, (width - _width(line)) // 2), ""), *line) for line in lines]


def _width(line: Line) -> int:
    return sum(cell_len(text) for text, _ in line)
