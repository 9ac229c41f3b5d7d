"""The prompt cache: what was written again, why, and for how much."""
