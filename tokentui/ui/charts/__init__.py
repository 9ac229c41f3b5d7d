"""Charts: pure functions from numbers to rows of cells."""
