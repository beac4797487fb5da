"""master.py - the master bot as tests have it, and people who write to it."""

import contextlib

from lib.wait import until
from lib.world import number

SETTINGS = "/api/admin/settings"


class Person:
    """Somebody in a private chat with the bot."""

    def __init__(self, master, language="ru"):
        n = number()
        self.w = master.w
        self.id = 600000 + n
        self.key = f"{self.id}@{master.id}"
        self.username = f"guest{n}"
        self.w.sandbox.post("telegram/users", id=self.id,
                            first_name=f"Гость{n}", username=self.username,
                            language_code=language)

    def write(self, text):
        self.w.sandbox.post(f"telegram/chats/{self.key}/messages", text=text)

    def answers(self):
        chat = self.w.sandbox.telegram_chat(self.key)
        return [m["text"] for m in chat["messages"] if m["by"] == "bot"] \
            if chat else []

    def answered(self, count=1):
        """The last of so many answers."""
        until(lambda: len(self.answers()) >= count, f"{count} answers")
        assert len(self.answers()) == count, self.answers()
        return self.answers()[-1]

    def start(self, code="", count=1):
        self.write(f"/start {code}".strip())
        return self.answered(count)

    def links(self):
        return self.w.db.count("link_tokens", "telegram_user_id = %s",
                               self.id)


class Master:
    """A bot in the sandbox, and what the cabinet says of the master bot."""

    def __init__(self, w):
        n = number()
        self.w = w
        self.id = 9000000 + n
        self.token = f"{self.id}:AAmaster-{n:08d}-e2e-Secret"
        self.name = f"master{n}_bot"
        w.secret(self.token)
        w.sandbox.post("telegram/bots", token=self.token, name="Вход",
                       username=self.name)

    def set(self, token=None):
        return self.w.admin.patch(SETTINGS, {
            "master_bot_token": self.token if token is None else token})

    def state(self):
        return self.w.admin.get(SETTINGS)["master_bot"]

    def becomes(self, status):
        return until(lambda: self.state()["status"] == status and
                     self.state(), f"the master bot is {status}")

    def poke(self):
        """What waits for updates of this bot waits no more."""
        Person(self).write("!")

    def waits(self):
        """The daemon waits for updates, as far as anybody can see."""
        until(lambda: self.w.db.count(
            "tasks", "kind = 'master.poll' AND lease_token IS NOT NULL"),
            "a poll")

    def calls(self, method, chat=None):
        return [c for c in self.w.sandbox.calls(method=method)
                if c["account"] == str(self.id) and
                chat in (None, c["chat"])]

    def hurry(self):
        """What is to be tried again some time is tried now."""
        self.w.db.rows("UPDATE tasks SET due_at = now() - interval '1 h'"
                       " WHERE kind LIKE 'master.%%' AND lease_token IS NULL"
                       .replace("%%", "%"))
        self.w.stack.ring()

    def notices(self):
        return [n["kind"] for n in self.w.admin.all("/api/notices?state=open")
                if n["object"] == "master"]


@contextlib.contextmanager
def master_bot(w):
    """In force inside, and gone behind it."""
    master = Master(w)
    master.set()
    try:
        master.becomes("active")
        yield master
    except BaseException:
        # What went wrong first counts.
        with contextlib.suppress(AssertionError):
            _end(w, master)
        raise
    _end(w, master)


def _end(w, master):
    w.sandbox.restore()
    if not w.stack.is_alive("daemon"):
        w.stack.start("daemon")
    w.admin.patch(SETTINGS, {"master_bot_token": None, "sign_up": "open"})
    master.poke()
    until(lambda: master.hurry() or not w.db.count(
        "tasks", "kind LIKE 'master.%'"), "the master bot rests")
