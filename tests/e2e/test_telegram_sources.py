"""Telegram sources: people write to a client's bot in private, and what they
write becomes dialogs; operators answer from the topic."""

import json

from lib.complaints import answers, buttons, complaint, press
from lib.private import Source
from lib.runner import test
from lib.stack import StackError
from lib.wait import until
from lib.world import number

OURS = "api/webhooks"


def _conversation(w, bot=None, **options):
    seller = w.seller(connect=False, **options)
    source = Source(seller, bot=bot)
    person = source.person()
    person.say("Здравствуйте")
    return seller, source, person, person.shown("Здравствуйте")


def _hook(source):
    return source.w.sandbox.telegram_bot(source.bot_id)["webhook"]


def _bring(source, update, url=None, header=None):
    """A raw update to a webhook of the source's bot."""
    hook = _hook(source)
    url = url or hook["url"]
    header = hook["secret_token"] if header is None else header
    w = source.w
    return w.nobody().raw(
        "POST", url[len(w.stack.url):], json.dumps(
            update).encode(),
        {"Content-Type": "application/json",
         "X-Telegram-Bot-Api-Secret-Token": header})


def _private(person, text, message_id, update_id=None):
    """An update as Telegram writes it."""
    who = {"id": person.user, "is_bot": False, "first_name": person.name,
           "username": "ivan", "language_code": "ru"}
    return {"update_id": update_id or 900000000 + number(), "message": {
        "message_id": message_id, "date": int(person.source.w.stack.now()),
        "from": who, "text": text,
        "chat": {"id": person.user, "type": "private",
                 "first_name": person.name}}}


def _dialogs(seller):
    return seller.dialogs()


# --- both ways ---

@test
def what_a_person_writes_is_answered_from_the_topic(w):
    seller, source, person, thread = _conversation(w)
    shown = person.showing("Здравствуйте")[0]
    assert f"💬 Клиент {person.name}" in shown["text"], shown
    dialog = person.dialog()
    assert dialog["type"] == "telegram", dialog
    assert dialog["source_id"] == source.row["id"], dialog
    assert dialog["external_chat_id"] == str(person.user), dialog
    assert dialog["buyer"]["name"] == person.name, dialog
    assert dialog["unread_count"] == 1, dialog
    written = seller.write(thread, text="Добрый день!")
    person.arrives("Добрый день!")
    seller.reacted(written)
    assert person.sent_texts() == ["Добрый день!"]
    assert person.dialog()["unread_count"] == 0


@test
def one_bot_serves_the_group_and_its_people(w):
    seller, source, person, thread = _conversation(w, bot="group")
    assert source.row["bot_id"] == seller.bot["id"], source.row
    assert f"{OURS}/telegram/{seller.bot['id']}/" in _hook(source)["url"]
    seller.write(thread, text="Отвечаем тем же ботом")
    person.arrives("Отвечаем тем же ботом")
    assert person.sent_texts() == ["Отвечаем тем же ботом"]


@test
def an_answer_from_the_web_goes_to_the_person_and_the_topic(w):
    seller, source, person, thread = _conversation(w)
    owner = w.user(seller.client_id)
    owner.post(f"{person.dialog_path}/messages", {"text": "Из кабинета"})
    person.arrives("Из кабинета")
    person.shown("Из кабинета")


@test
def people_keep_their_own_dialogs(w):
    seller, source, person, thread = _conversation(w)
    other = source.person()
    other.say("Я второй")
    second = other.shown("Я второй")
    assert second != thread
    seller.write(second, text="Второму")
    seller.write(thread, text="Первому")
    other.arrives("Второму")
    person.arrives("Первому")
    assert other.sent_texts() == ["Второму"]
    assert person.sent_texts() == ["Первому"]


@test
def a_quote_is_carried_both_ways(w):
    seller, source, person, thread = _conversation(w)
    first = person.showing("Здравствуйте")[0]
    written = seller.write(thread, text="На это",
                           reply_to=first["message_id"])
    answer = person.arrives("На это")
    seller.reacted(written)
    said = [m for m in person.state()["messages"] if m["by"] == "human"][0]
    assert answer["reply_to_message"]["message_id"] == said["message_id"]
    person.say("И обратно", reply_to=answer["message_id"])
    person.shown("И обратно")
    back = person.showing("И обратно")[0]
    assert back["reply_to_message"]["message_id"] == written["message_id"]


