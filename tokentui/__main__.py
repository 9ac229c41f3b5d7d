"""`python -m tokentui`, and the command `tokentui`."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from tokentui.exit_codes import INTERRUPTED


def main() -> NoReturn:
    """Run the command line, then end the process with its exit code.

    `os._exit` skips the interpreter's own shutdown, which would be a tenth of a short command's time; every file and
    database is closed by then.
    """
    gc.disable()  # `Commands.get_command` enables it again: modules stay in memory, so searching them is a waste
    try:
        from tokentui.cli.run import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while modules were still loading
        code = INTERRUPTED
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
