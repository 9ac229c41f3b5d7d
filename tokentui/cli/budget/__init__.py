"""`tokentui budget`."""
