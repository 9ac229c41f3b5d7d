"""Budgets, the rules that raise alarms, and telling of them: facts in, alerts and notices out."""
