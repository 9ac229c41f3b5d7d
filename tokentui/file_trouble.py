"""What is wrong with a file or its directory, where the system says too little."""

from __future__ import annotations

import errno
from pathlib import Path

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
"""How the system says that there is no room for what is kept."""


def is_there(path: Path) -> bool:
    """Whether there is such a file, or may be one where nobody is allowed to look: whoever opens it says why not."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def reason_of(error: OSError, path: Path) -> str:
    """Why a file could not be made or changed, in words; the system only says `File exists` of what is no directory."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        for above in path.parents:
            if is_there(above) and not above.is_dir():
                return f"{above} is no directory"
    return error.strerror or str(error)