@test
def a_file_that_the_bot_sends_on_is_kept_here_too(w):
    seller, source, person, thread = _conversation(w, bot="group")
    seller.write(thread, kind="document", caption="Прайс")
    person.arrives(kind="document")
    person.rests()
    sent = seller.api.get(f"{person.dialog_path}/messages")["items"][-1]
    assert sent["attachments"][0]["url"], sent


@test
def a_file_of_the_groups_bot_is_sent_by_the_sources(w):
    seller, source, person, thread = _conversation(w)
    seller.write(thread, kind="photo", caption="Смотрите")
    assert person.arrives(kind="photo")["caption"] == "Смотрите"
    person.say(kind="voice")
    until(lambda: [m for m in person.in_topic() if m["kind"] == "voice"],
          "the voice in the topic")


@test
def what_a_person_edits_is_shown(w):
    seller, source, person, thread = _conversation(w)
    said = person.say("Сколко стоит?")
    person.shown("Сколко стоит?")
    person.rests()
    person.edit(said, text="Сколько стоит?")
    person.shown("Сколько стоит?")
    texts = [m["text"] for m in seller.api.get(
        f"{person.dialog_path}/messages")["items"]]
    assert "Сколько стоит?" in texts and "Сколко стоит?" not in texts, texts


@test
def a_reaction_of_a_person_is_known(w):
    seller, source, person, thread = _conversation(w)
    written = seller.write(thread, text="Скидка!")
    answer = person.arrives("Скидка!")
    seller.reacted(written)
    person.react(answer, "👍")
    until(lambda: w.db.count("message_reactions", "client_id = %s AND side ="
                             " 'buyer' AND emoji = '👍'", seller.client_id),
          "the reaction is stored")


# --- what starts a dialog ---

@test
def start_with_a_label_is_kept_and_shown_as_a_line(w):
    seller = w.seller(connect=False)
    source = Source(seller)
    person = source.person()
    person.say("/start spring_sale")
    person.shown("с меткой «spring_sale»")
    assert person.dialog()["origin"] == "spring_sale"
    person.say("/start autumn")
    person.shown("с меткой «autumn»")
    assert person.dialog()["origin"] == "spring_sale"
    card = person.in_topic()[0]["text"]
    assert "spring_sale" in card, card
    thread = person.in_topic()[0]["message_thread_id"]
    seller.write(thread, text="/info")
    until(lambda: any("🏷 spring_sale" in m.get("text", "") and
                      "Диалог открыт" in m["text"]
                      for m in seller.messages(thread)), "/info tells it, too")


@test
def commands_of_people_are_words(w):
    seller, source, person, thread = _conversation(w)
    person.say("/price сколько?")
    person.shown("/price сколько?")
    person.say("/getid")
    assert person.arrives(f"chat_id: {person.user}")
    person.rests()
    assert not person.showing("/getid")


@test
def a_bot_that_is_no_source_answers_as_before(w):
    seller = w.seller(connect=False)
    n = 600000 + number()
    w.sandbox.post("telegram/users", id=n, first_name="Гость")
    key = f"{n}@{seller.bot_id}"
    w.sandbox.post(f"telegram/chats/{key}/messages", text="/start")
    w.sandbox.wait("help", tg_chat=key, author="bot", count=1)
    assert not _dialogs(seller)


@test
def a_paused_source_makes_no_dialogs(w):
    seller = w.seller(connect=False)
    source = Source(seller)
    source.api.patch(source.path, {"monitoring": False})
    person = source.person()
    person.say("Ау")
    w.sandbox.wait(idle=1)
    assert not _dialogs(seller)
    source.api.patch(source.path, {"monitoring": True})
    person.say("Есть кто?")
    person.shown("Есть кто?")


# --- webhooks ---

