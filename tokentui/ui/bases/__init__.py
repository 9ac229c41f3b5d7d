"""What the app is made of, each class on the one before: leaving, showing, looking, watching, explaining, past,
budgeting, insight."""
