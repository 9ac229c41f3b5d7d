"""The runaway rules: facts in, findings out. Pure."""
