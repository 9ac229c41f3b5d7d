"""The panes of what Anthropic billed."""
