"""The panes of a session: its views, and the drill-downs to responses and calls."""
