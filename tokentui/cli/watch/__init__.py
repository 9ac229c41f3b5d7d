"""`tokentui watch`."""
