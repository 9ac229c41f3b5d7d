"""Anthropic's side: the Admin API, which is the only network code, and the console's exports."""
