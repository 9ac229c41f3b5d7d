"""The schema, its migrations, and the one path by which anything is written."""
