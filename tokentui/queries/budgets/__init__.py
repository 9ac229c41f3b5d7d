"""Budgets: how far each is used, where it will end, and how past windows ended."""
