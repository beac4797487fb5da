"""guests.py - people who come by the master bot, for the first time."""

import contextlib
import hashlib
import secrets

from lib import telegram_sign
from lib.master import master_bot
from lib.world import number


class Guest:
    """Somebody with a Telegram account and none here."""

    def __init__(self, door):
        n = number()
        self.door = door
        self.id = 7000000 + n
        self.person = {"id": self.id, "first_name": f"Гость{n}",
                       "last_name": "Новый", "username": f"newcomer{n}"}

    @property
    def name(self):
        return f"{self.person['first_name']} {self.person['last_name']}"

    def proof(self, age=0, token=None, **changes):
        """The widget's fields."""
        fields = telegram_sign.widget(token or self.door.token,
                                      {**self.person, **changes},
                                      self.door.w.stack.now() - age)
        self.door.w.secret(fields["hash"])
        return fields

    def init_data(self, age=0):
        return telegram_sign.init_data(self.door.token, self.person,
                                       self.door.w.stack.now() - age)

    def link(self, invite_id=None, minutes=15):
        """A link token, as the master bot would have made it."""
        token = secrets.token_urlsafe(24)
        self.door.w.secret(token)
        self.door.w.db.rows(
            "INSERT INTO link_tokens (token_hash, telegram_user_id, username,"
            " first_name, invite_id, created_at, expires_at) VALUES"
            " (%s, %s, %s, %s, %s, to_timestamp(%s), to_timestamp(%s))",
            hashlib.sha256(token.encode()).hexdigest(), self.id,
            self.person["username"], self.person["first_name"], invite_id,
            self.door.w.stack.now(),
            self.door.w.stack.now() + minutes * 60)
        return token

    def users(self):
        return self.door.w.db.count(
            "users", "telegram_user_id = %s"
            " AND telegram_confirmed_at IS NOT NULL", self.id)


@contextlib.contextmanager
def a_door(w):
    """People can sign in with Telegram meanwhile."""
    with master_bot(w) as master:
        yield master
