"""Telegram Business: personal accounts for which a source's bot answers."""

import json

from lib.complaints import buttons, complaint, press
from lib.private import Source
from lib.runner import test
from lib.wait import until
from lib.world import number


def _conversation(w, **rights):
    seller = w.seller(connect=False)
    source = Source(seller)
    account = source.account(**rights)
    customer = account.customer()
    customer.say("Здравствуйте")
    return seller, account, customer, customer.shown("Здравствуйте")


def _connection(account):
    rows = account.source.api.get(account.source.path)["connections"]
    return next(c for c in rows if c["user_id"] == account.user)


def _notices(seller):
    return [n for n in seller.api.all(
        f"/api/notices?client_id={seller.client_id}&state=open")
        if n["kind"] == "connection.ended"]


def _bring(source, update):
    """A raw update to the webhook of the source's bot."""
    hook = source.w.sandbox.telegram_bot(source.bot_id)["webhook"]
    return source.w.nobody().raw(
        "POST", hook["url"][len(source.w.stack.url):],
        json.dumps(update).encode(),
        {"Content-Type": "application/json",
         "X-Telegram-Bot-Api-Secret-Token": hook["secret_token"]})


def _held(w, seller):
    return w.db.count("lanes", "client_id = %s AND held_by LIKE"
                      " 'connection:%%'", seller.client_id)


# --- messages ---

@test
def a_customer_of_an_account_is_answered_in_its_name(w):
    seller, account, customer, thread = _conversation(w)
    dialog = customer.dialog()
    assert dialog["external_chat_id"] == customer.id, dialog
    assert dialog["buyer"]["name"] == customer.name, dialog
    assert dialog["connection_id"] == _connection(account)["id"], dialog
    written = seller.write(thread, text="Слушаю")
    answer = customer.arrives("Слушаю")
    assert answer["from"]["id"] == account.user, answer
    seller.reacted(written)
    # What we sent comes back to us and is no message.
    customer.rests()
    assert len(customer.showing("Слушаю")) == 1
    assert customer.sent_texts() == ["Слушаю"]


@test
def the_owner_himself_is_shown_and_counts_as_an_answer(w):
    seller, account, customer, thread = _conversation(w)
    assert customer.dialog()["waiting_since"]
    customer.owner_says("Сам отвечу")
    customer.shown("Сам отвечу")
    assert customer.dialog()["waiting_since"] is None
    shown = customer.showing("Сам отвечу")[0]
    assert "🏪" in shown["text"], shown


@test
def accounts_and_the_bot_itself_are_apart(w):
    """The same person and the same numbers of messages."""
    seller, account, customer, thread = _conversation(w)
    other = account.source.account()
    chats = []
    for owner in (other.user, account.source.bot_id):
        key = f"{customer.user}@{owner}"
        w.sandbox.post(f"telegram/chats/{key}/messages",
                       text=f"Пишу {owner}")
        chats.append(f"Пишу {owner}")
    for text in chats:
        until(lambda: [m for m in seller.messages()
                       if text in m.get("text", "")], text)
    threads = {m["thread"] for m in seller.messages()
               if m["by"] == "bot" and "💬" in m.get("text", "")}
    assert len(threads) == 3, threads


@test
def a_photo_goes_both_ways(w):
    seller, account, customer, thread = _conversation(w)
    customer.say(kind="photo", caption="Такой есть?")
    customer.shown("Такой есть?")
    seller.write(thread, kind="photo", caption="Есть")
    assert customer.arrives(kind="photo")["caption"] == "Есть"


@test
def what_the_owner_begins_becomes_a_dialog(w):
    seller = w.seller(connect=False)
    account = Source(seller).account()
    customer = account.customer()
    customer.owner_says("Вы спрашивали о лампе?")
    customer.shown("Вы спрашивали о лампе?")
    customer.say("Да!")
    customer.shown("Да!")
    assert len(seller.dialogs()) == 1


@test
def edits_and_deletions_of_an_account_are_followed(w):
    seller, account, customer, thread = _conversation(w)
    said = customer.say("Куплю завтра")
    customer.shown("Куплю завтра")
    customer.rests()
    customer.edit(said, text="Куплю сегодня")
    customer.shown("Куплю сегодня")
    owner = customer.owner_says("Жду")
    customer.shown("Жду")
    customer.rests()
    customer.delete(said, owner)
    until(lambda: w.db.count("messages", "client_id = %s AND deleted_at IS"
                             " NOT NULL", seller.client_id) == 2,
          "both are marked as deleted")


# --- connections ---

@test
def a_connection_is_shown_as_telegram_told_it(w):
    seller = w.seller(connect=False)
    source = Source(seller)
    account = source.account(can_reply=False)
    row = _connection(account)
    assert row["name"] == account.name, row
    assert row["is_enabled"] and not row["can_reply"], row
    assert row["can_read"] and row["can_delete"], row
    assert [n["object"] for n in _notices(seller)] == \
        [f"connection:{row['id']}"]
    account.connect()
    assert _connection(account)["id"] == row["id"]
    assert not _notices(seller)