@test
def both_addresses_of_a_bot_are_good(w):
    seller, source, person, thread = _conversation(w)
    own = _hook(source)["url"]
    assert f"{OURS}/source-telegram/{source.row['id']}/" in own, own
    secret = own.rsplit("/", 1)[1]
    for i, url in enumerate((own, f"{w.stack.url}/{OURS}/telegram/"
                                  f"{source.row['bot_id']}/{secret}")):
        answer = _bring(source, _private(person, f"Адрес {i}", 700 + i),
                        url=url)
        assert answer.status == 200 and answer.json == {"ok": True}, answer
        person.shown(f"Адрес {i}")


@test(events=("webhook.refused",))
def a_wrong_secret_changes_nothing(w):
    seller, source, person, thread = _conversation(w)
    own = _hook(source)["url"]
    update = _private(person, "Чужое", 800)
    root = own.rsplit("/", 2)[0]
    for url, header in ((own, "wrong"), (own, ""),
                        (own.rsplit("/", 1)[0] + "/" + "x" * 43, None),
                        (f"{root}/999999999/{own.rsplit('/', 1)[1]}", None)):
        assert _bring(source, update, url, header).status == 404, url
    person.rests()
    assert not person.showing("Чужое")
    w.finish()


@test
def the_same_update_twice_is_one_message(w):
    seller, source, person, thread = _conversation(w)
    update = _private(person, "Один раз", 900)
    for _ in range(3):
        assert _bring(source, update).status == 200
    # Telegram would not, but the number of the message decides.
    assert _bring(source, _private(person, "Один раз", 900)).status == 200
    person.shown("Один раз")
    person.rests()
    assert len(person.showing("Один раз")) == 1


@test
def what_is_not_understood_goes_to_quarantine(w):
    seller, source, person, thread = _conversation(w)
    bad = {"update_id": 900000000 + number(),
           "message": {"message_id": 0, "chat": {"id": person.user}}}
    assert _bring(source, bad).status == 200
    assert w.db.count("quarantine", "client_id = %s", seller.client_id) == 1


def _looked_at(w, source):
    """Whatever was asked of its bot has been done."""
    until(lambda: not w.db.count(
        "tasks", "subject_id = %s AND kind LIKE 'bot.%%' AND (lease_token IS"
        " NOT NULL OR due_at <= to_timestamp(%s))", source.row["bot_id"],
        int(w.stack.now()) + 1), "the bot has been looked at")


@test
def the_address_follows_the_group(w):
    seller = w.seller(connect=False)
    source = Source(seller)
    bot = f"/api/bots/{source.row['bot_id']}"
    w.sandbox.post("telegram/groups", id=-1002000000000 - source.bot_id,
                   forum=True, bots=[{"id": source.bot_id}],
                   creator=seller.operator)
    seller.api.patch(bot, {"group_chat_id": -1002000000000 - source.bot_id})
    until(lambda: f"/telegram/{source.row['bot_id']}/" in
          _hook(source)["url"], "the bot's own address")
    assert _hook(source)["url"] == seller.api.get(source.path)["webhook_url"]
    seller.api.patch(bot, {"group_chat_id": None})
    until(lambda: f"/source-telegram/{source.row['id']}/" in
          _hook(source)["url"], "the source's address")
    assert _hook(source)["url"] == seller.api.get(bot)["webhook_url"]
    _looked_at(w, source)


@test
def the_address_follows_a_group_that_binds_itself(w):
    """An owner adds the bot to a group; nobody asks for a webhook."""
    seller = w.seller(connect=False)
    source = Source(seller)
    owner = w.user(seller.client_id)
    w.db.rows("UPDATE users SET telegram_user_id = %s WHERE id = %s",
              seller.operator, owner.user["id"])
    group = -1003000000000 - source.bot_id
    w.sandbox.post("telegram/groups", id=group, forum=True,
                   creator=seller.operator)
    w.sandbox.post(f"telegram/groups/{group}/members", user=source.bot_id,
                   status="administrator")
    until(lambda: f"/telegram/{source.row['bot_id']}/" in
          _hook(source)["url"], "the bot's own address")
    _looked_at(w, source)
    notices = seller.api.all(f"/api/notices?client_id={seller.client_id}")
    assert "bot.taken" not in {n["kind"] for n in notices}, notices


