"""What the rules look at, and what they raised."""
