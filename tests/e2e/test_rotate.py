"""tuberryctl secrets rotate: the key of stored secrets changes at work."""

import base64
import os
import threading

from lib.runner import test
from lib.wait import until

DONE = "everything is sealed under APP_SECRET; APP_SECRET_OLD may go"


def _new_key(w):
    """Services have a new key and the former one; both keys."""
    old = w.stack.setting("APP_SECRET")
    new = base64.b64encode(os.urandom(32)).decode()
    w.secret(old, new)
    w.stack.change({"APP_SECRET": new, "APP_SECRET_OLD": old})
    return new, old


def _rotate(w, *options):
    done = w.stack.ctl("secrets", "rotate", *options)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


class _Operator(threading.Thread):
    """Answers and answers, each time when the last answer has arrived."""

    def __init__(self, seller, chat, thread):
        super().__init__(daemon=True)
        self._seller, self._chat, self._thread = seller, chat, thread
        self._ends = threading.Event()
        self.texts = []
        self.error = None

    def run(self):
        try:
            while not self._ends.is_set():
                text = f"Ответ {len(self.texts) + 1}."
                self._seller.write(self._thread, text=text)
                self._chat.arrives(text)
                self.texts.append(text)
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def goes_on(self):
        """Another answer has arrived."""
        n = len(self.texts)
        until(lambda: self.error or len(self.texts) > n, "another answer")

    def end(self):
        self._ends.set()
        self.join()
        if self.error:
            raise self.error


@test
def key_changes_while_messages_flow(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    operator = _Operator(seller, chat, chat.shown("Здравствуйте"))
    operator.start()
    operator.goes_on()
    _new_key(w)
    operator.goes_on()
    assert "to be sealed anew" in _rotate(w, "--dry-run")
    assert DONE in _rotate(w)
    operator.goes_on()
    w.stack.change({"APP_SECRET_OLD": ""})
    operator.goes_on()
    operator.end()
    w.note(f"{len(operator.texts)} answers meanwhile")
    assert chat.sent_texts() == operator.texts
    # Each kind of secret is still of use: the bot's token and webhook, the
    # account's keys and webhook.
    chat.say("Ещё тут?")
    chat.shown("Ещё тут?")
    w.admin.post(f"{seller.account_path}/check", status=202)
    seller.account_becomes("active")
    other = seller.buyer()
    other.say("Добрый день")
    other.shown("Добрый день")
    assert DONE in _rotate(w)


@test
def secret_in_a_task_is_sealed_anew(w):
    seller = w.seller()
    _new_key(w)
    w.stack.terminate("daemon", 10)
    w.admin.delete(seller.account_path)
    w.admin.delete(f"/api/projects/{seller.project['id']}")
    w.admin.delete(f"/api/bots/{seller.bot['id']}")
    out = _rotate(w)
    # The account's webhook was sealed when it was deleted.
    for said in ("tasks.token_sealed: 1 sealed anew, 0 under",
                 "tasks.secret_sealed: 1 sealed anew, 0 under",
                 "tasks.url_sealed: 0 sealed anew, 1 under"):
        assert said in out, out
    w.stack.change({"APP_SECRET_OLD": ""})
    until(lambda: not seller.subscriptions(), "the subscription has ended")
    until(lambda: not w.sandbox.telegram_bot(seller.bot_id)["webhook"]["url"],
          "the webhook is gone")


@test
def what_no_key_opens_is_named_and_the_rest_goes_on(w):
    seller = w.seller()
    token = w.db.one("SELECT token_sealed FROM bots WHERE id = %s",
                     seller.bot["id"])
    w.db.rows("UPDATE bots SET token_sealed = 'k00000000:AAAA' WHERE id = %s",
              seller.bot["id"])
    done = w.stack.ctl("secrets", "rotate")
    assert done.returncode == 1, done
    assert f"bots {seller.bot['id']}: token_sealed" in done.stderr, done.stderr
    assert DONE not in done.stdout
    w.db.rows("UPDATE bots SET token_sealed = %s WHERE id = %s", token,
              seller.bot["id"])
    assert DONE in _rotate(w)
