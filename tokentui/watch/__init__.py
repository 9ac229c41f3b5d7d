"""Budgets and, in time, the rules that raise an alarm: facts in, findings out."""
