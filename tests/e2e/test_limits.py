"""What the services bear: quotas kept, nobody hidden, texts joined."""

from lib.runner import test
from lib.wait import until
from lib.world import MINUTES_PASS, words

A_MINUTE = 20  # messages that Telegram takes for a group


def _strict(w):
    w.sandbox.set(telegram_rate_limits=True)
    return w.seller()


def _refusals(w, since):
    return [c for c in w.sandbox.calls(since, service="telegram")
            if c.get("status") == 429]


def _joined(chat):
    return [m for m in chat.in_topic() if m["text"].count("\n\n")]


def _waits(w, chat, count):
    """So many more texts wait for the group's quota."""
    before = w.db.count("deliveries", "dialog_id = %s", chat.dialog()["id"])
    chat.say("Ещё {n}", count=count)
    until(lambda: w.db.count("deliveries", "dialog_id = %s",
                             chat.dialog()["id"]) == before + count,
          "they have come in")


@test(events=MINUTES_PASS)
def group_gets_no_more_than_its_quota_and_misses_nothing(w):
    seller = _strict(w)
    since = w.sandbox.mark()
    chats = [seller.buyer() for _ in range(25)]
    for chat in chats:
        chat.say("Ещё продаёте?")
    # A card and a message each: ten dialogs a minute.
    until(lambda: len(seller.messages()) >= A_MINUTE, "a minute's messages")
    w.over_quota(lambda: all(c.showing("Ещё продаёте?") for c in chats),
                 "every buyer is shown")
    for chat in chats:
        assert words(chat.in_topic()[1:]) == ["Ещё продаёте?"]
    assert not _refusals(w, since)


@test(events=MINUTES_PASS)
def waiting_texts_of_a_topic_travel_as_one(w):
    seller = _strict(w)
    since = w.sandbox.mark()
    chat = seller.buyer()
    chat.say("Вопрос {n}", count=60)
    until(lambda: len(chat.in_topic()) == A_MINUTE, "the quota is used up")
    w.over_quota(lambda: len(words(chat.in_topic()[1:])) >= 60,
                 "all that was asked")
    said = words(chat.in_topic()[1:])
    assert said == [f"Вопрос {n}" for n in range(1, 61)], said
    assert _joined(chat)
    assert len(chat.in_topic()) < 30
    assert not _refusals(w, since)
    chat.rests()
    # Each is its own row, with its own state and its own copy.
    assert w.db.count(
        "deliveries d JOIN message_copies c USING (message_id)",
        "d.dialog_id = %s AND d.state = 'done'", chat.dialog()["id"]) == 60
    one = w.db.one("SELECT max(id) FROM deliveries WHERE dialog_id = %s"
                   " AND leader_id IS NOT NULL", chat.dialog()["id"])
    ledger = seller.api.get(f"/api/deliveries/{one}")["ledger"]
    assert ledger[-1]["outcome"] == "done", ledger


@test(events=MINUTES_PASS)
def one_loud_buyer_does_not_hide_the_others(w):
    seller = _strict(w)
    loud, quiet = seller.buyer(), seller.buyer()
    loud.say("Громко {n}", count=200)
    until(lambda: len(seller.messages()) >= A_MINUTE, "a minute's messages")
    until(lambda: w.db.count("deliveries", "dialog_id = %s",
                             loud.dialog()["id"]) == 200, "all came in")
    quiet.say("Тихо")
    w.over_quota(lambda: quiet.showing("Тихо") and
                 len(words(loud.in_topic()[1:])) >= 200, "both are heard")
    assert quiet.in_topic()[-1]["message_id"] < \
        loud.in_topic()[-1]["message_id"]


@test(events=MINUTES_PASS)
def quote_of_a_joined_text_is_delivered(w):
    seller = _strict(w)
    chat = seller.buyer()
    chat.say("Часть {n}", count=40)
    w.over_quota(lambda: len(words(chat.in_topic()[1:])) >= 40, "all shown")
    seller.write(chat.topic(), text="Отвечаю",
                 reply_to=_joined(chat)[0]["message_id"])
    chat.arrives("Отвечаю")


@test(events=MINUTES_PASS)
def buyers_text_that_travels_behind_anothers_is_marked_read(w):
    seller = _strict(w)
    chat = seller.buyer()
    chat.say("Слово {n}", count=A_MINUTE - 1)
    until(lambda: len(chat.in_topic()) == A_MINUTE, "the quota is used up")
    chat.rests()
    chat.read()
    seller.api.post(f"{chat.dialog_path}/messages", {"text": "Из кабинета"})
    _waits(w, chat, 1)
    w.over_quota(lambda: _joined(chat), "they travelled together")
    chat.read()


@test(events=("delivery.*", *MINUTES_PASS))
def clock_that_goes_back_costs_a_minute_at_most(w):
    seller = _strict(w)
    chat = seller.buyer()
    chat.say("Слово {n}", count=A_MINUTE - 1)
    until(lambda: len(chat.in_topic()) == A_MINUTE, "the quota is used up")
    chat.rests()
    _waits(w, chat, 1)
    until(lambda: w.db.count("lanes", "client_id = %s AND held_by LIKE"
                             " 'room:%%'", seller.client_id), "it waits")
    # Telegram's own clock is right.
    w.sandbox.set(telegram_rate_limits=False)
    # From before: the daemon may look at once, and asks but once.
    since = w.stack.log_size("daemon")
    w.stack.move_clock(-3600)
    try:
        # What was taken counts as taken now.
        chat.say("Снова")
        until(lambda: "outcome=later" in w.stack.log_text("daemon", since),
              "the daemon has asked for a place")
        w.stack.move_clock(70)
        chat.shown("Ещё 1")
    finally:
        w.stack.move_clock(3600)


@test(events=("delivery.*", *MINUTES_PASS))
def joined_text_that_is_refused_goes_one_by_one(w):
    seller = _strict(w)
    chat = seller.buyer()
    chat.say("Слово {n}", count=A_MINUTE - 1)
    until(lambda: len(chat.in_topic()) == A_MINUTE, "the quota is used up")
    _waits(w, chat, 5)
    w.sandbox.fault(service="telegram", method="sendMessage",
                    account=str(seller.bot_id), kind="status", status=400,
                    body={"ok": False, "error_code": 400,
                          "description": "Bad Request: message is odd"})
    w.over_quota(lambda: len(words(chat.in_topic()[1:])) >= A_MINUTE + 4,
                 "all shown")
    assert words(chat.in_topic()[1:])[-5:] == [f"Ещё {n}" for n in range(1, 6)]
    assert not _joined(chat)


@test(events=("delivery.*", *MINUTES_PASS))
def joined_text_of_unknown_fate_is_sent_again_as_it_was(w):
    seller = _strict(w)
    chat = seller.buyer()
    chat.say("Слово {n}", count=A_MINUTE - 1)
    until(lambda: len(chat.in_topic()) == A_MINUTE, "the quota is used up")
    _waits(w, chat, 3)
    counted = _unsure(w)
    w.sandbox.fault(service="telegram", method="sendMessage",
                    account=str(seller.bot_id), kind="accepted_then_reset")
    w.over_quota(lambda: len(_joined(chat)) == 2, "sent a second time")
    first, second = _joined(chat)
    assert first["text"] == second["text"]
    chat.rests()
    assert _unsure(w) == counted + 3


def _unsure(w):
    return int(w.db.one("SELECT coalesce((SELECT value FROM counters WHERE"
                        " name = 'tuberry_delivery_unsure_total'), 0)"))
