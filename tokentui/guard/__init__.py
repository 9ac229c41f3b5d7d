"""The watch of one process: gathers facts, applies the rules, keeps the alerts they raise, and has notices sent."""
