"""private.py - people who write to a client's bot, or to an account for which
a bot answers, and the sources that make dialogs of it.

	source = Source(seller)
	person = source.person()           # in private with the bot
	customer = source.account().customer()     # Telegram Business

Both talk as a buyer of Avito does (world.Chat).
"""

from lib.wait import until
from lib.world import Chat, number


class Source:
    """A bot of the seller's client as a Telegram source of its project.

    bot: the seller's own one of the working group ("group"), or one more.
    """

    def __init__(self, seller, bot=None, **fields):
        self.w = seller.w
        self.seller = seller
        self.api = seller.api
        if bot == "group":
            self.bot_id, self.token = seller.bot_id, seller.token
        else:
            self._make_bot()
        self.w.sandbox.patch(f"telegram/bots/{self.bot_id}",
                             can_connect_to_business=True)
        self.row = self.api.post("/api/telegram-sources", {
            "project_id": seller.project["id"], "token": self.token,
            **fields})
        self.row = until(lambda: self._active(), "the source works")
        self.w.sandbox.wait(f"the webhook of bot {self.bot_id}",
                            tg_webhook=self.bot_id)
        hook = self.w.sandbox.telegram_bot(self.bot_id)["webhook"]
        self.w.secret(hook["url"].rsplit("/", 1)[1], hook["secret_token"])

    def _make_bot(self):
        n = number()
        self.bot_id = 7000000 + n
        self.token = f"{self.bot_id}:AAsrc-{n:08d}-e2e-Secret_{n}"
        self.w.telegram_bot(self.bot_id)
        self.w.secret(self.token)
        self.w.sandbox.post("telegram/bots", token=self.token,
                            name=f"Магазин {n}", username=f"shop{n}_bot")

    @property
    def path(self):
        return f"/api/telegram-sources/{self.row['id']}"

    def _active(self):
        row = self.api.get(self.path)
        return row if row["status"] == "active" and \
            row["webhook_set_at"] else None

    def person(self, name=None):
        return Person(self, name)

    def account(self, name=None, **rights):
        return Account(self, name, rights)

    def block(self, person, blocked=True):
        """The person blocks the bot, or lets it in again."""
        self.w.sandbox.post(f"telegram/bots/{self.bot_id}/block",
                            user=person.user, blocked=blocked)


class Account:
    """Somebody's account for which the source's bot answers."""

    def __init__(self, source, name, rights):
        n = number()
        self.source = source
        self.w = source.w
        self.user = 900000 + n
        self.name = name or f"Максим{n}"
        self.w.sandbox.post("telegram/users", id=self.user,
                            first_name=self.name)
        self.connect(**rights)

    def connect(self, enabled=True, **rights):
        """Rights not named are given."""
        made = self.w.sandbox.post(
            f"telegram/bots/{self.source.bot_id}/business", user=self.user,
            enabled=enabled, rights=rights)
        self.id = made["id"]
        until(lambda: self._told(enabled, rights), "the source knows of it")

    def _told(self, enabled, rights):
        rows = [c for c in self.source.api.get(self.source.path)[
            "connections"] if c["user_id"] == self.user]
        return rows and rows[0]["is_enabled"] == enabled and \
            rows[0]["can_reply"] == rights.get("can_reply", True)

    def customer(self, name=None, user=None):
        """user: somebody who is there already, say a Person's."""
        return Person(self.source, name, account=self, user=user)


class Person(Chat):
    """One person's chat: with the source's bot, or with an account."""

    def __init__(self, source, name=None, account=None, user=None):
        # Not Chat's own: there is no buyer and no ad.
        n = number()
        self.source = source
        self.account = account
        self.seller = source.seller
        self.sandbox = source.w.sandbox
        self.name = name or f"Иван{n}"
        self.user = user or 600000 + n
        if not user:
            self.sandbox.post("telegram/users", id=self.user,
                              first_name=self.name)
        self.id = f"{self.user}@{account.user}" if account \
            else str(self.user)
        self.key = self.id if account else f"{self.user}@{source.bot_id}"

    def _act(self, method, path, **body):
        return self.sandbox.call(
            method, f"telegram/chats/{self.key}/{path}", body)

    def say(self, text=None, **message):
        """The Message; of an album the last item."""
        if text is not None:
            message["text"] = text
        return self._act("POST", "messages", **message)["messages"][-1]

    def owner_says(self, text, **message):
        """The owner of the account writes himself, on his phone."""
        return self.say(text, **{"from": self.account.user}, **message)

    def edit(self, message, **change):
        self._act("PATCH", f"messages/{message['message_id']}", **change)

    def delete(self, *messages):
        self._act("POST", "delete",
                  messages=[m["message_id"] for m in messages])

    def react(self, message, *emoji):
        self._act("POST", f"messages/{message['message_id']}/reaction",
                  emoji=list(emoji))

    def state(self):
        return self.sandbox.telegram_chat(self.key)

    def sent(self):
        """What the person was sent and still sees, oldest first."""
        return [m for m in self.state()["messages"]
                if m["by"] == "bot" and not m["deleted"]]

    def sent_texts(self):
        return [m.get("text", m.get("caption")) for m in self.sent()]

    def arrives(self, text=None, count=1, **more):
        """Waits for what the bot sent; the newest such message."""
        if text is not None:
            more["text"] = text
        self.sandbox.wait(f"{count} x {more} in {self.key}", author="bot",
                          tg_chat=self.key, count=count, **more)
        return self.sent()[-1]

    def is_read(self):
        heard = [m for m in self.state()["messages"] if m["by"] == "human"]
        return all(m["read"] for m in heard)
