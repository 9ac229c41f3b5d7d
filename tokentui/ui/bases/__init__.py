"""What the app is made of: leaving, watching, explaining, past, budgeting, insight, each on the one before."""
