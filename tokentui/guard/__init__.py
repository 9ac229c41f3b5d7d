"""Runs the watch in this process: gathers facts, applies the rules, stores the alerts they raise, has notices sent."""
