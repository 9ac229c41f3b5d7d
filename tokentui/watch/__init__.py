"""Budgets, and the rules that raise an alarm: facts in, findings and words out."""
