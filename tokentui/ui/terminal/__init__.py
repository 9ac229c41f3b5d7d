"""The terminal itself: what comes from it, and what it is told."""
