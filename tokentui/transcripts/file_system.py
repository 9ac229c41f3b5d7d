"""Whether the file system below a directory reports changes, or has to be polled."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

_SILENT = frozenset(
    {"9p", "afpfs", "ceph", "cifs", "davfs", "drvfs", "fuse.davfs2", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
     "glusterfs", "nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "fuse.vmhgfs-fuse"}
)  # fmt: skip
_MOUNTS = Path("/proc/self/mounts")
_WATCH_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")


def why_silent(directory: Path) -> str:
    """Why changes below a directory are not reported; empty if they are, or nothing speaks against it."""
    kind = file_system_of(directory)
    return f"{kind} does not tell of changes made elsewhere" if kind in _SILENT else ""


def file_system_of(directory: Path, mounts: Path = _MOUNTS) -> str:
    """Type of the file system that a directory lies on, such as `ext4`; empty if unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    path = os.path.realpath(directory)
    best, kind = "", ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 2:
            point = _unescaped(fields[1])
            inside = point in ("/", path) or path.startswith(point + os.sep)
            if inside and len(point) >= len(best):
                best, kind = point, fields[2]
    return kind


def _unescaped(field: str) -> str:
    """A path from the list of mounts, in which spaces and the like are octal codes."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), field)


def watch_limit() -> int | None:
    """How many directories one user may watch; None if the system sets no such limit."""
    if sys.platform != "linux":
        return None
    try:
        return int(_WATCH_LIMIT.read_text())
    except (OSError, ValueError):
        return None
