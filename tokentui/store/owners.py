"""Which of two sightings of a record is its owner's, in SQL."""


def owns_before(table: str) -> str:
    """SQL condition for an upsert: the new sighting is the owner's. Originals go before copies, then paths in order."""
    return (
        f"(excluded.owner_rank, (SELECT path FROM log WHERE id = excluded.log_id))"
        f" < ({table}.owner_rank, (SELECT path FROM log WHERE id = {table}.log_id))"
    )