# --- the object ---

@test
def a_bot_of_another_client_is_refused(w):
    ours, theirs = w.seller(connect=False), w.seller(connect=False)
    answer = ours.api.call("POST", "/api/telegram-sources", {
        "project_id": ours.project["id"], "token": theirs.token}, wrong=True)
    assert answer.status == 409, answer
    assert "already connected" in answer.json["detail"], answer.json
    answer = ours.api.call("POST", "/api/telegram-sources", {
        "project_id": ours.project["id"], "bot_id": theirs.bot["id"]},
        wrong=True)
    assert answer.status == 422, answer


@test
def a_bot_is_one_source_and_its_token_is_its_own(w):
    seller = w.seller(connect=False)
    source = Source(seller, bot="group")
    answer = seller.api.call("POST", "/api/telegram-sources", {
        "project_id": seller.project["id"], "bot_id": seller.bot["id"]},
        wrong=True)
    assert answer.status == 409 and "already" in answer.json["detail"], answer
    answer = seller.api.call("DELETE", f"/api/bots/{seller.bot['id']}",
                             wrong=True)
    assert answer.status == 409, answer
    answer = seller.api.call("POST", "/api/telegram-sources", {
        "project_id": seller.project["id"],
        "token": seller.token[:-3] + "xyz"}, wrong=True)
    assert answer.status == 422, answer
    assert source.row["status"] == "active"


@test
def a_source_without_a_group_is_active_and_warns_of_nothing(w):
    seller = w.seller(connect=False)
    source = Source(seller)
    bot = seller.api.get(f"/api/bots/{source.row['bot_id']}")
    assert bot["status"] == "active" and bot["warning"] is None, bot
    assert bot["source_id"] == source.row["id"], bot
    renewed = seller.api.post(f"{source.path}/webhook", status=202)
    w.secret(renewed["webhook_url"].rsplit("/", 1)[1])
    until(lambda: _hook(source)["url"] == renewed["webhook_url"],
          "the new address at Telegram")


@test(events=("bot.*", "task.outcome"))
def a_source_says_that_its_token_is_refused(w):
    seller = w.seller(connect=False)
    source = Source(seller)
    w.sandbox.patch(f"telegram/bots/{source.bot_id}",
                    token=f"{source.bot_id}:AAanother-token-0123456789")
    seller.api.post(f"{source.path}/check", status=202)
    row = until(lambda: (lambda r: r if r["status"] == "error" else None)(
        seller.api.get(source.path)), "the source is in error")
    assert "токен" in row["last_error"], row
    kinds = {n["kind"] for n in seller.api.all(
        f"/api/notices?client_id={seller.client_id}&state=open")}
    assert "bot.token" in kinds, kinds


@test(events=("bot.*", "link.broken", "task.outcome"))
def answers_wait_for_a_good_token_and_burn_nothing(w):
    seller, source, person, thread = _conversation(w)
    token = f"{source.bot_id}:AAanother-token-{number():08d}-x"
    w.secret(token)
    w.sandbox.patch(f"telegram/bots/{source.bot_id}", token=token)
    written = seller.write(thread, text="Когда-нибудь")
    until(lambda: w.db.count("lanes", "held_by = %s",
                             f"source:{source.row['id']}"), "it waits")
    until(lambda: seller.api.get(source.path)["status"] == "error",
          "the source is in error")
    # The group's own bot is another one and works.
    assert seller.api.get(f"/api/bots/{seller.bot['id']}")["status"] == \
        "active"
    seller.api.patch(source.path, {"token": token})
    person.arrives("Когда-нибудь")
    seller.reacted(written)
    assert w.db.one("SELECT attempts FROM deliveries WHERE client_id = %s"
                    " AND direction = 'buyer'", seller.client_id) == "0"


