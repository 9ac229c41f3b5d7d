"""Sums of usage, and where they are kept: what every other question about figures stands on."""
