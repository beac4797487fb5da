"""cast.py - who takes part: clients with bots, groups and accounts; buyers.

A third of the accounts has no webhook, and of the others' dialogs some are
never told of by one: only the poller finds what is written there.
"""

import threading

from lib.db import DbError
from lib.world import World

DIALOGS_EACH = 10


class Dialog:
    """k is its number in the plan."""

    def __init__(self, k, seller, chat, told):
        self.k = k
        self.seller = seller
        self.chat = chat
        # Does Avito send webhooks about this chat?
        self.told = told
        # Known once the daemon has made them.
        self.id = None
        self.topic = None


class Cast:
    def __init__(self, stack, openapi, size):
        self._world = World(stack, openapi, set(), [])
        self._db_lock = threading.Lock()
        self._stack = stack
        self.sellers = []
        self.dialogs = []
        for k in range(size.dialogs):
            if k % DIALOGS_EACH == 0:
                webhook = len(self.sellers) % 3 != 2
                self.sellers.append(self._world.seller(
                    webhook=webhook, monitoring=True))
                self.sellers[-1].webhook = webhook
            seller = self.sellers[-1]
            self.dialogs.append(Dialog(k, seller, seller.buyer(),
                                       seller.webhook and k % 4 != 3))
        self.token = self._world.admin.token

    def accounts(self):
        return [seller.user_id for seller in self.sellers]

    def learn(self):
        """Looks up topics that are not known yet; an outage changes
        nothing."""
        try:
            with self._db_lock:
                rows = self._stack.db.rows(
                    "SELECT external_chat_id, id, topic_id FROM dialogs")
        except (OSError, EOFError, DbError):
            return
        found = {chat: (int(dialog), topic) for chat, dialog, topic in rows}
        for dialog in self.dialogs:
            dialog_id, topic = found.get(dialog.chat.id, (None, None))
            dialog.id = dialog_id or dialog.id
            dialog.topic = int(topic) if topic else dialog.topic
