"""Which of two sightings of a record is its owner's, in SQL."""


def owns_before(table: str) -> str:
    """A condition for an upsert: the new sighting owns. No copy before a copy, then by path, as for responses."""
    return (
        f"(excluded.owner_rank, (SELECT path FROM log WHERE id = excluded.log_id))"
        f" < ({table}.owner_rank, (SELECT path FROM log WHERE id = {table}.log_id))"
    )
