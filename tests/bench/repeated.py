"""Real logs, repeated under fresh ids until they are as many as a long history has."""

from __future__ import annotations

import re
from functools import partial
from itertools import count
from pathlib import Path

_UUID = re.compile(rb"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_OTHER_ID = re.compile(
    rb'("(?:id|requestId|request_id|tool_use_id|toolUseID|toolUseId|parentToolUseID|sourceToolUseID)"\s*:\s*")([^"\\]+)'
)


def repeat_tree(logs: Path, tree: Path, size_bytes: int) -> int:
    """Copy all logs below a directory into `tree/projects`, again and again, each time as other sessions.

    Returns how many copies it took to reach `size_bytes`.
    """
    originals = [path for path in sorted(logs.rglob("*")) if path.suffix in (".jsonl", ".json") and path.is_file()]
    written = 0
    for copy in count(1):
        for original in originals:
            written += _copy(original, _place(original.relative_to(logs), tree, copy), copy)
        if written >= size_bytes:
            break
    return copy


def _place(original: Path, tree: Path, copy: int) -> Path:
    """`folder/projects/project/…` becomes `projects/folder-copy-project/…`, with fresh ids in its names."""
    folder, *rest = (part for part in original.parts if part != "projects")
    names = [f"{folder}-{copy}-{rest[0]}", *rest[1:]]
    return tree.joinpath("projects", *(_fresh(name.encode(), copy).decode() for name in names))


def _copy(original: Path, target: Path, copy: int) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.write_bytes(_fresh(original.read_bytes(), copy))


def _fresh(text: bytes, copy: int) -> bytes:
    mark = b"%02x" % copy
    text = _UUID.sub(partial(_fresh_uuid, mark), text)
    return _OTHER_ID.sub(rb"\g<1>" + mark + rb"-\g<2>", text)


def _fresh_uuid(mark: bytes, found: re.Match[bytes]) -> bytes:
    return mark + found[0][len(mark) :]
