"""`tokentui reconcile`."""
