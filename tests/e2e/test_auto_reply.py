"""Auto-replies and greetings, from the buyer's message to the text that the
buyer got and the team saw."""

import datetime
import os
import subprocess

from lib.complaints import buttons, press
from lib.private import Source
from lib.runner import test
from lib.stack import program
from lib.wait import until
from lib.world import MINUTES_PASS

TEXT = "Ответим завтра"
ROBOT = "🤖 Автоответчик"
DAY = 24 * 3600


class Shop:
    """A seller with an auto-reply, and a buyer."""

    def __init__(self, w, greeting="", **auto_reply):
        self.w = w
        settings = {"enabled": True, "text": TEXT, "delay_seconds": 0,
                    **auto_reply}
        self.seller = w.seller(project_fields={"greeting": greeting,
                                               "auto_reply": settings})
        self.project = f"/api/projects/{self.seller.project['id']}"
        self.chat = self.seller.buyer()

    def change(self, **auto_reply):
        self.seller.api.patch(self.project, {"auto_reply": auto_reply})

    def rows(self, chat=None):
        """(kind, step, state, reason) of what was planned, oldest first."""
        return [tuple(row) for row in self.w.db.rows(
            "SELECT r.kind, r.step::integer, r.state, r.reason"
            " FROM auto_replies r JOIN dialogs g ON g.id = r.dialog_id"
            " WHERE g.external_chat_id = %s ORDER BY r.id",
            (chat or self.chat).id)]

    def becomes(self, *expected, chat=None):
        """Waits for (kind, step, state) of all that was planned."""
        expected = [tuple(map(str, e)) for e in expected]
        until(lambda: [tuple(map(str, row[:3])) for row in self.rows(chat)]
              == expected, f"{expected}, not {self.rows(chat)}")

    def settles(self):
        """All that the messages so far start has been planned."""
        until(lambda: self.w.db.one(
            "SELECT NOT EXISTS (SELECT 1 FROM tasks t JOIN messages m"
            "  ON m.id = t.subject_id WHERE t.kind = 'dialog.automate'"
            "   AND m.client_id = %s)", self.seller.client_id) == "t",
            "the plans are made")
        self.chat.rests()

    def passes(self, seconds):
        """Time passes, with nothing in work."""
        self.settles()
        self.w.stack.move_clock(seconds)

    def sent(self, chat=None):
        return (chat or self.chat).sent_texts()

    def waits(self):
        """Still waits for an answer, and nobody has read it."""
        dialog = self.chat.dialog()
        return dialog["unread_count"] > 0 and \
            dialog["waiting_since"] is not None


@test(events=MINUTES_PASS)
def reply_comes_after_its_delay_and_the_team_sees_it(w):
    shop = Shop(w, delay_seconds=None)
    shop.chat.say("Есть?")
    shop.becomes(("auto_reply", 0, "pending"))
    assert w.db.one(
        "SELECT extract(epoch FROM due_at - asked_at)::integer"
        " FROM auto_replies WHERE client_id = %s",
        shop.seller.client_id) == "75"
    shop.passes(60)
    shop.settles()
    assert not shop.sent()
    shop.passes(20)
    shop.chat.arrives(TEXT)
    shop.becomes(("auto_reply", 0, "sent"))
    shop.chat.shown(f"{ROBOT}:\n{TEXT}")
    shop.settles()
    assert shop.sent() == [TEXT]
    assert len(shop.chat.showing(TEXT)) == 1
    assert shop.waits()
    assert shop.chat.dialog()["auto_reply_last_sent_at"]
    message = shop.seller.api.get(
        f"{shop.chat.dialog_path}/messages")["items"][-1]
    assert message["is_auto_reply"] and message["text"] == TEXT, message
    assert message["author"]["kind"] == "robot", message


@test
def three_messages_in_a_second_start_one(w):
    shop = Shop(w)
    for text in ("Раз", "Два", "Три"):
        shop.chat.say(text)
    shop.chat.arrives(TEXT)
    shop.chat.shown("Три")
    shop.settles()
    assert shop.sent() == [TEXT]
    assert len(shop.rows()) == 1, shop.rows()


# --- an answer wins ---

def _asked(w, **auto_reply):
    """A conversation in which an auto-reply waits for its time."""
    shop = Shop(w, delay_seconds=20, **auto_reply)
    shop.chat.say("Есть?")
    shop.thread = shop.chat.shown("Есть?")
    shop.becomes(("auto_reply", 0, "pending"))
    return shop


