"""Decodes bytes into the shapes of `wire`: a whole block at once, and line by line if strict decoding refuses it.

A line in which a part has the wrong type is decoded again without that part, so that the rest of it still counts.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache, partial
from typing import Any, TypeVar, cast

from msgspec import DecodeError, Raw
from msgspec.json import Decoder

from tokentui.transcripts.wire import Line

BOM = b"\xef\xbb\xbf"
_Part = TypeVar("_Part")


class BadLineError(ValueError):
    """A line is not a JSON object of the known shape; the message says why, without quoting the line."""


_line = Decoder(Line)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNEXPECTED = "a field has an unexpected type"
_OPENED, _CLOSED = b"{}"

Decoded = Line | BadLineError | None
"""A line, or the error if it cannot be decoded, or None if it is blank."""


def decode_block(block: bytes | None, start: int) -> Iterable[tuple[int, Decoded]]:
    """Decode a block of whole lines: (offset, line) for each. A block that is None is one line too long to read."""
    if block is None:
        return [(start, BadLineError("longer than 64 MiB"))]
    try:
        lines = _line.decode_lines(block)
    except (DecodeError, UnicodeDecodeError, RecursionError):  # some line needs a closer look
        return decode_each(block, start)
    offsets = _line_offsets(block, start)
    if offsets is None or len(offsets) != len(lines):
        return decode_each(block, start)
    return zip(offsets, lines, strict=True)


def _line_offsets(block: bytes, start: int) -> list[int] | None:
    """Where the lines of a block begin in their file; None unless each of them looks like a whole object.

    Counting objects is not enough: the decoder skips blank lines, reads several objects from one line, and one object
    from several lines.
    """
    offsets: list[int] = []
    begin, find = 0, block.find
    while end := find(b"\n", begin) + 1:
        if block[begin] != _OPENED or block[end - 2] != _CLOSED:
            return None
        offsets.append(start + begin)
        begin = end
    return offsets


def decode_each(block: bytes, start: int) -> Iterator[tuple[int, Decoded]]:
    """Decode a block line by line, so that a bad line does not cost any other."""
    offset = start
    for raw in block.split(b"\n")[:-1]:
        yield offset, _decoded(raw.removeprefix(BOM) if offset == 0 else raw)
        offset += len(raw) + 1


def _decoded(raw: bytes) -> Decoded:
    if not raw or raw.isspace():
        return None
    try:
        return decode_line(raw)
    except BadLineError as bad:
        return bad


def decode_line(raw: bytes) -> Line:
    """Decode one line. What strict JSON refuses (bad UTF-8, lone surrogates, NaN) is mended, and parts of a wrong type
    are left out. Raises BadLineError.
    """
    try:
        return _line.decode(raw)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        pass  # worth a second look below
    try:
        value = _mended(raw)
    except RecursionError as error:
        raise BadLineError("nested too deeply") from error
    except ValueError as error:
        raise BadLineError("not valid JSON") from error
    fitting = _fitting(value, partial(_takes, _line))
    if fitting is _MISFIT or _is_without(value, "message") or _is_without(value.get("message"), "usage"):
        raise BadLineError(_UNEXPECTED)
    return _line.decode(_encoded(fitting))


def _mended(raw: bytes) -> Any:
    """Decode with Python's own, more lenient parser: bad UTF-8 becomes U+FFFD, NaN becomes null, NULs around it go."""
    return json.loads(raw.strip(b"\0").decode("utf-8", "replace"), parse_constant=lambda _: None)


def _encoded(value: object) -> bytes:
    """Encode as strict JSON; a lone surrogate becomes U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False)).encode()


_MISFIT = object()


def _fitting(value: Any, takes: Callable[[Any], bool]) -> Any:
    """As much of a value as the decoder accepts; fractions are cut where it wants whole numbers."""
    if takes(value):
        return value
    if isinstance(value, dict):
        parts = {key: _fitting(part, _inside(takes, key)) for key, part in value.items()}
        value = {key: part for key, part in parts.items() if part is not _MISFIT}
    elif isinstance(value, list):
        value = [part for one in value if (part := _fitting(one, lambda one: takes([one]))) is not _MISFIT]
    elif isinstance(value, float) and math.isfinite(value):
        value = int(value)
    return value if takes(value) else _MISFIT


def _inside(takes: Callable[[Any], bool], key: str) -> Callable[[Any], bool]:
    return lambda part: takes({key: part})


def _takes(decoder: Decoder[Any], value: object) -> bool:
    try:
        decoder.decode(_encoded(value))
    except (DecodeError, RecursionError):
        return False
    return True


def _is_without(value: object, name: str) -> bool:
    """Whether a part that counting needs is there, but is not an object."""
    part = value.get(name) if isinstance(value, dict) else None
    return part is not None and not isinstance(part, dict)


def decode_part(kind: type[_Part], raw: Raw) -> _Part | None:
    """Decode a part of a line that was left raw, as far as it has the given shape; None if it has another shape."""
    decoder = _decoder(cast("Hashable", kind))
    try:
        part: _Part = decoder.decode(raw)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_fitting(decoder, bytes(raw)) if raw else None
    return part


def _decode_fitting(decoder: Decoder[_Part], raw: bytes) -> _Part | None:
    try:
        fitting = _fitting(_mended(raw), partial(_takes, decoder))
        return None if fitting is _MISFIT else decoder.decode(_encoded(fitting))
    except (ValueError, RecursionError):
        return None


@cache
def _decoder(kind: Hashable) -> Decoder[Any]:
    return Decoder(kind)


def decode_bytes(kind: type[_Part], raw: bytes) -> _Part | None:
    """Decode a whole small file; None if it is torn or has another shape."""
    return decode_part(kind, Raw(raw))
