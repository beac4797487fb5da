"""Messages that no webhook told of: the poller finds them, each once."""

import re

from lib.runner import test
from lib.wait import until
from lib.world import MINUTES_PASS, number, words

DAY_S = 86400


def _polled(w, **options):
    return w.seller(webhook=False, monitoring=True, **options)


def _stored(w, chat, text):
    return w.db.count(
        "messages m JOIN dialogs d ON d.id = m.dialog_id",
        "d.external_chat_id = %s AND m.text = %s", chat.id, text)


def _passes(w, seller, passes=2):
    """The poller has been through the account that often from now on."""
    since = w.sandbox.mark()
    # A pass asks for the unread chats and for all; one may be half done.
    until(lambda: len(_list_calls(w, seller, since)) >= 2 * passes + 1,
          "passes of the poller")


def _list_calls(w, seller, since):
    return [c for c in w.sandbox.calls(since, method="chats")
            if c["account"] == str(seller.user_id)]


# --- finding ---

@test
def message_without_webhook_is_found(w):
    seller = _polled(w)
    chat = seller.buyer()
    chat.say("Без вебхука")
    chat.shown("Без вебхука")
    chat.read()


@test
def each_message_of_a_polled_chat_is_relayed_once(w):
    seller = _polled(w)
    chat = seller.buyer()
    for n in range(5):
        chat.say(f"Опрос {n}")
    chat.shown("Опрос", count=5)
    _passes(w, seller)
    texts = [m["text"].split("\n")[-1] for m in chat.in_topic()[1:]]
    assert texts == [f"Опрос {n}" for n in range(5)], texts


@test
def chat_that_the_seller_read_on_a_phone_is_relayed(w):
    seller = _polled(w)
    chat = seller.buyer()
    chat.say("Прочитано на телефоне", unread=False)
    chat.shown("Прочитано на телефоне")


@test
def chat_without_an_ad_is_found(w):
    for context in ("absent", "null"):
        w.sandbox.set(avito_u2u_context=context)
        seller = _polled(w)
        buyer = 41000000 + number()
        w.sandbox.post("avito/buyers", id=buyer, name="Без объявления")
        w.sandbox.post("avito/say", user_id=seller.user_id, buyer_id=buyer,
                       text="Просто вопрос")
        w.sandbox.wait(tg_chat=seller.group, text="Просто вопрос", count=1)
        assert seller.topics()[0]["name"].startswith("Без объявления")


@test
def answers_typed_in_the_app_are_found_too(w):
    seller = _polled(w)
    chat = seller.buyer()
    chat.say("Вопрос")
    chat.shown("Вопрос")
    chat.seller_says("Ответ с телефона")
    chat.shown("Ответ с телефона")
    head = chat.showing("Ответ с телефона")[0]["text"].partition("\n")[0]
    assert chat.name not in head, head


@test
def own_answers_are_not_shown_again_by_the_poller(w):
    seller = _polled(w)
    chat = seller.buyer()
    chat.say("Вопрос")
    thread = chat.shown("Вопрос")
    message = seller.write(thread, text="Ответ из темы")
    chat.arrives("Ответ из темы")
    seller.reacted(message)
    _passes(w, seller)
    chat.rests()
    assert len(chat.showing("Ответ из темы")) == 1


@test
def both_forms_of_the_message_list_are_read(w):
    w.sandbox.set(avito_list_shape="array", avito_read_name="isRead")
    seller = _polled(w)
    chat = seller.buyer()
    chat.say("Голый список")
    chat.shown("Голый список")


# --- system messages ---

@test
def system_message_is_hidden_unless_the_project_wants_it(w):
    for hide in (True, False):
        seller = _polled(w, project_fields={"hide_system_messages": hide})
        chat = seller.buyer()
        chat.say("Вопрос")
        chat.say(type="system", text="Покупатель посмотрел телефон")
        chat.say("Ещё вопрос")
        chat.shown("Ещё вопрос")
        shown = chat.showing("Покупатель посмотрел телефон")
        assert len(shown) == (0 if hide else 1), (hide, shown)
        if shown:
            head = shown[0]["text"].partition("\n")[0]
            assert chat.name not in head, head


