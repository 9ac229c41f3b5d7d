"""Reports: what was used and what it costs, in rows."""
