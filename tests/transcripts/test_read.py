"""Whole lines from growing, shrinking and replaced files: nothing lost, nothing twice."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tokentui.records import Cursor
from tokentui.transcripts import read
from tokentui.transcripts.read import Stretch, read_stretch

BOM = b"\xef\xbb\xbf"
LONGEST = 40
TEXTS = st.binary(max_size=60) | st.lists(st.sampled_from([b"{}", b"\n", b"\r\n", b"\0", BOM, b"line "])).map(b"".join)
BLOCKS = st.sampled_from([1, 2, 7, 16, 64, 4096])

Lines = list[tuple[int, bytes | None]]


def plain_lines(data: bytes, longest: int = read.LONGEST_LINE_BYTES) -> Lines:
    """What a reader that has all of the file at once would say."""
    lines: Lines = []
    offset = 0
    for text in data[: data.rfind(b"\n") + 1].split(b"\n")[:-1]:
        lines.append((offset, text if len(text) <= longest else None))
        offset += len(text) + 1
    return lines


def lines_of(stretch: Stretch) -> Lines:
    """(offset, line without its newline); None for a line too long to read."""
    start = stretch.start.offset
    if stretch.block is None:
        return [(start, None)]
    lines = plain_lines(stretch.block)
    assert stretch.end.offset == start + len(stretch.block)
    return [(start + offset, text) for offset, text in lines]


def read_on(path: Path, cursor: Cursor, lines: Lines, most: int = 4096, longest: int = LONGEST) -> Cursor:
    """Read to the end; a restart throws away what was read before."""
    while True:
        stretch = read_stretch(str(path), cursor, most, longest)
        if stretch.restarted:
            lines.clear()
        assert stretch.start.offset == (0 if stretch.restarted else cursor.offset)
        lines += lines_of(stretch)
        cursor = stretch.end
        if not stretch.more:
            return cursor


@given(data=TEXTS, block=BLOCKS, longest=st.integers(0, 70))
def test_any_bytes_read_in_any_blocks_give_the_same_lines(data: bytes, block: int, longest: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        path.write_bytes(data)
        lines: Lines = []
        end = read_on(path, Cursor(), lines, block, longest)
        assert lines == plain_lines(data, longest)
        assert end.offset == data.rfind(b"\n") + 1


@given(data=TEXTS, cuts=st.lists(st.integers(0, 60), max_size=5), block=BLOCKS)
def test_any_chunks_give_the_same_lines(data: bytes, cuts: list[int], block: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        path.touch()
        lines: Lines = []
        cursor = Cursor()
        for cut in sorted({*cuts, len(data)}):
            with path.open("ab") as file:
                file.write(data[path.stat().st_size : cut])
            cursor = read_on(path, cursor, lines, block)
        assert lines == plain_lines(data, LONGEST)


class GrowingLog(RuleBasedStateMachine):
    """A file that all kinds of writers work on, read whenever it pleases, against a plain read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "log")
        self.path.touch()
        self.cursor = Cursor()
        self.lines: Lines = []
        self.number = 0

    def teardown(self) -> None:
        self.folder.cleanup()

    def fresh(self, size: int) -> bytes:
        """Bytes that never were in the file before."""
        self.number += 1
        return b"%06d" % self.number + b"x" * size

    @initialize(block=BLOCKS)
    def choose_block(self, block: int) -> None:
        self.block = block

    @rule(size=st.integers(0, 50), end=st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\0\n", b""]))
    def append(self, size: int, end: bytes) -> None:
        """Without an end the line is torn: the next append completes it."""
        with self.path.open("ab") as file:
            file.write(self.fresh(size) + end)

    @rule(share=st.floats(0, 1))
    def truncate(self, share: float) -> None:
        os.truncate(self.path, int(self.path.stat().st_size * share))

    @rule(count=st.integers(0, 4))
    def rewrite_in_place(self, count: int) -> None:
        self.path.write_bytes(b"".join(self.fresh(20) + b"\n" for _ in range(count)))

    @rule()
    def rewrite_at_the_same_size(self) -> None:
        size = self.path.stat().st_size
        text = b"".join(self.fresh(8) + b"\n" for _ in range(size // 15 + 1))[-size:] if size else b""
        self.path.write_bytes(text)

    @rule(count=st.integers(0, 4))
    def replace(self, count: int) -> None:
        other = self.path.with_name("other")
        other.write_bytes(b"".join(self.fresh(20) + b"\n" for _ in range(count)))
        other.replace(self.path)

    @rule()
    def cut_a_line_out_and_write_on(self) -> None:
        """As Claude Code does after an error in the middle of a stream."""
        data = self.path.read_bytes()
        kept = data[: data[:-1].rfind(b"\n") + 1]
        self.path.write_bytes(kept + self.fresh(60) + b"\n")

    @precondition(lambda self: self.path.exists())
    @rule()
    def vanish_and_come_back(self) -> None:
        data = self.path.read_bytes()
        self.path.unlink()
        with pytest.raises(FileNotFoundError):
            read_stretch(str(self.path), self.cursor)
        self.path.write_bytes(data)

    @rule()
    def read_one_stretch(self) -> None:
        stretch = read_stretch(str(self.path), self.cursor, self.block, LONGEST)
        if stretch.restarted:
            self.lines.clear()
        self.lines += lines_of(stretch)
        self.cursor = stretch.end

    @invariant()
    def what_was_read_is_there(self) -> None:
        copy = list(self.lines)
        read_on(self.path, self.cursor, copy, self.block)
        assert copy == plain_lines(self.path.read_bytes(), LONGEST)


GrowingLog.TestCase.settings = settings(max_examples=100, stateful_step_count=25)
TestGrowingLog = GrowingLog.TestCase


def first(path: Path, data: bytes, **limits: int) -> Stretch:
    path.write_bytes(data)
    return read_stretch(str(path), Cursor(), **limits)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"torn", []),
        (b"a\nb", [(0, b"a")]),
        (b"a\r\nb\r\n", [(0, b"a\r"), (3, b"b\r")]),
        (BOM + b"a\nb\n", [(0, BOM + b"a"), (5, b"b")]),
        (b"\n\na\n", [(0, b""), (1, b""), (2, b"a")]),
        (b"\0\0a\n", [(0, b"\0\0a")]),
    ],
)
def test_whole_lines_are_read_with_their_offsets(tmp_path: Path, data: bytes, lines: Lines) -> None:
    stretch = first(tmp_path / "log", data)
    assert lines_of(stretch) == lines
    assert not stretch.restarted


