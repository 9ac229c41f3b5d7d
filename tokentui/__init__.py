"""tokentui: a terminal monitor for Claude agent runs."""

__version__ = "0.1.0"
