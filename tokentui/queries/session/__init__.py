"""What one session did: agents, turns, tools, context, and every response."""
