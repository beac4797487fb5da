"""world.py - a test's own sellers, buyers and operators.

A test makes what it needs through the API and the sandbox's control API, and
shares it with no other test; only the stack is common.
"""

import itertools
import json

from lib.rest import Rest
from lib.wait import until

# Ids that no two tests share.
_numbers = itertools.count(1)


def number():
    return next(_numbers)


# What may be logged while minutes pass (over_quota): the clock jumps past the
# lease of what was taken up at that moment.
MINUTES_PASS = ("delivery.lease_overrun", "delivery.dropped", "task.dropped")


def words(messages):
    """What was said in a topic, in order: without who said it, and one by
    one where several texts travelled as one message."""
    return [text for m in messages
            for text in m["text"].partition("\n")[2].split("\n\n")]


class World:
    """One test's; finish() ends its polling and its faults."""

    _tokens = {}

    def __init__(self, stack, openapi, secrets, notes):
        self.stack = stack
        self.sandbox = stack.sandbox
        self.db = stack.db
        self.openapi = openapi
        self.secrets = secrets
        self._notes = notes
        self._admin = None
        self._clients = []
        self._bots = []

    def note(self, text):
        """Printed below the test's verdict."""
        self._notes.append(text)

    def secret(self, *values):
        """May not appear in any log."""
        self.secrets.update(v for v in values if v)

    # --- signing in ---

    def nobody(self):
        return Rest(self.stack.url, self.openapi)

    def sign_in(self, login, password):
        answer = self.nobody().post("/api/auth/login", {
            "login": login, "password": password}, status=200)
        self.secret(password, answer["access_token"],
                    answer["refresh_token"])
        return Rest(self.stack.url, self.openapi, answer["access_token"])

    @property
    def admin(self):
        """Signed in once for each stack, and again when that has ended."""
        if self._admin is None:
            kept = World._tokens.get(self.stack.url)
            if kept is None or kept.raw("GET", "/api/me").status == 401:
                who = self.stack.admin()
                kept = self.sign_in(who["login"], who["password"])
                World._tokens[self.stack.url] = kept
            self._admin = kept
        return self._admin

    # --- making things ---

    def client(self):
        client = self.admin.post("/api/clients", {"name": f"К{number()}"})
        self._clients.append(client["id"])
        return client["id"]

    def adopt(self, client_id):
        """A client that was made otherwise comes to rest with this test."""
        self._clients.append(client_id)

    def user(self, client_id, role="owner"):
        """A signed-in user of that client."""
        login = f"user{number()}"
        password = f"Пароль-{login}-длинный"
        user = self.admin.post("/api/users", {
            "login": login, "password": password, "name": f"Имя {login}",
            "role": role, "client_id": client_id})
        signed_in = self.sign_in(login, password)
        signed_in.user = user
        signed_in.credentials = {"login": login, "password": password}
        return signed_in

    def seller(self, **options):
        return Seller(self, **options)

    def telegram_bot(self, bot_id):
        """Of this test; its webhook ends with it."""
        self._bots.append(bot_id)

    # --- time ---

    def hurry(self, seconds=10):
        """What waits to be tried again is due now.  Far less than a lease, or
        what is in work would be taken up a second time."""
        self.stack.move_clock(seconds)

    def over_quota(self, condition, what):
        """Minutes pass until it holds: a group takes 20 messages in each.
        For tests with events=MINUTES_PASS."""
        def holds():
            if condition():
                return True
            if self.db.count("lanes", "held_by LIKE 'room:%'") and \
                    not self.db.count("lanes", "lease_token IS NOT NULL"
                                      " OR due_at IS NOT NULL"):
                self.stack.move_clock(61)
            return False
        until(holds, what, seconds=60)

    # --- the end ---

    def finish(self):
        self.sandbox.restore()
        for bot_id in self._bots:
            # Updates that nobody takes would be repeated for a day.
            self.sandbox.post(f"telegram/bots/{bot_id}/webhook", url="")
        if self._clients:
            clients = ",".join(map(str, self._clients))
            self.db.rows("UPDATE avito_accounts SET monitoring = false"
                         f" WHERE client_id IN ({clients})")
            until(lambda: self._is_quiet(clients),
                  "the daemon has come to rest")

    def _is_quiet(self, clients):
        """Nothing of these clients is in work; what would be tried or looked
        at again some time is not."""
        self.db.rows(f"DELETE FROM tasks WHERE client_id IN ({clients})"
                     " AND lease_token IS NULL")
        self.db.rows("UPDATE lanes SET due_at = NULL"
                     f" WHERE client_id IN ({clients})"
                     " AND lease_token IS NULL")
        return self.db.one(
            f"SELECT NOT EXISTS (SELECT 1 FROM tasks WHERE client_id IN"
            f" ({clients})) AND NOT EXISTS (SELECT 1 FROM lanes WHERE"
            f" client_id IN ({clients}) AND lease_token IS NOT NULL)") == "t"


