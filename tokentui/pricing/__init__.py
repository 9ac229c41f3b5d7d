"""Dated rates and exact money."""
