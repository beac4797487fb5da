"""Nothing is lost and nothing comes twice, whatever breaks."""

import os
import signal

from lib.rest import http_call
from lib.runner import test
from lib.stack import children
from lib.wait import until

# What the programs may say while a part of the stack is gone.
OUTAGE = ("db.*", "redis.*", "bell.*", "request.*", "web.*", "webhook.*",
          "delivery.*", "task.*", "daemon.*", "pool.*", "worker.*", "health.*")


def _conversation(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    chat.rests()
    return seller, chat, thread


def _arrived(w, chat, text, seconds=10):
    w.hurry(seconds)
    return text in chat.sent_texts()


def _fault_avito(w, seller, **rule):
    return w.sandbox.fault(service="avito", account=str(seller.user_id),
                           **rule)


# --- sending to Avito ---

def _settled_once(w, text="Ровно раз", **rule):
    seller, chat, thread = _conversation(w)
    _fault_avito(w, seller, method="messages.send", **rule)
    message = seller.write(thread, text=text)
    until(lambda: _arrived(w, chat, text), "the text reaches the buyer")
    until(lambda: _done(w, seller, message), "it is known to have arrived")
    chat.rests()
    w.sandbox.wait(idle=1)
    assert chat.sent_texts() == [text], chat.sent_texts()
    assert len(chat.showing(text)) == 1, chat.showing(text)
    return chat


def _done(w, seller, message):
    w.hurry(10)
    chat = w.sandbox.telegram_chat(seller.group)
    found = next(m for m in chat["messages"]
                 if m["message_id"] == message["message_id"])
    return found["reactions"]


@test(events=("delivery.*",))
def accepted_and_reset_arrives_exactly_once(w):
    _settled_once(w, kind="accepted_then_reset")


@test(events=("delivery.*",))
def accepted_and_reset_without_echo_is_found_by_reading_back(w):
    w.sandbox.set(avito_echo="none")
    chat = _settled_once(w, kind="accepted_then_reset")
    assert w.db.count("attempts t JOIN deliveries d ON d.id = t.delivery_id",
                      "d.dialog_id = %s AND d.direction = 'buyer'"
                      " AND t.outcome = 'settled'", chat.dialog()["id"]) == 1


@test(events=("delivery.*", "link.broken", "avito.*", "task.*"))
def account_that_breaks_while_a_send_is_unsure_doubles_nothing(w):
    """What waits on hold is as unsure as before."""
    w.sandbox.set(avito_echo="none")
    seller, chat, thread = _conversation(w)
    account = f"avito/accounts/{seller.user_id}"
    held_by = "avito:" + seller.account_path.rsplit("/", 1)[1]
    _fault_avito(w, seller, method="messages.send", kind="accepted_then_reset")
    message = seller.write(thread, text="Ровно раз")
    until(lambda: w.db.count("deliveries", "state = 'unsure'") > 0,
          "it is not known whether it arrived")
    w.sandbox.patch(account, status="blocked")
    until(lambda: w.hurry(10) or
          w.db.count("lanes", f"held_by = '{held_by}'") > 0,
          "its lane is held")
    w.sandbox.patch(account, status="active")
    seller.api.call("POST", f"{seller.account_path}/check")
    until(lambda: _done(w, seller, message), "it is known to have arrived")
    assert chat.sent_texts() == ["Ровно раз"], chat.sent_texts()


@test(events=("delivery.*",))
def reset_before_it_was_accepted_is_sent_again(w):
    _settled_once(w, kind="reset")


@test(events=("delivery.*",))
def accepted_with_a_broken_answer_arrives_exactly_once(w):
    for kind in ("invalid_json", "empty", "html_502"):
        _settled_once(w, kind=kind, processed=True)


@test(events=("delivery.*",))
def cut_answer_arrives_exactly_once(w):
    _settled_once(w, kind="truncated")


@test(events=("delivery.*",))
def error_500_that_took_effect_arrives_exactly_once(w):
    _settled_once(w, kind="status", status=500, processed=True)


@test(events=("delivery.*",))
def error_500_without_effect_is_sent_again(w):
    _settled_once(w, kind="status", status=500)


@test(events=("delivery.*",))
def two_equal_texts_with_a_lost_answer_are_two(w):
    w.sandbox.set(avito_echo="none")
    seller, chat, thread = _conversation(w)
    _fault_avito(w, seller, method="messages.send", skip=1,
                 kind="accepted_then_reset")
    seller.write(thread, text="Да")
    last = seller.write(thread, text="Да")
    until(lambda: _done(w, seller, last), "both are known to have arrived")
    chat.rests()
    assert chat.sent_texts() == ["Да", "Да"]


@test(events=("delivery.*",))
def photo_with_a_lost_answer_arrives_exactly_once(w):
    w.sandbox.set(avito_echo="none")
    seller, chat, thread = _conversation(w)
    _fault_avito(w, seller, method="messages.image",
                 kind="accepted_then_reset")
    message = seller.write(thread, kind="photo")
    until(lambda: _done(w, seller, message), "it is known to have arrived")
    chat.rests()
    assert [m["type"] for m in chat.sent()] == ["image"]


@test(events=("delivery.*",))
def order_holds_behind_a_lost_answer(w):
    seller, chat, thread = _conversation(w)
    _fault_avito(w, seller, method="messages.send",
                 kind="accepted_then_reset")
    for n in range(4):
        last = seller.write(thread, text=f"По порядку {n}")
    until(lambda: _done(w, seller, last), "the last has arrived")
    assert chat.sent_texts() == [f"По порядку {n}" for n in range(4)]


@test(events=("delivery.*",))
def limit_of_avito_is_kept(w):
    seller, chat, thread = _conversation(w)
    _fault_avito(w, seller, method="messages.send", kind="status",
                 status=429, retry_after=60)
    since = w.sandbox.mark()
    seller.write(thread, text="Не раньше")
    w.sandbox.wait(calls_since=since, method="messages.send",
                   outcome="fault:status")
    until(lambda: _arrived(w, chat, "Не раньше", 20), "it arrives")
    sends = [c for c in w.sandbox.calls(since, method="messages.send")
             if c["account"] == str(seller.user_id)]
    assert len(sends) == 2, sends
    waited = (sends[1]["at_us"] - sends[0]["at_us"]) / 1000000
    assert waited >= 60, waited


# --- sending to Telegram ---

def _reaches_the_topic(w, **rule):
    seller, chat, _ = _conversation(w)
    w.sandbox.fault(service="telegram", method="sendMessage",
                    account=str(seller.bot_id), **rule)
    chat.say("Дойдёт")
    until(lambda: _hurried(w, chat, "Дойдёт"), "it is in the topic")
    return chat


def _hurried(w, chat, text, seconds=10):
    w.hurry(seconds)
    return chat.showing(text)


@test(events=("delivery.*",))
def telegram_500_still_arrives(w):
    for kind in ("status", "html_502", "reset", "invalid_json"):
        rule = {"status": 500} if kind == "status" else {}
        chat = _reaches_the_topic(w, kind=kind, times=2, **rule)
        chat.rests()
        assert len(chat.showing("Дойдёт")) == 1, kind


@test(events=("delivery.*",))
def telegram_limit_is_kept(w):
    seller, chat, _ = _conversation(w)
    w.sandbox.fault(service="telegram", method="sendMessage", kind="status",
                    account=str(seller.bot_id), status=429, retry_after=30)
    since = w.sandbox.mark()
    chat.say("Не раньше")
    w.sandbox.wait(calls_since=since, method="sendMessage",
                   outcome="fault:status")
    until(lambda: _hurried(w, chat, "Не раньше"), "it arrives")
    sends = [c for c in w.sandbox.calls(since, method="sendMessage")
             if c["account"] == str(seller.bot_id)]
    assert len(sends) == 2, sends
    assert sends[1]["at_us"] - sends[0]["at_us"] >= 30000000, sends


@test(events=("delivery.*",))
def lost_answer_of_create_topic_still_makes_a_topic(w):
    seller = w.seller()
    w.sandbox.fault(service="telegram", method="createForumTopic",
                    account=str(seller.bot_id), kind="accepted_then_reset")
    chat = seller.buyer()
    chat.say("В теме")
    until(lambda: _hurried(w, chat, "В теме"), "it is in a topic")
    chat.rests()
    assert len(chat.in_topic()) == 2, "card and message"


@test(events=("task.outcome", "delivery.*"))
def pin_or_reaction_that_fails_changes_no_message(w):
    seller = w.seller()
    for method in ("pinChatMessage", "setMessageReaction"):
        w.sandbox.fault(service="telegram", method=method, kind="status",
                        account=str(seller.bot_id), status=400, times=0,
                        body={"ok": False, "error_code": 400,
                              "description": "Bad Request: not enough "
                                             "rights"})
    chat = seller.buyer()
    chat.say("Без закрепа")
    thread = chat.shown("Без закрепа")
    seller.write(thread, text="Без реакции")
    chat.arrives("Без реакции")
    chat.rests()
    assert chat.sent_texts() == ["Без реакции"]


@test(events=("delivery.*", "dialog.details_missing"))
def message_comes_though_avito_hides_buyer_and_ad(w):
    seller = w.seller()
    _fault_avito(w, seller, method="chat", kind="status", status=500,
                 times=0)
    chat = seller.buyer()
    chat.say("Без имени")
    until(lambda: _hurried(w, chat, "Без имени"), "it is in a topic")


# --- stopping and starting ---

def _flow(seller, chat, thread, n):
    """n messages each way."""
    for i in range(n):
        chat.say(f"Туда {i}.")
        seller.write(thread, text=f"Обратно {i}.")


def _flowed(w, chat, n):
    """All n came, each once and in order, both ways."""
    until(lambda: len(chat.showing("Туда")) >= n and
          len(chat.sent_texts()) >= n or w.hurry(10),
          "all messages have come through")
    chat.rests()
    w.sandbox.wait(idle=1)
    shown = [m["text"].partition("\n")[2] for m in chat.showing("Туда")]
    assert shown == [f"Туда {i}." for i in range(n)], shown
    texts = chat.sent_texts()
    assert texts == [f"Обратно {i}." for i in range(n)], texts


@test(events=("delivery.*", "task.*"))
def daemon_stops_within_five_seconds_and_loses_nothing(w):
    seller, chat, thread = _conversation(w)
    # Work that is in flight and does not end by itself.
    hangs = [_fault_avito(w, seller, method="messages.send", kind="hang",
                          delay_ms=60000, processed=True),
             w.sandbox.fault(service="telegram", method="sendMessage",
                             account=str(seller.bot_id), kind="latency",
                             delay_ms=300)]
    _flow(seller, chat, thread, 5)
    until(lambda: w.db.count("attempts", "finished_at IS NULL") > 0,
          "something is in flight")
    w.stack.terminate("daemon", 5)
    for fault in hangs:
        w.sandbox.end_fault(fault)
    _start_after_the_leases(w)
    _flowed(w, chat, 5)


@test(events=("delivery.lease_overrun", "task.*"))
def clock_that_jumps_past_a_lease_doubles_nothing(w):
    seller, chat, thread = _conversation(w)
    hang = w.sandbox.fault(service="telegram", method="sendMessage",
                           account=str(seller.bot_id), kind="latency",
                           delay_ms=3000)
    chat.say("Один раз.")
    until(lambda: w.db.count("attempts", "finished_at IS NULL") > 0,
          "it is in flight")
    since = w.stack.log_size("daemon")
    w.hurry(600)
    until(lambda: "delivery.lease_overrun" in
          w.stack.log_text("daemon", since), "the lane is claimed again")
    w.sandbox.end_fault(hang)
    chat.shown("Один раз.")
    chat.rests()
    assert len(chat.showing("Один раз.")) == 1, chat.showing("Один раз.")


def _start_after_the_leases(w):
    """What was in flight is found when its lease ends.  The clock is moved
    before the start: work of the new daemon has leases, too."""
    w.hurry(200)
    w.stack.start("daemon")


@test(events=("daemon.died", "delivery.*"))
def next_start_takes_over_without_waiting_for_the_leases(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    w.sandbox.fault(service="avito", method="messages.send", kind="hang",
                    account=str(seller.user_id))
    since = w.sandbox.mark()
    seller.write(thread, text="Добрый день")
    w.sandbox.wait("the send is under way", calls_since=since,
                   method="messages.send", chat=chat.id)
    lease = w.db.one("SELECT max(due_at) FROM lanes WHERE lease_token"
                     " IS NOT NULL")
    w.stack.kill("daemon")
    w.stack.start("daemon")
    # Sooner than the lease, which nobody holds any more, would have ended.
    until(lambda: w.db.one("SELECT due_at < %s FROM lanes WHERE dialog_id ="
                           " %s AND direction = 'buyer'", lease,
                           chat.dialog()["id"]) == "t", "the lease is over")
    w.hurry(6)
    until(lambda: w.hurry(4) or chat.sent_texts(), "it goes out")
    assert chat.sent_texts() == ["Добрый день"]


@test(events=OUTAGE)
def killed_daemon_loses_and_doubles_nothing(w):
    seller, chat, thread = _conversation(w)
    _flow(seller, chat, thread, 6)
    w.stack.kill("daemon")
    w.sandbox.wait(idle=1)
    _start_after_the_leases(w)
    until(lambda: len(chat.sent_texts()) >= 6 and
          len(chat.showing("Туда")) >= 6 or w.hurry(10), "all come through")
    chat.rests()
    assert chat.sent_texts() == [f"Обратно {i}." for i in range(6)]
    shown = [m["text"].partition("\n")[2] for m in chat.showing("Туда")]
    # To our own group an unsure message is sent again: twice, never never.
    assert list(dict.fromkeys(shown)) == [f"Туда {i}." for i in range(6)], shown


def _survives(w, service):
    """Messages sent while the service is away arrive when it is back."""
    seller, chat, thread = _conversation(w)
    w.stack.kill(service)
    try:
        _flow(seller, chat, thread, 3)
    finally:
        w.stack.start(service)
    _flowed(w, chat, 3)


@test(events=OUTAGE)
def killed_web_is_survived(w):
    _survives(w, "web")


@test(events=OUTAGE)
def killed_nginx_is_survived(w):
    _survives(w, "nginx")


@test(events=OUTAGE)
def killed_redis_is_survived(w):
    _survives(w, "redis")


@test(events=OUTAGE)
def killed_postgres_is_survived(w):
    _survives(w, "postgres")


@test(events=OUTAGE)
def without_web_nginx_answers_503_with_a_problem(w):
    w.stack.kill("web")
    try:
        for path in ("/api/me", "/health/ready", "/openapi.json"):
            answer = http_call(w.stack.url, "GET", path)
            assert answer.status == 503, answer
            assert answer.type == "application/problem+json", answer.type
            assert answer.headers["Retry-After"], answer.headers
    finally:
        w.stack.start("web")


@test(events=OUTAGE)
def without_database_a_webhook_is_503_and_repeated(w):
    seller, chat, thread = _conversation(w)
    since = w.sandbox.deliveries_mark()
    w.stack.kill("postgres")
    try:
        assert seller.post_update({"update_id": 1}).status == 503
        seller.write(thread, text="Пока базы нет")
        w.sandbox.wait(deliveries_since=since, service="telegram",
                       status=503)
    finally:
        w.stack.start("postgres")
    chat.arrives("Пока базы нет")
    assert chat.sent_texts() == ["Пока базы нет"]


@test(events=OUTAGE)
def health_tells_what_is_away(w):
    def ready():
        answer = http_call(w.stack.url, "GET", "/health/ready")
        return answer.status, (answer.json or {}).get("status")
    until(lambda: ready() == (200, "ok"), "all is well")
    w.stack.kill("redis")
    try:
        until(lambda: ready() == (200, "degraded"), "degraded without Redis")
    finally:
        w.stack.start("redis")
    w.stack.kill("postgres")
    try:
        until(lambda: ready()[0] == 503, "503 without the database")
    finally:
        w.stack.start("postgres")
    until(lambda: ready() == (200, "ok"), "all is well again")


@test(events=OUTAGE)
def crashed_worker_is_replaced(w):
    _, chat, _ = _conversation(w)
    before = w.stack.workers("web")
    victims = {pid for pid in before if not children(pid)}
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(w.stack.workers("web")) == len(before) and
          not w.stack.workers("web") & victims, "new workers in their place")
    w.admin.get("/api/me")
    chat.say("После падения")
    chat.shown("После падения")


@test(events=OUTAGE)
def restarted_web_drops_no_request(w):
    seller, chat, thread = _conversation(w)
    w.stack.restart("web")
    _flow(seller, chat, thread, 2)
    _flowed(w, chat, 2)


@test(events=("delivery.*", "avito.*"))
def chat_that_cannot_be_read_back_is_shown_and_blocks_nobody(w):
    w.sandbox.set(avito_echo="none")
    seller, chat, thread = _conversation(w)
    _fault_avito(w, seller, method="messages.send",
                 kind="accepted_then_reset")
    _fault_avito(w, seller, method="messages", kind="status", status=404)
    seller.write(thread, text="Кто знает")
    until(lambda: w.db.count("deliveries", "client_id = %s AND state ="
                             " 'unsure'", seller.client_id), "it is unsure")
    w.hurry()
    dead = until(lambda: w.admin.get(
        f"/api/deliveries?client_id={seller.client_id}&state=dead")["items"],
        "a person is asked")
    assert [d["text"] for d in dead] == ["Кто знает"], dead
    seller.write(thread, text="Дальше")
    chat.arrives("Дальше")


@test(events=("delivery.*",))
def error_503_that_tells_how_long_is_obeyed_to_the_second(w):
    seller, chat, _ = _conversation(w)
    chat.rests()
    w.sandbox.fault(service="telegram", account=str(seller.bot_id),
                    method="sendMessage", kind="status", status=503,
                    body={"ok": False, "error_code": 503,
                          "description": "Service Unavailable"},
                    retry_after=600)
    chat.say("Через десять минут")
    until(lambda: w.db.count("deliveries", "client_id = %s AND state ="
                             " 'unsure'", seller.client_id), "it is unsure")
    due = float(w.db.one("SELECT extract(epoch FROM due_at) FROM lanes WHERE"
                         " client_id = %s AND direction = 'team'",
                         seller.client_id))
    assert due > w.stack.now() + 580, due - w.stack.now()
    w.stack.move_clock(620)
    chat.shown("Через десять минут")


@test(events=("delivery.*", "avito.*"))
def own_message_that_came_while_a_discarded_one_was_unsure_is_shown(w):
    seller, chat, thread = _conversation(w)
    chat.rests()
    _fault_avito(w, seller, method="messages.send", kind="reset")
    seller.write(thread, text="Не ушло")
    found = until(lambda: w.admin.get(
        f"/api/deliveries?client_id={seller.client_id}&state=unsure")["items"],
        "it is unsure")
    chat.seller_says("Из приложения")
    # It might be what was sent: that was looked for, once.
    until(lambda: w.db.count("messages", "client_id = %s AND is_parked",
                             seller.client_id) == 1 and
          w.db.count("deliveries", "id = %s AND settle_reads = 1",
                     found[0]["id"]), "parked")
    seller.api.post(f"/api/deliveries/{found[0]['id']}/discard", status=200)
    w.hurry()
    chat.shown("Из приложения")
