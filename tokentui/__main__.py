"""`python -m tokentui`, and the command `tokentui`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.disable()  # until the command is loaded, see `Commands.get_command`: what is loaded stays
    from tokentui.cli.run import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