@test(events=("bot.*", "link.broken", "delivery.*", "task.outcome"))
def a_group_in_trouble_is_no_trouble_of_private_chats(w):
    seller, source, person, thread = _conversation(w, bot="group")
    w.sandbox.post(f"telegram/groups/{seller.group}/members",
                   user=seller.bot_id, status="kicked")
    seller.bot_becomes("error")
    assert seller.api.get(source.path)["status"] == "active"
    w.user(seller.client_id).post(f"{person.dialog_path}/messages",
                                  {"text": "Мы на связи"})
    person.arrives("Мы на связи")


@test
def one_person_writes_to_two_clients(w):
    ours, theirs = _conversation(w), _conversation(w)
    stranger = theirs[2]
    key = f"{stranger.user}@{ours[1].bot_id}"
    w.sandbox.post(f"telegram/chats/{key}/messages", text="И вам привет")
    until(lambda: [m for m in ours[0].messages()
                   if "И вам привет" in m.get("text", "")], "it is shown")
    assert len(ours[0].dialogs()) == 2
    assert len(theirs[0].dialogs()) == 1
    theirs[0].write(theirs[3], text="От второго")
    stranger.arrives("От второго")
    assert not [m for m in w.sandbox.telegram_chat(key)["messages"]
                if m["by"] == "bot"]


@test
def deleting_takes_dialogs_only_when_told_to(w):
    seller, source, person, thread = _conversation(w)
    answer = seller.api.call("DELETE", source.path, wrong=True)
    assert answer.status == 409 and "1 dialogs" in answer.json["detail"]
    seller.api.delete(f"{source.path}?with_dialogs=true")
    assert not _dialogs(seller)
    # The bot stays, at its own address.
    until(lambda: f"/telegram/{source.row['bot_id']}/" in
          _hook(source)["url"], "the bot's own address")
    _looked_at(w, source)


# --- who takes no messages ---

@test
def who_blocks_the_bot_is_shown_and_what_waits_goes_later(w):
    seller, source, person, thread = _conversation(w)
    source.block(person)
    person.shown("🚫 Клиент заблокировал бота")
    assert person.dialog()["blocked_at"]
    written = seller.write(thread, text="Вы тут?")
    until(lambda: w.db.count("lanes", "held_by = %s",
                             f"dialog:{person.dialog()['id']}"),
          "the answer waits")
    assert not person.sent()
    attempts = w.db.one("SELECT max(attempts) FROM deliveries d JOIN dialogs"
                        " g ON g.id = d.dialog_id WHERE g.client_id = %s"
                        " AND direction = 'buyer'", seller.client_id)
    assert attempts == "0", attempts
    source.block(person, False)
    person.shown("✅ Клиент снова принимает сообщения")
    person.arrives("Вы тут?")
    seller.reacted(written)
    assert person.dialog()["blocked_at"] is None
    assert len(person.showing("🚫")) == 1


@test
def a_refusal_tells_that_the_bot_is_blocked(w):
    """Nobody told us before."""
    seller, source, person, thread = _conversation(w)
    w.sandbox.fault(service="telegram", account=str(source.bot_id),
                    method="sendMessage", kind="status", status=403,
                    body={"ok": False, "error_code": 403, "description":
                          "Forbidden: bot was blocked by the user"})
    seller.write(thread, text="Первое")
    person.shown("🚫 Клиент заблокировал бота")
    seller.write(thread, text="Второе")
    # Whoever writes has unblocked it.
    person.say("Я здесь")
    person.shown("✅ Клиент снова принимает сообщения")
    person.arrives("Второе")
    assert person.sent_texts() == ["Первое", "Второе"]


# --- unsure ---

def _lost(w, source, times=1, **more):
    w.sandbox.fault(service="telegram", account=str(source.bot_id),
                    method="sendMessage", kind="accepted_then_reset",
                    times=times, **more)


