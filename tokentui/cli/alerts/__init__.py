"""`tokentui alerts`."""
