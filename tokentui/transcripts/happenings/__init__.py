"""What lines say besides usage: who is working, prompts, tool calls and results, links, events, titles."""