@test(events=("delivery.unsure",))
def nothing_is_sent_twice_by_itself(w):
    seller, source, person, thread = _conversation(w)
    _lost(w, source)
    written = seller.write(thread, text="Дошло ли?")
    said = complaint(seller, written, "❓ Неизвестно, дошло ли")
    assert buttons(said) == ["Отправить ещё раз", "Дошло"], said
    seller.write(thread, text="Дальше")
    person.arrives("Дальше")
    assert person.sent_texts() == ["Дошло ли?", "Дальше"]
    assert press(seller, said, row=1) == "Отмечено."
    complaint(seller, written, "✅ Дошло")
    person.rests()
    assert person.sent_texts() == ["Дошло ли?", "Дальше"]


@test(events=("delivery.unsure",))
def who_quotes_it_has_got_it(w):
    seller, source, person, thread = _conversation(w)
    _lost(w, source)
    written = seller.write(thread, text="Дошло ли?")
    complaint(seller, written, "❓ Неизвестно, дошло ли")
    person.say("Всё дошло", reply_to=person.sent()[-1]["message_id"])
    seller.reacted(written)
    until(lambda: [m for m in answers(seller, written)
                   if m["text"] == "✅ Доставлено"], "the complaint's end")
    person.rests()
    assert person.sent_texts() == ["Дошло ли?"]
    back = person.showing("Всё дошло")[0]
    assert back["reply_to_message"]["message_id"] == written["message_id"]


@test(events=("delivery.unsure",))
def an_operator_may_send_it_again(w):
    seller, source, person, thread = _conversation(w)
    w.sandbox.fault(service="telegram", account=str(source.bot_id),
                    method="sendMessage", kind="reset")
    written = seller.write(thread, text="Ещё раз")
    said = complaint(seller, written, "❓ Неизвестно, дошло ли")
    assert not person.sent()
    assert press(seller, said) == "Повторяем."
    person.arrives("Ещё раз")
    complaint(seller, written, "✅ Доставлено")
    seller.reacted(written)
    assert person.sent_texts() == ["Ещё раз"]


@test(events=("db.*", "redis.*", "bell.*", "delivery.*", "task.*",
              "daemon.*"))
def a_crash_between_attempt_and_answer_is_asked_about(w):
    seller, source, person, thread = _conversation(w)
    for point, arrives in (("delivery.sent", None),
                           ("delivery.answered", 1)):
        text = f"Через {point}"
        person.rests()
        w.hurry()  # a person is written to once a second
        w.stack.terminate("daemon", 5)
        written = seller.write(thread, text=text)
        w.sandbox.wait(idle=1)
        try:
            w.stack.restart_with_fault(point)
        except StackError:
            pass  # it may die before the stack has called it ready
        until(lambda: not w.stack.is_alive("daemon"), "the daemon dies")
        w.hurry(200)
        w.stack.start("daemon")
        said = complaint(seller, written, "❓ Неизвестно, дошло ли")
        seen = person.sent_texts().count(text)
        assert seen <= 1 and (arrives is None or seen == arrives), seen
        assert press(seller, said, row=0 if seen == 0 else 1)
        complaint(seller, written, "✅")
        assert person.sent_texts().count(text) == 1


@test
def what_a_person_cannot_be_sent_is_complained_of(w):
    seller, source, person, thread = _conversation(w)
    w.sandbox.fault(service="telegram", account=str(source.bot_id),
                    method="sendMessage", kind="status", status=400,
                    body={"ok": False, "error_code": 400, "description":
                          "Bad Request: message is too long"})
    written = seller.write(thread, text="Длинное")
    said = complaint(seller, written, "❌ Не доставлено")
    assert buttons(said) == ["Повторить"], said
    press(seller, said)
    person.arrives("Длинное")


@test
def too_many_requests_wait_as_told(w):
    seller, source, person, thread = _conversation(w)
    w.sandbox.fault(service="telegram", account=str(source.bot_id),
                    method="sendMessage", kind="status", status=429,
                    retry_after=1)
    seller.write(thread, text="Терпение")
    person.arrives("Терпение")
    assert person.sent_texts() == ["Терпение"]


@test
def a_person_gets_answers_in_order(w):
    seller, source, person, thread = _conversation(w)
    texts = [f"Ответ {i}" for i in range(1, 6)]
    for text in texts:
        seller.write(thread, text=text)
    person.arrives(texts[-1])
    assert person.sent_texts() == texts