def _nothing_goes(shop, reason="answered", answers=()):
    shop.passes(25)
    until(lambda: [r[2:] for r in shop.rows()] == [("dropped", reason)],
          f"dropped, not {shop.rows()}")
    shop.settles()
    assert shop.sent() == list(answers), shop.sent()


@test(events=MINUTES_PASS)
def answer_of_an_operator_in_the_same_second_wins(w):
    shop = _asked(w)
    shop.seller.write(shop.thread, text="Да")
    shop.chat.arrives("Да")
    # Telegram's second is the buyer's; ours is where the message begins.
    w.db.rows("UPDATE messages SET written_at = date_trunc('second',"
              " (SELECT asked_at FROM auto_replies WHERE client_id = %s))"
              " WHERE client_id = %s AND author = 'operator'",
              shop.seller.client_id, shop.seller.client_id)
    w.db.rows("UPDATE auto_replies SET asked_at = date_trunc('second',"
              " asked_at) + interval '0.9 s' WHERE client_id = %s",
              shop.seller.client_id)
    _nothing_goes(shop, answers=["Да"])


@test(events=MINUTES_PASS)
def answer_of_the_seller_in_avitos_app_wins(w):
    shop = _asked(w)
    shop.chat.seller_says("Да, есть")
    shop.chat.shown("Да, есть")
    _nothing_goes(shop)


@test(events=MINUTES_PASS)
def answer_from_the_web_wins(w):
    shop = _asked(w)
    shop.seller.api.post(f"{shop.chat.dialog_path}/messages", {"text": "Да"})
    shop.chat.arrives("Да")
    _nothing_goes(shop, answers=["Да"])


@test(events=MINUTES_PASS)
def answer_before_the_question_is_none(w):
    shop = Shop(w, delay_seconds=20, enabled=False)
    shop.chat.say("Есть?")
    thread = shop.chat.shown("Есть?")
    shop.seller.write(thread, text="Да")
    shop.chat.arrives("Да")
    shop.change(enabled=True)
    shop.passes(5)
    shop.chat.say("А цена?")
    shop.becomes(("auto_reply", 0, "pending"))
    shop.passes(25)
    shop.chat.arrives(TEXT)
    shop.becomes(("auto_reply", 0, "sent"))


def _busy(w, shop, seconds):
    """Avito has no room for so long; the fault's id."""
    return w.sandbox.fault(service="avito", account=str(shop.seller.user_id),
                           method="messages.send", kind="status", status=429,
                           headers={"Retry-After": str(seconds)}, times=1)


@test(events=(*MINUTES_PASS, "delivery.*", "task.outcome"))
def answer_that_comes_while_it_waits_for_room_wins(w):
    shop = Shop(w)
    _busy(w, shop, 10)
    shop.chat.say("Есть?")
    thread = shop.chat.shown("Есть?")
    shop.becomes(("auto_reply", 0, "queued"))
    until(lambda: w.db.count("attempts", "client_id = %s AND outcome ="
                             " 'later'", shop.seller.client_id),
          "it was told to wait")
    shop.seller.write(thread, text="Да")
    until(lambda: w.db.count("messages", "client_id = %s AND author ="
                             " 'operator'", shop.seller.client_id),
          "the answer")
    w.stack.move_clock(15)
    shop.chat.arrives("Да")
    shop.becomes(("auto_reply", 0, "dropped"))
    assert shop.rows()[0][3] == "answered"
    shop.settles()
    assert shop.sent() == ["Да"]
    assert w.db.one("SELECT x.state FROM deliveries x JOIN messages m"
                    " ON m.id = x.message_id WHERE m.client_id = %s"
                    " AND m.is_auto_reply", shop.seller.client_id) == \
        "discarded"


# --- not wanted any more ---

@test(events=MINUTES_PASS)
def what_is_switched_off_meanwhile_does_not_go(w):
    shop = _asked(w)
    shop.change(enabled=False)
    _nothing_goes(shop, "disabled")


