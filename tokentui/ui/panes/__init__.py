"""Panes: one picture each, drawn from their part of the snapshot."""
