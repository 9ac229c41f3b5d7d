"""Finding logs, reading whole lines from stored offsets, and turning bytes into records."""