@test(events=(*MINUTES_PASS, "delivery.*", "task.outcome"))
def what_is_switched_off_while_it_waits_for_room_does_not_go(w):
    shop = Shop(w)
    _busy(w, shop, 10)
    shop.chat.say("Есть?")
    shop.becomes(("auto_reply", 0, "queued"))
    until(lambda: w.db.count("attempts", "client_id = %s AND outcome ="
                             " 'later'", shop.seller.client_id),
          "it was told to wait")
    shop.change(enabled=False)
    w.stack.move_clock(15)
    shop.becomes(("auto_reply", 0, "dropped"))
    assert shop.rows()[0][3] == "disabled"
    shop.settles()
    assert not shop.sent()


@test(events=(*MINUTES_PASS, "delivery.*", "task.*"))
def what_is_15_minutes_late_expires(w):
    shop = Shop(w, delay_seconds=20)
    shop.chat.say("Есть?")
    shop.becomes(("auto_reply", 0, "pending"))
    shop.passes(20 + 901)
    shop.becomes(("auto_reply", 0, "expired"))
    shop.settles()
    assert not shop.sent()
    # The next message may have one.
    shop.chat.say("Ау?")
    shop.becomes(("auto_reply", 0, "expired"), ("auto_reply", 0, "pending"))
    shop.passes(25)
    shop.chat.arrives(TEXT)


@test(events=(*MINUTES_PASS, "delivery.*", "task.outcome"))
def what_waits_for_room_for_15_minutes_expires(w):
    shop = Shop(w)
    _busy(w, shop, 1000)
    shop.chat.say("Есть?")
    shop.becomes(("auto_reply", 0, "queued"))
    until(lambda: w.db.count("attempts", "client_id = %s AND outcome ="
                             " 'later'", shop.seller.client_id),
          "it was told to wait")
    w.stack.move_clock(1005)
    shop.becomes(("auto_reply", 0, "expired"))
    shop.settles()
    assert not shop.sent()


@test
def what_was_written_long_ago_starts_nothing(w):
    shop = Shop(w, greeting="Здравствуйте!")
    shop.chat.say("Давно", created=int(w.stack.now()) - 601)
    shop.chat.shown("Давно")
    shop.settles()
    assert not shop.rows()
    assert not shop.sent()


# --- intervals ---

@test(events=MINUTES_PASS)
def one_in_so_many_hours(w):
    shop = Shop(w, repeat_after_hours=2)
    shop.chat.say("Раз")
    shop.becomes(("auto_reply", 0, "sent"))
    shop.passes(2 * 3600 - 60)
    shop.chat.say("Два")
    shop.chat.shown("Два")
    shop.settles()
    assert len(shop.rows()) == 1
    shop.passes(120)
    shop.chat.say("Три")
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 0, "sent"))
    shop.settles()
    assert shop.sent() == [TEXT, TEXT]


def _window(w, begin, end):
    """A window in Moscow, so many seconds from now."""
    now = datetime.datetime.fromtimestamp(
        w.stack.now(), datetime.timezone(datetime.timedelta(hours=3)))
    return {"days": [1, 2, 3, 4, 5, 6, 7], **{
        key: (now + datetime.timedelta(seconds=s)).strftime("%H:%M")
        for key, s in (("from", begin), ("to", end))}}


@test(events=MINUTES_PASS)
def one_in_each_window_and_none_outside(w):
    shop = Shop(w, mode="interval", windows=[_window(w, -3600, 3600)])
    shop.chat.say("Раз")
    shop.becomes(("auto_reply", 0, "sent"))
    shop.chat.say("Два")
    shop.chat.shown("Два")
    shop.passes(2 * 3600)
    shop.chat.say("Три")
    shop.chat.shown("Три")
    shop.settles()
    assert len(shop.rows()) == 1
    shop.passes(DAY - 2 * 3600)
    shop.chat.say("Четыре")
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 0, "sent"))
    shop.settles()
    assert shop.sent() == [TEXT, TEXT]