@test
def an_ended_connection_holds_answers_and_says_so(w):
    seller, account, customer, thread = _conversation(w)
    account.connect(enabled=False)
    assert _notices(seller)
    written = seller.write(thread, text="Потом")
    customer.shown("⏸ Ответ ждёт. Владелец аккаунта отключил бота")
    until(lambda: _held(w, seller), "the answer waits")
    seller.write(thread, text="И это")
    assert not customer.sent()
    account.connect()
    customer.arrives("И это")
    seller.reacted(written)
    assert customer.sent_texts() == ["Потом", "И это"]
    assert not _notices(seller)
    assert len(customer.showing("⏸")) == 1


@test
def without_the_right_to_reply_answers_wait(w):
    seller, account, customer, thread = _conversation(w, can_reply=False)
    seller.write(thread, text="Нельзя")
    customer.shown("⏸ Ответ ждёт. Владелец аккаунта не разрешает")
    account.connect(can_reply=True)
    customer.arrives("Нельзя")


@test
def an_end_that_nobody_told_is_learnt_from_the_refusal(w):
    seller, account, customer, thread = _conversation(w)
    w.sandbox.fault(service="telegram", method="sendMessage", kind="status",
                    account=str(account.source.bot_id), status=400,
                    body={"ok": False, "error_code": 400, "description":
                          "Bad Request: BUSINESS_CONNECTION_INVALID"})
    seller.write(thread, text="Кто здесь?")
    customer.shown("⏸ Ответ ждёт.")
    assert not _connection(account)["is_enabled"]
    # It was not so: Telegram is asked again.
    until(lambda: w.hurry(60) or customer.sent_texts() == ["Кто здесь?"],
          "the answer goes after all")
    assert _connection(account)["is_enabled"]


@test
def after_a_day_of_silence_the_operator_is_told(w):
    seller, account, customer, thread = _conversation(w)
    w.sandbox.fault(service="telegram", method="sendMessage", kind="status",
                    account=str(account.source.bot_id), status=400,
                    body={"ok": False, "error_code": 400, "description":
                          "Bad Request: BUSINESS_PEER_USAGE_MISSING"})
    written = seller.write(thread, text="Вы ещё думаете?")
    said = complaint(seller, written, "❌ Не доставлено: Клиент не писал")
    customer.say("Думаю")
    assert press(seller, said) == "Повторяем."
    customer.arrives("Вы ещё думаете?")


@test(events=("webhook.*",))
def a_message_before_its_connection_is_brought_again(w):
    """Telegram's queues are apart: the message may be faster."""
    seller, account, customer, thread = _conversation(w)
    w.db.rows("UPDATE dialogs SET connection_id = NULL WHERE client_id = %s",
              seller.client_id)
    w.db.rows("DELETE FROM business_connections WHERE client_id = %s",
              seller.client_id)
    customer.say("Ещё вопрос")
    customer.shown("Ещё вопрос")
    assert _connection(account)["is_enabled"]
    assert customer.dialog()["connection_id"] == _connection(account)["id"]


@test(events=("webhook.*", "task.*"))
def a_connection_that_telegram_does_not_know_is_quarantined(w):
    seller = w.seller(connect=False)
    source = Source(seller)
    n = number()
    now = int(w.stack.now())
    update = {"update_id": 910000000 + n, "business_message": {
        "message_id": 5, "date": now, "text": "Ниоткуда",
        "business_connection_id": f"none{n}",
        "from": {"id": 600000 + n, "is_bot": False, "first_name": "Кто"},
        "chat": {"id": 600000 + n, "type": "private"}}}
    assert _bring(source, update).status == 503
    update["business_message"]["date"] = now - 400
    update["update_id"] += 1
    assert _bring(source, update).status == 200
    assert w.db.count("quarantine", "client_id = %s", seller.client_id) == 1
    assert not seller.dialogs()


@test
def an_older_word_changes_nothing(w):
    seller, account, customer, thread = _conversation(w)
    row = _connection(account)
    update = {"update_id": 920000000 + number(), "business_connection": {
        "id": "former", "user_chat_id": account.user,
        "date": int(w.stack.now()) - 86400, "is_enabled": False,
        "user": {"id": account.user, "is_bot": False, "first_name": "Кто"}}}
    assert _bring(account.source, update).status == 200
    assert _connection(account) == row


# --- unsure ---

@test(events=("delivery.unsure",))
def our_own_message_that_comes_back_settles_an_unsure_send(w):
    seller, account, customer, thread = _conversation(w)
    w.sandbox.fault(service="telegram", method="sendMessage",
                    account=str(account.source.bot_id),
                    kind="accepted_then_reset")
    written = seller.write(thread, text="Дошло?")
    customer.arrives("Дошло?")
    seller.reacted(written)
    customer.rests()
    assert customer.sent_texts() == ["Дошло?"]
    assert len(customer.showing("Дошло?")) == 1


@test(events=("delivery.unsure",))
def without_an_echo_the_operator_is_asked(w):
    seller, account, customer, thread = _conversation(w)
    w.sandbox.set(telegram_business_echo=False)
    w.sandbox.fault(service="telegram", method="sendMessage",
                    account=str(account.source.bot_id),
                    kind="accepted_then_reset")
    written = seller.write(thread, text="Дошло?")
    said = complaint(seller, written, "❓ Неизвестно, дошло ли")
    assert buttons(said) == ["Отправить ещё раз", "Дошло"]
    assert press(seller, said, row=1) == "Отмечено."
    complaint(seller, written, "✅ Дошло")
    assert customer.sent_texts() == ["Дошло?"]
