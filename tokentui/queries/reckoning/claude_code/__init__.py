"""The Claude Code report, read back: by itself, and what it adds to a bill and to a difference."""
