"""What Anthropic reports, by API and exports, read back from the store: each use once, and how far it reaches."""
