"""unsure.py - how many sends to the team went out again unasked."""

import re


def unsure_sends(stack):
    """Of which colleagues may see a second copy."""
    counted = stack.db.one("SELECT value FROM counters"
                           " WHERE name = 'tuberry_delivery_unsure_total'")
    again = [m for name in stack.log_names() if name.startswith("daemon")
             for m in re.findall(r"delivery\.sent_again delivery=(\d+)",
                                 stack.log_text(name))]
    team = {row[0] for row in stack.db.rows(
        "SELECT id FROM deliveries WHERE direction = 'team'")}
    return max(int(counted or 0), sum(d in team for d in again))
