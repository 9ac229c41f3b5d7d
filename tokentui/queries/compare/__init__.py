"""Two sessions, projects, weeks or models side by side."""
