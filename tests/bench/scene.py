"""scene.py - a stack as in production, and a seller with many dialogs in it.

Everything is made as the end-to-end tests make it: through the REST API and
the sandbox, and the dialogs by their buyers' first messages.
"""

import json
import os
import re

from lib.openapi import OpenApi
from lib.rest import http_call
from lib.stack import Stack, TOP
from lib.wait import until
from lib.world import World

DIALOGS = 400

# First numbers of what the dialogs differ in; dialog k has first + k.
FIRST_CHAT = 7100000
FIRST_BUYER = 41000000
FIRST_TOPIC = 9100000

# As after installation where the tests have other values, but for two.
SETTINGS = {
    "POLL_INTERVAL_MS": "10000",
    # All dialogs are in one group, and Telegram's patience is not measured.
    "TELEGRAM_BOT_PER_SECOND": "1000",
    "TELEGRAM_GROUP_PER_MINUTE": "20000",
    "WEB_WORKERS": "0",
    "WEBHOOK_WORKERS": "0",
}

PREPARE_S = 60
STOP_S = 10


class Webhook:
    """One service's webhook: a template of its body, and where it goes.

    In the template @n@ stands for a number that is new each time, @X+k@ for
    X plus the number of the dialog.
    """

    def __init__(self, name, path, headers, body):
        self.name = name
        self.path = path
        self.headers = headers
        # Numbers stand in the body without quotes.
        self.template = re.sub(r'"#(@[^@"]+@)"', r"\1",
                               json.dumps(body, ensure_ascii=False))

    @property
    def object_id(self):
        return self.path.split("/")[4]

    @property
    def secret(self):
        return self.path.split("/")[5]

    def firsts(self):
        """The X of each @X+k@."""
        return sorted({int(x) for x in
                       re.findall(r"@(\d+)\+k@", self.template)})

    def body(self, n, k):
        text = re.sub(r"@(\d+)\+k@", lambda m: str(int(m[1]) + k),
                      self.template)
        return text.replace("@n@", str(n))


def _sample(*path):
    """What the channel's unit tests know to be real."""
    with open(os.path.join(TOP, "tests", "chan", *path),
              encoding="utf-8") as file:
        return json.load(file)


class Scene:
    def __init__(self, settings):
        self.stack = Stack({**SETTINGS, **settings})

    def up(self):
        self.stack.up()
        openapi = OpenApi(http_call(self.stack.url, "GET",
                                    "/openapi.json").json)
        self.world = World(self.stack, openapi, set(), [])
        self.db = self.stack.db
        self.sandbox = self.stack.sandbox
        # The poller would look for messages that only a webhook told of.
        self.seller = self.world.seller(webhook=True, monitoring=False)
        self._make_dialogs()

    def down(self):
        self.stack.down()

    def change(self, **settings):
        """Whom they concern is started again."""
        self.stack.change(settings)

    def stop_daemon(self):
        self.stack.terminate("daemon", STOP_S)

    def remove(self):
        self.stack.remove()

    def _make_dialogs(self):
        seller = self.seller
        for k in range(DIALOGS):
            buyer, chat = FIRST_BUYER + k, str(FIRST_CHAT + k)
            self.sandbox.post("avito/buyers", id=buyer, name=f"Анна {k}")
            self.sandbox.post("avito/chats", id=chat, buyer_id=buyer,
                              user_id=seller.user_id, item_id=seller.item)
            self.sandbox.post(f"avito/chats/{chat}/buyer",
                              text="Ещё продаёте?")
        until(self._is_quiet, f"{DIALOGS} dialogs have their topics",
              PREPARE_S)
        # Topics get their numbers from Telegram, and pgbench can only count:
        # each dialog gets one more topic, as after its topic was made anew.
        self.db.rows(
            "INSERT INTO dialog_topics (client_id, chat_id, topic_id,"
            "  dialog_id, created_at)"
            " SELECT client_id, group_chat_id,"
            f"  {FIRST_TOPIC} - {FIRST_CHAT} + external_chat_id::bigint, id,"
            "  created_at FROM dialogs")

    def _is_quiet(self):
        return self.db.one(
            f"SELECT count(*) = {DIALOGS} AND NOT EXISTS (SELECT 1 FROM lanes"
            "   WHERE head_seq <= last_seq) AND NOT EXISTS (SELECT 1"
            "   FROM tasks WHERE lease_token IS NOT NULL"
            "    OR kind = 'avito.mark_read')"
            " FROM dialogs WHERE topic_id IS NOT NULL") == "t"

    # --- what is measured with ---

    def avito(self):
        url = self.seller.subscriptions()[-1]["url"]
        body = _sample("avito", "hook.json")
        body["id"] = "@n@"
        body["payload"]["value"].update({
            "id": "@n@", "chat_id": f"@{FIRST_CHAT}+k@",
            "user_id": self.seller.user_id,
            "author_id": f"#@{FIRST_BUYER}+k@",
            "item_id": self.seller.item})
        return Webhook("Avito", url[len(self.stack.url):], {}, body)

    def telegram(self):
        body = _sample("telegram", "update_topic_text.json")
        message = body["message"]
        first = message["reply_to_message"]
        body["update_id"] = message["message_id"] = "#@n@"
        message["from"]["id"] = self.seller.operator
        for part in (message, first):
            part["chat"]["id"] = self.seller.group
            part["message_thread_id"] = f"#@{FIRST_TOPIC}+k@"
        first["message_id"] = f"#@{FIRST_TOPIC}+k@"
        return Webhook(
            "Telegram", self.seller.hook_path,
            {"X-Telegram-Bot-Api-Secret-Token": self.seller.hook_header},
            body)

    def messages_made(self):
        """So many since the beginning; told at once, unlike count(*)."""
        return int(self.db.one(
            "SELECT last_value FROM messages_id_seq"))

    def settle(self):
        """As if the daemon had delivered everything."""
        self.db.rows("UPDATE deliveries SET state = 'done'"
                     " WHERE state <> 'done'")
        self.db.rows("UPDATE lanes SET head_seq = last_seq + 1,"
                     " due_at = NULL")

    def tidy(self):
        """Before each load: no dead rows, statistics, nothing to write."""
        self.db.rows("VACUUM (ANALYZE)")
        self.db.rows("CHECKPOINT")

    def setting(self, key):
        with open(os.path.join(self.stack.dir, "tuberry.conf"),
                  encoding="utf-8") as file:
            return re.search(rf"^{key}=(.*)$", file.read(),
                             re.MULTILINE).group(1)

    @property
    def database_url(self):
        """As the web connects: under row level security."""
        return self.setting("DATABASE_URL")
