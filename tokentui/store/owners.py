"""Which of two sightings of a record is its owner's, in SQL."""


def owns_before(table: str) -> str:
    """SQL condition for an upsert: the new sighting is the owner's, by the order of `counting.Owner`."""
    return f"({_OWNER.format('excluded')}) < ({_OWNER.format(table)})"


_OWNER = """
    {0}.owner_rank,
    (SELECT session.session_id FROM agent JOIN session ON session.id = agent.session_id WHERE agent.id = {0}.agent_id),
    (SELECT agent.agent_id FROM agent WHERE agent.id = {0}.agent_id),
    (SELECT path FROM log WHERE id = {0}.log_id)
"""
