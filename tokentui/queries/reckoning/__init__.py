"""The logs beside what Anthropic reports and bills, and why they differ."""
