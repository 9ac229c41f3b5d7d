"""Run every check: `python -m tests.check`. Stops at nothing, fails if anything failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
CHECKS = (
    ("format", [str(TOOLS / "ruff"), "format", "--check", "."]),
    ("lint", [str(TOOLS / "ruff"), "check", "."]),
    ("types", [sys.executable, "-m", "mypy"]),
    ("imports", [str(TOOLS / "lint-imports"), "--no-cache"]),
    ("tests", [sys.executable, "-m", "pytest", "-q", "-n", "4", "--dist", "worksteal"]),
)


def main() -> int:
    """Run the checks one after another and say which failed."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)  # noqa: T201 - this is what the command is for
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    print("failed: " + ", ".join(failed) if failed else "all checks passed")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
