"""`python -m tokentui`, and the command `tokentui`."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from tokentui.exit_codes import INTERRUPTED


def main() -> NoReturn:
    """Run the command line and leave with its exit code, at once.

    All that was opened is closed by then. Taking the interpreter apart as well would be a tenth of a short command's
    time.
    """
    gc.disable()  # until the command is loaded, see `Commands.get_command`: what is loaded stays
    try:
        from tokentui.cli.run import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while the command line was being loaded
        code = INTERRUPTED
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