class Seller:
    """A client with a bot, its group, a project and an Avito account.

    Told by keyword: client (id), project (row), bot (row), group (id),
    webhook and monitoring of the account, connect=False to leave the account
    unmade, forum and topic_mode of the group, project_fields.
    """

    def __init__(self, w, client=None, bot=None, project=None, webhook=True,
                 monitoring=False, connect=True, topic_mode=True,
                 project_fields=None):
        self.w = w
        self.api = w.admin
        self.client_id = client or w.client()
        self._make_people()
        if bot:
            self.bot, self.bot_id = bot.bot, bot.bot_id
            self.group, self.operator = bot.group, bot.operator
        else:
            self._make_group()
            self.bot = self._make_bot(topic_mode)
        self.project = project or self.api.post("/api/projects", {
            "client_id": self.client_id, "name": f"Проект {number()}",
            "bot_id": self.bot["id"], **(project_fields or {})})
        self._make_avito()
        self.account = None
        if connect:
            self.connect(webhook=webhook, monitoring=monitoring)

    # --- Telegram's side ---

    def _make_people(self):
        n = number()
        self.operator = 500000 + n
        self.w.sandbox.post("telegram/users", id=self.operator,
                            first_name=f"Ольга{n}", username=f"olga{n}")

    def _make_group(self):
        n = number()
        self.bot_id = 7000000 + n
        self.token = f"{self.bot_id}:AAtok-{n:08d}-e2e-Secret_{n}"
        self.group = -1001000000000 - n
        self.w.telegram_bot(self.bot_id)
        self.w.secret(self.token)
        self.w.sandbox.post("telegram/bots", token=self.token,
                            name=f"Бот {n}", username=f"relay{n}_bot",
                            privacy=False)
        self.w.sandbox.post("telegram/groups", id=self.group,
                            title=f"Группа {n}", forum=True,
                            creator=self.operator,
                            bots=[{"id": self.bot_id}])

    def _make_bot(self, topic_mode):
        bot = self.api.post("/api/bots", {
            "client_id": self.client_id, "token": self.token,
            "group_chat_id": self.group, "topic_mode": topic_mode})
        bot = self.bot_becomes("active", bot["id"])
        self.w.sandbox.wait(f"the webhook of bot {self.bot_id}",
                            tg_webhook=self.bot_id)
        return self.learn_webhook(bot)

    def learn_webhook(self, bot):
        hook = self.w.sandbox.telegram_bot(self.bot_id)["webhook"]
        self.hook_url = hook["url"]
        self.hook_path = hook["url"][len(self.w.stack.url):]
        self.hook_header = hook["secret_token"]
        self.w.secret(hook["url"].rsplit("/", 1)[1], hook["secret_token"])
        return bot

    def bot_becomes(self, status, bot_id=None):
        path = f"/api/bots/{bot_id or self.bot['id']}"
        return until(lambda: _when(self.api.get(path), status),
                     f"the bot becomes {status}")

    def post_update(self, update, path=None, header=None):
        """A raw update (or bytes) to our webhook, as Telegram would bring it;
        header "" leaves the secret header out."""
        headers = {"Content-Type": "application/json"}
        header = self.hook_header if header is None else header
        if header:
            headers["X-Telegram-Bot-Api-Secret-Token"] = header
        data = update if isinstance(update, bytes) else \
            json.dumps(update).encode()
        return self.w.nobody().raw("POST", path or self.hook_path, data,
                                   headers)

    def topics(self):
        """Those of the group that are not deleted."""
        chat = self.w.sandbox.telegram_chat(self.group)
        return [t for t in chat["topics"] if not t["deleted"]]

    def messages(self, thread=None):
        """What people see in the group or one of its topics."""
        chat = self.w.sandbox.telegram_chat(self.group)
        return [m for m in chat["messages"]
                if m["kind"] != "service" and not m["deleted"] and
                thread in (None, m["thread"])]

    def write(self, thread, **message):
        """As an operator; the Message."""
        message.setdefault("from", self.operator)
        answer = self.w.sandbox.call(
            "POST", f"telegram/chats/{self.group}/messages",
            {"thread": thread, **message})
        return answer["messages"][-1]

    def reacted(self, message, emoji="👌"):
        self.w.sandbox.wait(f"{emoji} on {message['message_id']}",
                            tg_chat=self.group, emoji=emoji,
                            tg_reaction=message["message_id"])

    # --- Avito's side ---

    def _make_avito(self):
        n = number()
        self.user_id = 30000000 + n
        self.item = 77000000 + n
        self.title = f"Лампа {n}"
        self.avito_client_id = f"client-{n}"
        self.avito_secret = f"avito-Secret-{n:08d}-e2e"
        self.w.secret(self.avito_secret)
        self.w.sandbox.post("avito/accounts", client_id=self.avito_client_id,
                            client_secret=self.avito_secret,
                            user_id=self.user_id, name=f"Магазин {n}")
        self.w.sandbox.post("avito/items", user_id=self.user_id,
                            id=self.item, title=self.title, price=1500)

    def account_fields(self, **fields):
        return {"project_id": self.project["id"],
                "api_client_id": self.avito_client_id,
                "api_client_secret": self.avito_secret,
                "monitoring": False, "webhook": True, **fields}

    def connect(self, **fields):
        """Makes the account and waits until it works."""
        self.account = self.api.post("/api/avito/accounts",
                                     self.account_fields(**fields))
        self.account_becomes("active")
        if fields.get("webhook", True):
            self.w.sandbox.wait("the subscription at Avito",
                                avito_subscribed=self.user_id)
            url = self.subscriptions()[-1]["url"]
            self.w.secret(url.rsplit("/", 1)[1])
        if fields.get("monitoring"):
            self.walked()

    def subscriptions(self):
        return self.w.sandbox.avito_account(self.user_id)["subscriptions"]

    @property
    def account_path(self):
        return f"/api/avito/accounts/{self.account['id']}"

    def account_becomes(self, status):
        self.account = until(
            lambda: _when(self.api.get(self.account_path), status),
            f"the account becomes {status}")
        return self.account

    def walked(self):
        """The poller has been all through the account, baseline included."""
        until(lambda: self.w.db.one(
            "SELECT baseline_at IS NOT NULL AND walked_at IS NOT NULL"
            " FROM avito_accounts WHERE id = %s", self.account["id"]) == "t",
            "the first walk through the account")

    def buyer(self, name=None, item=None):
        """A buyer with a chat about an ad (the seller's own by default)."""
        return Chat(self, name=name, item=item)

    def dialogs(self):
        return self.api.all(
            f"/api/dialogs?project_id={self.project['id']}")


