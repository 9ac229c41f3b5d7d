"""`tokentui statusline`."""