@test
def date_off_has_none(w):
    day = datetime.datetime.fromtimestamp(
        w.stack.now(), datetime.timezone(datetime.timedelta(hours=3)))
    shop = Shop(w, mode="interval", windows=[
        {"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}],
        dates=[{"date": (day + datetime.timedelta(days=n)).strftime(
            "%Y-%m-%d"), "off": True} for n in (0, 1)])
    shop.chat.say("Есть?")
    shop.chat.shown("Есть?")
    shop.settles()
    assert not shop.rows()
    shop.change(dates=[])
    shop.chat.say("Ау?")
    shop.chat.arrives(TEXT)


@test
def changed_window_does_not_greet_again_in_the_same_hours(w):
    shop = Shop(w, mode="interval", windows=[_window(w, -7200, 3600)])
    shop.chat.say("Раз")
    shop.becomes(("auto_reply", 0, "sent"))
    shop.change(windows=[_window(w, -3600, 7200)])
    shop.chat.say("Два")
    shop.chat.shown("Два")
    shop.settles()
    assert len(shop.rows()) == 1, shop.rows()


# --- steps and greeting ---

STEPS = [{"after_minutes": 10, "text": "Ещё ждём"},
         {"after_minutes": 30, "text": "Скоро будем"}]


@test(events=MINUTES_PASS)
def steps_follow_while_nobody_answers(w):
    shop = Shop(w, steps=STEPS)
    shop.chat.say("Раз")
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "pending"))
    shop.passes(5 * 60)
    shop.chat.say("Два")
    shop.chat.shown("Два")
    shop.passes(6 * 60)
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "sent"),
                 ("auto_reply", 2, "pending"))
    shop.passes(31 * 60)
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "sent"),
                 ("auto_reply", 2, "sent"))
    shop.settles()
    assert shop.sent() == [TEXT, "Ещё ждём", "Скоро будем"]
    shop.chat.shown(f"{ROBOT}:\nСкоро будем")
    assert shop.waits()


@test(events=MINUTES_PASS)
def answer_ends_the_steps(w):
    shop = Shop(w, steps=STEPS)
    shop.chat.say("Раз")
    thread = shop.chat.shown("Раз")
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "pending"))
    shop.passes(60)
    shop.seller.write(thread, text="Да")
    shop.chat.arrives("Да")
    shop.chat.say("Спасибо")
    shop.passes(10 * 60)
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "dropped"))
    shop.settles()
    assert shop.sent() == [TEXT, "Да"]


@test(events=MINUTES_PASS)
def step_does_not_go_when_the_window_is_over(w):
    shop = Shop(w, mode="interval", windows=[_window(w, -3600, 300)],
                steps=STEPS)
    shop.chat.say("Раз")
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "pending"))
    shop.passes(11 * 60)
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "dropped"))
    assert shop.rows()[1][3] == "closed"


@test
def greeting_comes_once_and_only_to_new_dialogs(w):
    shop = Shop(w, greeting="Здравствуйте, {buyer}!", enabled=False, text="")
    shop.chat.say("Раз")
    shop.chat.arrives(f"Здравствуйте, {shop.chat.name}!")
    shop.becomes(("greeting", 0, "sent"))
    shop.chat.shown(f"{ROBOT}:\nЗдравствуйте, {shop.chat.name}!")
    shop.chat.say("Два")
    shop.chat.shown("Два")
    shop.settles()
    assert len(shop.sent()) == 1
    assert shop.waits()
    old = shop.seller.buyer()
    shop.seller.api.patch(shop.project, {"greeting": ""})
    old.say("Раньше")
    old.shown("Раньше")
    shop.seller.api.patch(shop.project, {"greeting": "Привет"})
    old.say("Позже")
    old.shown("Позже")
    shop.settles()
    assert not old.sent()


@test(events=MINUTES_PASS)
def greeting_stands_for_the_first_text_and_steps_follow(w):
    shop = Shop(w, greeting="Здравствуйте!", steps=STEPS[:1],
                delay_seconds=75)
    shop.chat.say("Раз")
    shop.becomes(("greeting", 0, "sent"), ("auto_reply", 0, "replaced"),
                 ("auto_reply", 1, "pending"))
    shop.passes(11 * 60)
    shop.chat.arrives("Ещё ждём")
    shop.becomes(("greeting", 0, "sent"), ("auto_reply", 0, "replaced"),
                 ("auto_reply", 1, "sent"))
    shop.settles()
    assert shop.sent() == ["Здравствуйте!", "Ещё ждём"]
    # The next day is another interval.
    shop.passes(DAY + 60)
    shop.chat.say("Ау?")
    shop.becomes(("greeting", 0, "sent"), ("auto_reply", 0, "replaced"),
                 ("auto_reply", 1, "sent"), ("auto_reply", 0, "pending"))
    shop.passes(80)
    shop.chat.arrives(TEXT)


# --- words ---