def test_a_line_of_10_mb_is_read_whole(tmp_path: Path) -> None:
    huge = b"x" * 10_000_000
    stretch = first(tmp_path / "log", b"a\n" + huge + b"\nb\n")
    assert lines_of(stretch) == [(0, b"a")]
    assert stretch.more
    lines = list(lines_of(stretch))
    read_on(tmp_path / "log", stretch.end, lines, read.BLOCK_BYTES, read.LONGEST_LINE_BYTES)
    assert [text for _, text in lines] == [b"a", huge, b"b"]


def test_a_line_over_the_limit_is_named_and_passed_over(tmp_path: Path) -> None:
    data = b"a\n" + b"x" * 41 + b"\n" + b"y" * 40 + b"\n"
    lines: Lines = []
    first(tmp_path / "log", data)
    read_on(tmp_path / "log", Cursor(), lines, 4, 40)
    assert lines == [(0, b"a"), (2, None), (44, b"y" * 40)]


def test_an_over_long_line_waits_for_its_end_too(tmp_path: Path) -> None:
    path = tmp_path / "log"
    stretch = first(path, b"x" * 100, most_bytes=8, longest_line_bytes=10)
    assert (lines_of(stretch), stretch.end.offset, stretch.more) == ([], 0, False)
    with path.open("ab") as file:
        file.write(b"\nok\n")
    lines: Lines = []
    read_on(path, stretch.end, lines, 8, 10)
    assert lines == [(0, None), (101, b"ok")]


def test_a_whole_last_line_without_a_newline_is_read_once_the_file_is_at_rest(tmp_path: Path) -> None:
    path = tmp_path / "log"
    waiting = first(path, b'{}\n{"a": 1}')
    written_ns = path.stat().st_mtime_ns
    waiting = read_stretch(str(path), waiting.end, now_ns=written_ns + read.REST_NS - 1)
    assert (waiting.block, waiting.end.offset, waiting.waits) == (b"", 3, True)
    rested = read_stretch(str(path), waiting.end, now_ns=written_ns + read.REST_NS)
    assert (rested.block, rested.end.offset, rested.waits, rested.more) == (b'{"a": 1}\n', 11, False, False)
    with path.open("ab") as file:
        file.write(b"\nok\n")
    lines: Lines = []
    read_on(path, rested.end, lines)
    assert lines == [(11, b""), (12, b"ok")]


@pytest.mark.parametrize("data", [b'{"a": 1', b'{"a": {}', b"[{}", b"a}", b"1", b'{"a": "\xff}', b'{"a": 1}x'])
def test_half_a_line_waits_however_long_the_file_is_at_rest(tmp_path: Path, data: bytes) -> None:
    stretch = first(tmp_path / "log", data, now_ns=2**62)
    assert (stretch.block, stretch.end.offset, stretch.waits) == (b"", 0, False)


def test_a_file_is_known_again_by_what_stands_before_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "log"
    stretch = first(path, b"a\nb\n")
    path.write_bytes(b"a\nc\nd\n")
    again = read_stretch(str(path), stretch.end)
    assert again.restarted
    assert lines_of(again) == [(0, b"a"), (2, b"c"), (4, b"d")]


def test_another_file_in_its_place_is_read_anew_though_it_begins_and_ends_the_same(tmp_path: Path) -> None:
    path, other = tmp_path / "log", tmp_path / "other"
    head, tail = b"h" * 100 + b"\n", b"t" * 100 + b"\n"
    stretch = first(path, head + b"one\n" + tail)
    other.write_bytes(head + b"two\n" + tail)
    other.replace(path)
    again = read_stretch(str(path), stretch.end)
    assert again.restarted
    assert lines_of(again)[1] == (101, b"two")


def test_the_size_and_time_are_those_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "log"
    stretch = first(path, b"a\ntorn")
    status = path.stat()
    assert (stretch.size_bytes, stretch.modified_ns) == (status.st_size, status.st_mtime_ns)


def test_a_directory_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        read_stretch(str(tmp_path), Cursor())
