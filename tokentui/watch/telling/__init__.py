"""Tells alarms outside the screen: by bell, title, desktop notification, webhook, or a program of the user's own."""