@test
def system_message_by_webhook_is_never_the_buyers(w):
    seller = w.seller(project_fields={"hide_system_messages": False})
    chat = seller.buyer()
    chat.say("Вопрос")
    chat.say(type="system", text="Служебное")
    chat.shown("Служебное")
    head = chat.showing("Служебное")[0]["text"].partition("\n")[0]
    assert chat.name not in head, head


# --- both ways ---

@test
def message_both_ways_is_stored_once(w):
    seller = w.seller(webhook=True, monitoring=True)
    chat = seller.buyer()
    for n in range(5):
        chat.say(f"Обоими путями {n}")
    chat.shown("Обоими путями", count=5)
    w.sandbox.wait(idle=1)
    _passes(w, seller)
    chat.rests()
    assert len(chat.showing("Обоими путями")) == 5
    assert _stored(w, chat, "Обоими путями 0") == 1


@test
def message_that_its_webhook_missed_is_found_between_others(w):
    seller = w.seller(webhook=True, monitoring=True)
    chat = seller.buyer()
    chat.say("Первое")
    chat.shown("Первое")
    chat.say("Второе без вебхука", webhook=False)
    chat.say("Третье")
    chat.shown("Третье")
    chat.shown("Второе без вебхука")
    _passes(w, seller)
    chat.rests()
    for text in ("Первое", "Второе без вебхука", "Третье"):
        assert len(chat.showing(text)) == 1, text


@test
def webhooks_in_the_wrong_order_lose_nothing(w):
    w.sandbox.set(avito_webhook_order="parallel")
    seller = w.seller(webhook=True, monitoring=True)
    chat = seller.buyer()
    chat.say("Вразнобой {n}", count=10)
    chat.shown("Вразнобой", count=10)
    w.sandbox.wait(idle=1)
    _passes(w, seller)
    chat.rests()
    assert len(chat.showing("Вразнобой")) == 10


# --- baseline ---

@test
def history_is_kept_and_not_relayed(w):
    seller = w.seller(connect=False)
    now = int(w.stack.now())
    chat = seller.buyer()
    for n in range(3):
        chat.say(f"Давно {n}", created=now - 3 * DAY_S + n, webhook=False)
    chat.seller_says("Отвечено", created=now - 2 * DAY_S, webhook=False)
    seller.connect(webhook=False, monitoring=True)
    chat.say("Новое")
    chat.shown("Новое")
    assert not chat.showing("Давно") and not chat.showing("Отвечено")
    items = seller.api.get(f"{chat.dialog_path}/messages")["items"]
    assert {"Давно 0", "Давно 1", "Давно 2", "Отвечено", "Новое"} <= \
        {m["text"] for m in items}, items


@test
def unanswered_of_the_last_day_is_relayed_at_first_connection(w):
    seller = w.seller(connect=False)
    now = int(w.stack.now())
    waiting, old = seller.buyer(), seller.buyer()
    waiting.say("Отвеченное", created=now - 7200, webhook=False)
    waiting.seller_says("Ответ", created=now - 7100, webhook=False)
    waiting.say("Ждёт час", created=now - 3600, webhook=False)
    waiting.say("И ещё", created=now - 3500, webhook=False)
    old.say("Ждёт два дня", created=now - 2 * DAY_S, webhook=False)
    seller.connect(webhook=False, monitoring=True)
    waiting.shown("Ждёт час")
    waiting.shown("И ещё")
    _passes(w, seller)
    assert not waiting.showing("Отвеченное")
    assert len(seller.topics()) == 1, seller.topics()
    assert _stored(w, old, "Ждёт два дня") == 1