@test
def text_names_buyer_and_ad(w):
    shop = Shop(w, text="{buyer}, по «{ad}» за {price}: {project}")
    shop.chat.say("Есть?")
    title, name = shop.seller.title, shop.chat.name
    until(shop.sent, "the text")
    text = shop.sent()[0]
    assert text.startswith(f"{name}, по «{title}» за "), text
    assert "1" in text.partition(" за ")[2], text
    assert text.endswith(f": {shop.seller.project['name']}"), text


# --- what goes wrong ---

@test(events=("delivery.*",))
def text_that_cannot_arrive_is_told_and_may_be_repeated(w):
    shop = Shop(w)
    w.sandbox.patch(f"avito/chats/{shop.chat.id}", blocked=True)
    shop.chat.say("Есть?")
    shop.becomes(("auto_reply", 0, "failed"))
    shop.chat.shown("❌ Автоответ не дошёл до клиента")
    said = shop.chat.showing(f"🤖 «{TEXT}»")[0]
    assert not shop.chat.showing(f"{ROBOT}:")
    w.sandbox.patch(f"avito/chats/{shop.chat.id}", blocked=False)
    w.sandbox.call(
        "POST", f"telegram/chats/{shop.seller.group}/messages/"
        f"{said['message_id']}/press",
        {"from": shop.seller.operator, "row": 0, "column": 0})
    shop.chat.arrives(TEXT)
    shop.becomes(("auto_reply", 0, "sent"))
    shop.chat.shown("✅ Доставлено")
    shop.chat.shown(f"{ROBOT}:\n{TEXT}")
    shop.settles()
    assert shop.sent() == [TEXT]


@test(events=("delivery.*",))
def text_of_which_nobody_knows_is_settled_and_goes_once(w):
    w.sandbox.set(avito_echo="none")
    shop = Shop(w)
    w.sandbox.fault(service="avito", account=str(shop.seller.user_id),
                    method="messages.send", kind="accepted_then_reset",
                    times=1)
    shop.chat.say("Есть?")
    until(lambda: w.hurry(10) or shop.rows()[-1:] and
          shop.rows()[0][2] == "sent", "it is settled")
    shop.chat.shown(f"{ROBOT}:\n{TEXT}")
    shop.settles()
    assert shop.sent() == [TEXT]


@test
def echo_of_a_reply_is_no_answer(w):
    shop = Shop(w, steps=STEPS)
    shop.chat.say("Есть?")
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "pending"))
    w.sandbox.wait(idle=1)
    shop.settles()
    assert shop.waits()
    assert w.db.count("messages", "client_id = %s AND author = 'seller'",
                      shop.seller.client_id) == 0


# --- two daemons ---

@test(events=(*MINUTES_PASS, "delivery.*", "task.*", "metrics.away"))
def two_daemons_send_one(w):
    path = os.path.join(w.stack.dir, "another-daemon.txt")
    with open(path, "w", encoding="utf-8") as log:
        another = subprocess.Popen(
            [program("tuberryd"), "--config",
             os.path.join(w.stack.dir, "tuberry.conf")],
            env=w.stack.environment(), stdin=subprocess.DEVNULL, stderr=log)
    try:
        shop = Shop(w, delay_seconds=10, steps=STEPS[:1])
        chats = [shop.chat] + [shop.seller.buyer() for _ in range(7)]
        for _ in range(3):
            for chat in chats:
                chat.say("Есть?")
        w.over_quota(lambda: all(c.showing("Есть?") for c in chats) and
                     not w.db.count("lanes", "client_id = %s AND head_seq"
                                    " <= last_seq", shop.seller.client_id),
                     "the team has seen the questions")
        shop.passes(15)
        for chat in chats:
            shop.becomes(("auto_reply", 0, "sent"),
                         ("auto_reply", 1, "pending"), chat=chat)
        w.over_quota(lambda: all(c.showing(TEXT) for c in chats),
                     "the team has seen them")
        for chat in chats:
            assert chat.sent_texts() == [TEXT], chat.sent_texts()
    finally:
        another.terminate()
        another.wait(15)


# --- Telegram sources ---

class Private(Shop):
    """The same for people who write to a bot, or to an account."""

    def __init__(self, w, business=False, greeting="", **auto_reply):
        self.w = w
        settings = {"enabled": True, "text": TEXT, "delay_seconds": 0,
                    **auto_reply}
        self.seller = w.seller(connect=False, project_fields={
            "greeting": greeting, "auto_reply": settings})
        self.project = f"/api/projects/{self.seller.project['id']}"
        self.source = Source(self.seller)
        self.account = self.source.account() if business else None
        self.chat = self.account.customer() if business \
            else self.source.person()


