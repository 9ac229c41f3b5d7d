"""Errors of our own: the traceback goes into the log file, one line to the user."""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime

from tokentui import __version__
from tokentui.home import find_home


def note_crash(error: Exception) -> str:
    """Append the traceback to the log file; returns a line that says so, or the traceback if that fails too."""
    details = "".join(traceback.format_exception(error))
    path = find_home(os.environ).log_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} tokentui {__version__}\n{details}\n")
    except OSError:
        return details
    return f"a fault in tokentui itself ({type(error).__name__}: {error}); please report it with the end of {path}"