class Chat:
    """One buyer's chat at Avito, and its topic."""

    def __init__(self, seller, name=None, item=None, buyer_id=None):
        n = number()
        self.seller = seller
        self.sandbox = seller.w.sandbox
        self.name = name or f"Анна{n}"
        self.buyer_id = buyer_id or 40000000 + n
        self.item = seller.item if item is None else item
        if not buyer_id:
            self.sandbox.post("avito/buyers", id=self.buyer_id,
                              name=self.name)
        self.id = self.sandbox.post(
            "avito/chats", user_id=seller.user_id, buyer_id=self.buyer_id,
            item_id=self.item)["id"]

    def about(self, item):
        """The same buyer's chat about another ad."""
        return Chat(self.seller, name=self.name, item=item,
                    buyer_id=self.buyer_id)

    def say(self, text=None, **message):
        """As the buyer; the message."""
        if text is not None:
            message["text"] = text
        return self.sandbox.post(f"avito/chats/{self.id}/buyer",
                                 **message)["message"]

    def seller_says(self, text=None, **message):
        """As the seller in Avito's own app."""
        if text is not None:
            message["text"] = text
        return self.sandbox.post(f"avito/chats/{self.id}/seller",
                                 **message)["message"]

    def state(self):
        return self.sandbox.avito_chat(self.id)

    def sent(self):
        """What went to the buyer through the API, oldest first."""
        return [m for m in self.state()["messages"] if m["by"] == "api"]

    def sent_texts(self):
        return [m["content"].get("text") for m in self.sent()]

    def arrives(self, text=None, count=1, **more):
        """Waits for a message in Avito's chat."""
        if text is not None:
            more["text"] = text
        self.sandbox.wait(f"{count} x {more} at Avito", avito_chat=self.id,
                          direction="out", count=count, **more)

    # --- in Telegram ---

    def dialog(self):
        """The dialog of this chat as the API shows it."""
        return until(lambda: self._dialog(), f"the dialog of {self.name}")

    def _dialog(self):
        dialog_id = self.seller.w.db.one(
            "SELECT id FROM dialogs WHERE external_chat_id = %s", self.id)
        return dialog_id and self.seller.api.get(f"/api/dialogs/{dialog_id}")

    @property
    def dialog_path(self):
        return f"/api/dialogs/{self.dialog()['id']}"

    def topic(self):
        """The thread that the dialog lives in now."""
        return int(until(lambda: self.seller.w.db.one(
            "SELECT topic_id FROM dialogs WHERE external_chat_id = %s",
            self.id), f"a topic for {self.name}"))

    def shown(self, text, count=1, **more):
        """Waits for a text in the chat's topic and returns its thread."""
        # The topic may be made anew on the way: look where it is now.
        until(lambda: len(self.showing(text, **more)) >= count,
              f"{count} x {text!r} in the topic of {self.name}")
        return self.topic()

    def showing(self, text, **more):
        thread = self.seller.w.db.one(
            "SELECT topic_id FROM dialogs WHERE external_chat_id = %s",
            self.id)
        if thread is None:
            return []
        return [m for m in self.seller.messages(int(thread))
                if text in (m.get("text") or m.get("caption") or "") and
                all(m.get(k) == v for k, v in more.items())]

    def in_topic(self):
        return self.seller.messages(self.topic())

    def is_read(self):
        return self.state()["unread"] == 0

    def read(self):
        self.sandbox.wait(f"the chat of {self.name} is read",
                          avito_read=self.id)

    def rests(self):
        """Nothing of this dialog is on its way any more."""
        until(lambda: self.seller.w.db.one(
            "SELECT NOT EXISTS (SELECT 1 FROM lanes l JOIN dialogs d"
            "   ON d.id = l.dialog_id WHERE d.external_chat_id = %s"
            "   AND l.head_seq <= l.last_seq)"
            " AND NOT EXISTS (SELECT 1 FROM tasks t JOIN dialogs d"
            "   ON d.client_id = t.client_id WHERE d.external_chat_id = %s"
            "   AND t.kind <> 'avito.poll' AND (t.lease_token IS NOT NULL"
            "    OR t.kind LIKE 'telegram.%%' AND t.due_at IS NOT NULL))",
            self.id, self.id) == "t", f"the dialog of {self.name} rests")


def _when(row, status):
    return row if row["status"] == status else None