@test(events=MINUTES_PASS)
def person_with_a_bot_is_greeted_and_told(w):
    shop = Private(w, greeting="Здравствуйте, {buyer}!", delay_seconds=30,
                   steps=STEPS[:1])
    shop.chat.say("Есть?")
    shop.becomes(("greeting", 0, "sent"), ("auto_reply", 0, "replaced"),
                 ("auto_reply", 1, "pending"))
    shop.passes(11 * 60)
    shop.chat.arrives("Ещё ждём")
    shop.chat.shown(f"{ROBOT}:\nЕщё ждём")
    assert shop.chat.sent_texts() == [
        f"Здравствуйте, {shop.chat.name}!", "Ещё ждём"]
    assert shop.waits()


@test(events=MINUTES_PASS)
def answer_to_a_person_in_the_same_second_wins(w):
    shop = Private(w, delay_seconds=20)
    shop.chat.say("Есть?")
    thread = shop.chat.shown("Есть?")
    shop.becomes(("auto_reply", 0, "pending"))
    shop.seller.write(thread, text="Да")
    shop.chat.arrives("Да")
    shop.passes(25)
    shop.becomes(("auto_reply", 0, "dropped"))
    shop.settles()
    assert shop.chat.sent_texts() == ["Да"]


@test(events=MINUTES_PASS)
def owner_of_an_account_is_faster(w):
    shop = Private(w, business=True, delay_seconds=20)
    shop.chat.say("Есть?")
    shop.chat.shown("Есть?")
    shop.becomes(("auto_reply", 0, "pending"))
    shop.chat.owner_says("Есть, приходите")
    shop.chat.shown("Есть, приходите")
    shop.passes(25)
    shop.becomes(("auto_reply", 0, "dropped"))
    shop.settles()
    assert not shop.chat.sent()
    other = shop.account.customer()
    other.say("И мне")
    shop.becomes(("auto_reply", 0, "pending"), chat=other)
    shop.passes(25)
    other.arrives(TEXT)
    other.shown(f"{ROBOT}:\n{TEXT}")


@test(events=("delivery.*",))
def text_to_a_person_of_which_nobody_knows_waits_for_a_word(w):
    shop = Private(w, steps=STEPS[:1])
    w.sandbox.fault(service="telegram", account=str(shop.source.bot_id),
                    method="sendMessage", kind="accepted_then_reset",
                    times=1)
    shop.chat.say("Есть?")
    until(lambda: w.hurry(10) or shop.rows()[-1:] and
          shop.rows()[0][2] == "unsure", "nobody knows")
    shop.chat.shown("❓ Неизвестно, дошёл ли автоответ")
    said = shop.chat.showing(f"🤖 «{TEXT}»")[0]
    assert buttons(said) == ["Отправить ещё раз", "Дошло"], said
    # It counts as sent: nothing else starts, and nothing follows.
    shop.chat.say("Ау?")
    shop.chat.shown("Ау?")
    shop.becomes(("auto_reply", 0, "unsure"))
    assert shop.chat.sent_texts() == [TEXT]
    press(shop.seller, said, row=1)
    shop.becomes(("auto_reply", 0, "sent"), ("auto_reply", 1, "pending"))
    shop.chat.shown(f"{ROBOT}:\n{TEXT}")
    assert shop.chat.sent_texts() == [TEXT]


@test(events=(*MINUTES_PASS, "delivery.*"))
def who_blocks_the_bot_gets_nothing_too_late(w):
    shop = Private(w, delay_seconds=5)
    shop.chat.say("Есть?")
    shop.chat.shown("Есть?")
    shop.becomes(("auto_reply", 0, "pending"))
    shop.source.block(shop.chat)
    shop.chat.shown("🚫")
    w.hurry(8)
    shop.becomes(("auto_reply", 0, "queued"))
    until(lambda: w.db.count("lanes", "held_by = %s",
                             f"dialog:{shop.chat.dialog()['id']}"),
          "the text waits")
    w.stack.move_clock(1000)
    shop.source.block(shop.chat, False)
    shop.becomes(("auto_reply", 0, "expired"))
    shop.settles()
    assert not shop.chat.sent()
