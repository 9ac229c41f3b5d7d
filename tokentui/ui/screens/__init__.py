"""Screens: arrangements of panes."""
