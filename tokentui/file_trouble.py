"""Says what is wrong with a file or its directory where the system's own message says too little."""

from __future__ import annotations

import errno
from pathlib import Path

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
"""The error numbers for a full disk and for a user's used-up share of it."""


def is_there(path: Path) -> bool:
    """Whether the file exists. True also where that may not be looked up: opening the file then says why."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def reason_of(error: OSError, path: Path) -> str:
    """Why a file could not be made or changed, in words.

    Where a path above it is no directory, that path is named: the system only says `File exists`.
    """
    if isinstance(error, FileExistsError | NotADirectoryError):
        for above in path.parents:
            if is_there(above) and not above.is_dir():
                return f"{above} is no directory"
    return error.strerror or str(error)