@test
def baseline_takes_the_last_twenty_of_each_chat(w):
    seller = w.seller(connect=False)
    chat = seller.buyer()
    now = int(w.stack.now())
    for n in range(30):
        chat.say(f"История {n}", created=now - 5 * DAY_S + n, webhook=False)
    seller.connect(webhook=False, monitoring=True)
    dialog = chat.dialog()["id"]
    assert w.db.count("messages", "dialog_id = %s AND is_history",
                      dialog) == 20


@test
def many_existing_chats_become_history_and_new_ones_are_relayed(w):
    seller = w.seller(connect=False)
    w.sandbox.post("avito/bulk", user_id=seller.user_id, chats=130,
                   messages=2, item_id=seller.item, webhook=False,
                   created=int(w.stack.now()) - 3 * DAY_S)
    seller.connect(webhook=False, monitoring=True)
    assert w.db.count("dialogs", "source_id = %s",
                      seller.account["id"]) == 130
    chat = seller.buyer()
    chat.say("После сотни старых")
    chat.shown("После сотни старых")
    assert len(seller.topics()) == 1


@test
def history_is_not_relayed_where_only_webhooks_are_wanted(w):
    seller = w.seller(connect=False)
    now = int(w.stack.now())
    chat = seller.buyer()
    chat.say("Давно", created=now - 3 * DAY_S, webhook=False)
    chat.seller_says("Отвечено", created=now - 2 * DAY_S, webhook=False)
    seller.connect(webhook=True, monitoring=False)
    chat.say("Новое")
    chat.shown("Новое")
    chat.read()
    chat.rests()
    assert not chat.showing("Давно") and not chat.showing("Отвечено")


# --- much at once ---

@test(events=("task.outcome", "avito.*", *MINUTES_PASS))
def reading_mark_does_not_overtake_the_poller(w):
    """What is read behind the mark may not be newer than what is missing."""
    seller = w.seller(webhook=True, monitoring=True)
    chat = seller.buyer()
    chat.say("Начало")
    chat.shown("Начало")
    chat.read()
    fault = w.sandbox.fault(service="avito", method="chats", kind="status",
                            account=str(seller.user_id), status=500, times=0)
    for n in range(30):
        chat.say(f"Позже {n}.", webhook=False)
        if n == 20:
            seller.write(chat.topic(), text="Ответ")
            chat.arrives("Ответ")
    since = w.sandbox.mark()
    chat.say("Последнее")
    w.over_quota(lambda: chat.showing("Последнее"), "it is shown")
    w.sandbox.wait("the page behind the mark", calls_since=since,
                   method="messages", chat=chat.id)
    w.sandbox.end_fault(fault)
    until(lambda: _hurried(w, chat, "Позже 29."), "the poller finds them")
    chat.rests()
    shown = words(chat.showing("Позже"))
    assert shown == [f"Позже {n}." for n in range(30)], shown


@test(events=("daemon.died", *MINUTES_PASS))
def what_waited_while_the_daemon_was_down_is_relayed_once_in_order(w):
    seller = _polled(w)
    w.stack.kill("daemon")
    try:
        w.stack.move_clock(60)
        chats = []
        for count, messages in ((25, 8), (5, 10)):
            chats += w.sandbox.post(
                "avito/bulk", user_id=seller.user_id, chats=count,
                messages=messages, item_id=seller.item, prefix="Накопилось",
                webhook=False)["chats"]
    finally:
        w.stack.start("daemon")
    w.over_quota(lambda: sum(len(re.findall(r"Накопилось \d+: \d", m["text"]))
                             for m in seller.messages()) == 250,
                 "all 250 in the group")
    _passes(w, seller)
    threads = dict((chat, int(topic)) for chat, topic in w.db.rows(
        "SELECT external_chat_id, topic_id FROM dialogs WHERE source_id = %s",
        seller.account["id"]))
    assert set(chats) == set(threads), len(threads)
    by_thread = {}
    for message in seller.messages():
        by_thread.setdefault(message["thread"], []).append(message)
    wanted = {c["id"]: [m["content"]["text"] for m in c["messages"]]
              for c in w.sandbox.get("state", part="avito")["avito"]["chats"]
              if c["user_id"] == seller.user_id}
    for chat, thread in threads.items():
        texts = words(by_thread[thread][1:])
        assert texts == wanted[chat], (chat, texts, wanted[chat])


