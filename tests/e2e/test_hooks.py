"""Webhooks: what is taken, what is refused, what changes nothing."""

import json

from lib.runner import test
from lib.wait import until
from lib.world import number


# An update that we made up names a message that nobody can react to.
MADE_UP = ("task.outcome",)


def _message(seller, thread=None, **fields):
    n = number()
    message = {
        "message_id": 600000 + n, "date": int(seller.w.stack.now()),
        "from": {"id": seller.operator, "is_bot": False,
                 "first_name": "Ольга"},
        "chat": {"id": seller.group, "type": "supergroup",
                 "title": "Группа", "is_forum": True}, **fields}
    if thread:
        message.update(message_thread_id=thread, is_topic_message=True)
    return {"update_id": 700000 + n, "message": message}


def _conversation(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    return seller, chat, chat.shown("Здравствуйте")


def _taken(answer):
    assert answer.status == 200 and answer.json == {"ok": True}, answer


# --- commands ---

@test
def getid_in_the_group_tells_the_chat(w):
    seller = w.seller()
    seller.write(0, text="/getid")
    w.sandbox.wait(tg_chat=seller.group, author="bot", count=1,
                   text=str(seller.group))
    said = seller.messages()[-1]["text"]
    assert f"chat_id: {seller.group}" in said, said
    assert "Thread ID" not in said, said


@test
def getid_in_a_topic_tells_chat_and_thread(w):
    seller, chat, thread = _conversation(w)
    seller.write(thread, text="/getid")
    until(lambda: chat.showing("Thread ID"), "an answer in the topic")
    said = chat.showing("Thread ID")[0]["text"]
    assert f"chat_id: {seller.group}" in said, said
    assert f"Thread ID: {thread}" in said, said
    assert not chat.sent(), "a command is no answer to the buyer"


@test
def getid_in_private_tells_the_persons_chat(w):
    seller = w.seller()
    key = f"{seller.operator}@{seller.bot_id}"
    w.sandbox.post(f"telegram/chats/{key}/messages", text="/getid")
    w.sandbox.wait(tg_chat=key, author="bot", count=1,
                   text=f"chat_id: {seller.operator}")


@test
def getid_for_another_bot_is_not_answered(w):
    seller = w.seller()
    seller.write(0, text="/getid@somebody_else_bot")
    bot = w.sandbox.telegram_bot(seller.bot_id)
    seller.write(0, text=f"/getid@{bot['username']}")
    w.sandbox.wait(tg_chat=seller.group, author="bot", count=1)
    w.sandbox.wait(idle=1)
    assert len([m for m in seller.messages() if m["by"] == "bot"]) == 1


# --- secrets ---

@test(events=("webhook.refused",))
def wrong_secret_in_the_path_is_404_and_a_masked_warning(w):
    seller = w.seller()
    secret = f"wrong-secret-{number():08d}-of-nobody"
    w.secret(secret)
    path = seller.hook_path.rsplit("/", 1)[0] + "/" + secret
    before = w.stack.log_size("web")
    answer = seller.post_update(_message(seller), path=path)
    assert answer.status == 404, answer
    until(lambda: "warn" in w.stack.log_text("web", before) and
          "webhook.refused" in w.stack.log_text("web", before),
          "a warning in web.log")
    assert secret not in answer.data.decode()


@test(events=("webhook.refused",))
def wrong_or_missing_secret_header_is_404(w):
    seller = w.seller()
    for header in ("", "wrong", seller.hook_header + "x",
                   seller.hook_header.upper()):
        answer = seller.post_update(_message(seller, text="/getid"),
                                    header=header)
        assert answer.status == 404, (header, answer)
    assert not seller.messages()


@test(events=("webhook.refused",))
def unknown_bot_or_account_is_404(w):
    seller = w.seller()
    secret = seller.hook_path.rsplit("/", 1)[1]
    for path in (f"/api/webhooks/telegram/999999999/{secret}",
                 f"/api/webhooks/telegram/0/{secret}",
                 f"/api/webhooks/avito/999999999/{secret}"):
        assert seller.post_update({}, path=path).status == 404, path


@test(events=("webhook.refused",))
def secret_of_one_bot_does_not_open_another(w):
    one, two = w.seller(connect=False), w.seller(connect=False)
    path = one.hook_path.rsplit("/", 1)[0] + "/" + \
        two.hook_path.rsplit("/", 1)[1]
    answer = one.post_update({}, path=path, header=two.hook_header)
    assert answer.status == 404, answer


@test(events=("webhook.refused",))
def avitos_wrong_secret_is_404(w):
    seller = w.seller()
    path = _avito_path(w, seller)
    answer = _avito(w, path.rsplit("/", 1)[0] + "/wrong-secret-of-avito", {})
    assert answer.status == 404, answer


def _avito_path(w, seller):
    return seller.subscriptions()[-1]["url"][len(w.stack.url):]


def _avito(w, path, body):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return w.nobody().raw("POST", path, data,
                          {"Content-Type": "application/json"})


# --- twice ---

@test(events=MADE_UP)
def same_update_twice_changes_nothing_the_second_time(w):
    seller, chat, thread = _conversation(w)
    update = _message(seller, thread, text="Дважды")
    w.sandbox.call("POST", f"telegram/bots/{seller.bot_id}/update",
                   {"update": update, "times": 2})
    w.sandbox.wait(idle=1)
    chat.arrives("Дважды")
    chat.rests()
    assert chat.sent_texts() == ["Дважды"]
    assert w.db.count("messages", "text = 'Дважды' AND external_id = %s",
                      str(update["message"]["message_id"])) == 1


@test
def same_command_twice_is_answered_once(w):
    seller = w.seller()
    update = _message(seller, text="/getid")
    for _ in range(3):
        _taken(seller.post_update(update))
    w.sandbox.wait(tg_chat=seller.group, author="bot", count=1)
    seller.write(0, text="/getid")
    w.sandbox.wait(tg_chat=seller.group, author="bot", count=2)
    w.sandbox.wait(idle=1)
    assert len([m for m in seller.messages() if m["by"] == "bot"]) == 2


@test
def same_message_through_two_bots_of_a_group_goes_out_once(w):
    seller = w.seller()
    other = w.seller(client=seller.client_id, connect=False)
    w.sandbox.post(f"telegram/groups/{seller.group}/members",
                   user=other.bot_id, status="administrator")
    seller.api.patch(f"/api/bots/{other.bot['id']}",
                     {"group_chat_id": seller.group})
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    since = w.sandbox.deliveries_mark()
    seller.write(thread, text="Один раз")
    chat.arrives("Один раз")
    w.sandbox.wait(idle=1)
    hooks = [d for d in w.sandbox.deliveries(since, service="telegram")
             if "Один раз" in json.dumps(d["body"], ensure_ascii=False)]
    assert {d["account"] for d in hooks} == {str(seller.bot_id),
                                             str(other.bot_id)}, hooks
    chat.rests()
    assert chat.sent_texts() == ["Один раз"]


@test
def avitos_webhook_three_times_is_one_message(w):
    w.sandbox.set(avito_webhook_copies=3, avito_webhook_same_envelope=False)
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Трижды")
    chat.shown("Трижды")
    w.sandbox.wait(idle=1)
    chat.rests()
    assert len(chat.showing("Трижды")) == 1


# --- what we do not know ---

@test
def unknown_update_kinds_are_taken(w):
    seller = w.seller(connect=False)
    quarantined = w.db.count("quarantine")
    n = number()
    for update in ({"update_id": 100000 + n, "poll": {"id": "1"}},
                   {"update_id": 200000 + n, "from_the_future": {"x": [1]}},
                   {"update_id": 300000 + n}, {}):
        _taken(seller.post_update(update))
    assert w.db.count("quarantine") == quarantined


@test
def avitos_unknown_payloads_are_taken(w):
    seller = w.seller()
    path = _avito_path(w, seller)
    for body in ({}, {"payload": {"type": "chat_read", "value": {}}},
                 {"id": "x", "version": "v9", "payload": {"type": "new"}}):
        _taken(_avito(w, path, body))


@test
def what_is_no_json_is_400(w):
    seller = w.seller()
    for path in (seller.hook_path, _avito_path(w, seller)):
        for data in (b"", b"{", b"no json", b'{"a":1}}', b"\xff\xfe{}"):
            answer = seller.post_update(data, path=path)
            assert answer.status == 400, (path, data, answer)


def _quarantined(w, source, body):
    return w.db.count("quarantine", "source = %s AND body LIKE %s", source,
                      f"%{body}%")


@test
def update_that_claims_to_be_a_message_goes_to_quarantine(w):
    seller = w.seller(connect=False)
    for n, garbage in enumerate(("words", 5, [1], {"chat": "?"},
                                 {"message_id": "x", "chat": {"id": {}}})):
        mark = f"garbage-{number()}-{n}"
        update = {"update_id": 400000 + number(), "message": garbage,
                  "mark": mark}
        _taken(seller.post_update(update))
        assert _quarantined(w, "telegram", mark) == 1, garbage


@test
def avitos_message_that_is_none_goes_to_quarantine(w):
    seller = w.seller()
    for value in ({}, {"id": 5}, {"id": "a", "chat_id": []}, "x", [1]):
        mark = f"garbage-{number()}"
        _taken(_avito(w, _avito_path(w, seller), {
            "id": mark, "payload": {"type": "message", "value": value}}))
        assert _quarantined(w, "avito", mark) == 1, value


@test
def avitos_message_for_another_account_goes_to_quarantine(w):
    seller = w.seller()
    mark = f"foreign-{number()}"
    _taken(_avito(w, _avito_path(w, seller), {
        "id": mark, "payload": {"type": "message", "value": {
            "id": mark, "chat_id": "u2i-x", "chat_type": "u2i",
            "user_id": seller.user_id + 1, "author_id": 5,
            "created": int(w.stack.now()), "type": "text",
            "content": {"text": "не туда"}}}}))
    assert _quarantined(w, "avito", mark) == 1
    assert w.db.count("messages", "external_id = %s", mark) == 0


# --- bytes that PostgreSQL does not take ---

@test
def nul_and_lone_surrogates_of_a_buyer_are_replaced(w):
    seller = w.seller()
    chat = seller.buyer()
    body = json.dumps({"id": "e", "version": "v3.0.0", "payload": {
        "type": "message", "value": {
            "id": f"m{number():031d}", "chat_id": chat.id,
            "chat_type": "u2i", "user_id": seller.user_id,
            "author_id": chat.buyer_id, "created": int(w.stack.now()),
            "type": "text", "content": {"text": "@"},
            "item_id": chat.item}}})
    body = body.replace('"@"', r'"a\u0000b\ud800c\udc00d\ud83d\udc4d"')
    _taken(_avito(w, _avito_path(w, seller), body.encode()))
    chat.shown("a\ufffdb\ufffdc\ufffdd👍")


@test(events=MADE_UP)
def nul_and_lone_surrogates_of_an_operator_are_replaced(w):
    seller, chat, thread = _conversation(w)
    update = json.dumps(_message(seller, thread, text="@"))
    update = update.replace('"@"', r'"e\u0000f\udfffg"')
    _taken(seller.post_update(update.encode()))
    chat.arrives("e\ufffdf\ufffdg")


# --- the rest of the contract ---

@test
def webhook_demands_post(w):
    seller = w.seller(connect=False)
    for method in ("GET", "PUT", "DELETE"):
        answer = w.nobody().raw(method, seller.hook_path)
        assert answer.status == 405, (method, answer)
        assert answer.headers["Allow"] == "POST", answer.headers["Allow"]


@test
def oversized_update_is_413(w):
    seller = w.seller(connect=False)
    data = b'{"x":"' + b"a" * (2 * 1024 * 1024) + b'"}'
    assert seller.post_update(data).status == 413


@test
def allowed_updates_and_pending_ones_are_as_agreed(w):
    seller = w.seller(connect=False)
    hook = w.sandbox.telegram_bot(seller.bot_id)["webhook"]
    assert {"message", "edited_message", "callback_query", "my_chat_member",
            "message_reaction"} <= set(hook["allowed_updates"]), hook
    call = w.sandbox.calls(method="setWebhook")[-1]
    assert call["params"].get("drop_pending_updates") in (None, False), call
    assert hook["url"].startswith(
        f"{w.stack.url}/api/webhooks/telegram/{seller.bot['id']}/"), hook


@test(events=("bot.broken",))
def bot_that_loses_its_rights_is_shown_so_and_mended(w):
    seller = w.seller(connect=False)
    group = f"telegram/groups/{seller.group}/members"
    w.sandbox.post(group, user=seller.bot_id, status="administrator",
                   rights={"can_manage_topics": False})
    assert seller.bot_becomes("error")["last_error"]
    w.sandbox.post(group, user=seller.bot_id, status="administrator")
    assert not seller.bot_becomes("active")["last_error"]
