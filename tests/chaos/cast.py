"""cast.py - who takes part: clients with bots, groups and accounts; buyers.

The first group has many dialogs and is always at its quota, the others few.
A third of the accounts has no webhook, and of the others' dialogs some are
never told of by one: only the poller finds what is written there.
"""

import robots
from lib.db import DbError
from lib.world import World


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
        self._stack = stack
        self.sellers = []
        self.dialogs = []
        while len(self.dialogs) < size.dialogs:
            self._add_seller(size)
        self.token = self._world.admin.token

    def _add_seller(self, size):
        webhook = len(self.sellers) % 3 != 2
        count = size.group if self.sellers else size.crowd
        first = len(self.dialogs)
        seller = self._world.seller(
            webhook=webhook, monitoring=True,
            project_fields=robots.settings(len(self.sellers)))
        self.sellers.append(seller)
        for k in range(first, min(first + count, size.dialogs)):
            self.dialogs.append(Dialog(k, seller, seller.buyer(),
                                       webhook and k % 4 != 3))

    def accounts(self):
        return [seller.user_id for seller in self.sellers]

    def learn(self):
        """Looks up topics that are not known yet; an outage changes
        nothing."""
        try:
            rows = self._stack.db.rows(
                "SELECT external_chat_id, id, topic_id FROM dialogs")
        except (OSError, EOFError, DbError):
            return
        found = {chat: (int(dialog), topic) for chat, dialog, topic in rows}
        for dialog in self.dialogs:
            dialog_id, topic = found.get(dialog.chat.id, (None, None))
            dialog.id = dialog_id or dialog.id
            dialog.topic = int(topic) if topic else dialog.topic