@test(events=("daemon.died", *MINUTES_PASS))
def hundred_and_fifty_messages_in_one_chat_are_all_found(w):
    seller = _polled(w)
    chat = seller.buyer()
    w.stack.kill("daemon")
    try:
        chat.say("Длинный чат {n}", count=150)
    finally:
        w.stack.start("daemon")
    w.over_quota(lambda: len(words(chat.in_topic()[1:])) >= 150,
                 "all 150 in the topic")
    texts = words(chat.in_topic()[1:])
    assert texts == [f"Длинный чат {n}" for n in range(1, 151)]


# --- Avito in trouble ---

@test(events=("task.outcome", "avito.*"))
def poller_survives_errors_of_avito(w):
    seller = _polled(w)
    chat = seller.buyer()
    for kind, status in (("html_502", 502), ("invalid_json", 200),
                         ("empty", 200), ("reset", 0), ("truncated", 200),
                         ("huge", 200), ("status", 400), ("status", 404)):
        rule = {"status": status} if kind == "status" else {}
        w.sandbox.fault(service="avito", method="chats", kind=kind,
                        account=str(seller.user_id), **rule)
        text = f"Несмотря на {kind} {status}"
        chat.say(text)
        until(lambda text=text: _hurried(w, chat, text), f"found: {text}")
    assert seller.api.get(seller.account_path)["status"] == "active"


@test(events=("task.outcome",))
def failing_account_is_asked_less_and_others_as_before(w):
    bad, good = _polled(w), _polled(w)
    rule = w.sandbox.fault(service="avito", method="chats", kind="status",
                           status=500, account=str(bad.user_id), times=0)

    def failures():
        return int(w.db.one("SELECT attempts FROM tasks WHERE subject_id = %s"
                            " AND kind = 'avito.poll'", bad.account["id"]))

    until(lambda: _hurry_poll(w, bad) or failures() >= 5,
          "it has failed five times")
    since = w.sandbox.mark()

    def asked(seller):
        return sum(c["account"] == str(seller.user_id)
                   for c in w.sandbox.calls(since, method="chats"))

    until(lambda: asked(good) >= 8, "the other one is asked")
    assert asked(bad) <= 2, asked(bad)
    w.sandbox.end_fault(rule)
    until(lambda: _hurry_poll(w, bad) or failures() == 0,
          "a good poll resets it")


def _hurry_poll(w, seller):
    """Time passes for a poll that waits; one that is due has its turn first,
    or it would look like a break, after which polls are spread anew."""
    if w.db.count("tasks", "kind = 'avito.poll' AND subject_id = %s"
                  " AND lease_token IS NULL AND due_at > to_timestamp(%s)",
                  seller.account["id"], str(w.stack.now())):
        w.hurry(5)


def _hurried(w, chat, text):
    _hurry_poll(w, chat.seller)
    return chat.showing(text)


@test(events=("task.outcome", "avito.*"))
def poller_waits_as_long_as_it_is_told(w):
    seller = _polled(w)
    chat = seller.buyer()
    w.sandbox.fault(service="avito", method="chats", kind="status",
                    status=429, retry_after=600,
                    account=str(seller.user_id))
    since = w.sandbox.mark()
    w.sandbox.wait(calls_since=since, method="chats", outcome="fault:status")
    told = w.sandbox.mark()
    chat.say("После паузы")
    # A sign of life of the same daemon: it is not merely slow.
    other = w.seller()
    life = other.buyer()
    life.say("Другой аккаунт")
    life.shown("Другой аккаунт")
    assert not _list_calls(w, seller, told)
    w.hurry(600)
    until(lambda: _hurried(w, chat, "После паузы"), "found after the pause")
