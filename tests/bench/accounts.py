"""accounts.py - a thousand monitored Avito accounts in which nothing happens.

What the daemon needs of a processor for that, and how evenly it asks.
"""

import collections
import time

from cpu import Shares
from lib.wait import until

ACCOUNTS = 1000
CHATS = 50
MEASURED_S = 25
PREPARE_S = 180
DAY_S = 86400
BIN_US = 100000

# Apart from those of the scene's own seller.
FIRST_USER = 50000000


def connect(scene):
    """Accounts with chats of which all is history."""
    seller, sandbox = scene.seller, scene.sandbox
    # Taking over the chats is not what is measured.
    scene.db.rows("ALTER ROLE tuberry_daemon SET synchronous_commit = off")
    scene.stack.restart("daemon")
    ago = int(time.time()) - 2 * DAY_S
    for user in range(FIRST_USER, FIRST_USER + ACCOUNTS):
        sandbox.post("avito/accounts", user_id=user, name=f"Лавка {user}",
                     client_id=f"bench-{user}", client_secret=f"bench-{user}")
        sandbox.post("avito/bulk", user_id=user, chats=CHATS, messages=1,
                     created=ago)
        seller.api.post("/api/avito/accounts", {
            "project_id": seller.project["id"],
            "api_client_id": f"bench-{user}",
            "api_client_secret": f"bench-{user}",
            "monitoring": True, "webhook": False})
    _walked(scene, 0)
    scene.db.rows("ALTER ROLE tuberry_daemon RESET synchronous_commit")
    scene.tidy()


def _walked(scene, since):
    until(lambda: scene.db.count(
        "avito_accounts", "monitoring AND walked_at > to_timestamp(%s)",
        since) == ACCOUNTS, f"{ACCOUNTS} accounts are walked", PREPARE_S, 0.2)


def _spread(times):
    """Polls in the fullest tenth of a second, by those in a mean one."""
    bins = collections.Counter(t // BIN_US for t in times)
    n_bins = (max(times) - min(times)) / BIN_US
    return max(bins.values()) / (len(times) / n_bins)


def _polls(scene, mark):
    """When each poll began, microseconds: its first question is for unread
    chats."""
    return [c["at_us"] for c in
            scene.sandbox.calls(mark, method="chats")
            if c["params"].get("unread_only") == "true"]


def measure(scene):
    begun = time.time()
    scene.stack.restart("daemon")
    _walked(scene, begun)
    walked_s = time.time() - begun
    # One round more, and all of them come at their own times.
    time.sleep(float(scene.setting("POLL_INTERVAL_MS")) / 1000)
    mark = scene.sandbox.mark()
    shares = Shares(scene.stack)
    time.sleep(MEASURED_S)
    used = shares.percent()
    polls = _polls(scene, mark)
    return {"accounts": ACCOUNTS, "chats": CHATS, "walked_s": walked_s,
            "polls_per_s": len(polls) / MEASURED_S,
            "spread": _spread(polls), "cpu_percent": used}
