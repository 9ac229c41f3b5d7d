"""What stands around the panes: status line, footer, filter line, help, notices, and where each pane goes."""
