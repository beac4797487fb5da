"""unsure.py - how many sends to the team went out again unasked."""


def unsure_sends(db):
    """Messages of which colleagues may see a second copy."""
    return int(db.one("SELECT coalesce(sum(value), 0) FROM counters"
                      " WHERE name = 'tuberry_delivery_unsure_total'"))
