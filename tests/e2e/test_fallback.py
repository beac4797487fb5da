"""Messages in the group outside of every dialog's topic."""

from lib.runner import test
from lib.wait import until
from lib.world import number

ASKS = "Кому отправить это сообщение?"


def _conversation(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    _said(chat)
    return seller, chat


def _said(chat, text="Здравствуйте"):
    chat.say(text)
    until(lambda: _shown(chat, text), "the message in the group")
    chat.rests()


def _shown(chat, text):
    """Also where there are no topics."""
    return [m for m in chat.seller.messages()
            if chat.name in m.get("text", "") and text in m["text"]]


def _foreign(w, seller, name="Разное"):
    return w.sandbox.post(f"telegram/groups/{seller.group}/topics",
                          name=name, **{"from": seller.operator})["thread"]


def _answers(seller, written):
    return [m for m in seller.messages()
            if m["by"] == "bot" and
            m.get("reply_to_message", {}).get("message_id") ==
            written["message_id"]]


def _answer(seller, written, begin):
    """The bot's only word about it, once it begins so."""
    def found():
        said = _answers(seller, written)
        assert len(said) <= 1, said
        return [m for m in said if m["text"].startswith(begin)]
    return until(found, f"the answer {begin!r}")[0]


def _buttons(message):
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [b["text"] for row in rows for b in row]


def _press(seller, message, text, person=None):
    """The button that begins so; the toast."""
    row = next(i for i, b in enumerate(_buttons(message))
               if b.startswith(text))
    return _press_row(seller, message, row, person)


def _press_row(seller, message, row, person=None, data=None):
    path = f"telegram/chats/{seller.group}/messages/{message['message_id']}"
    what = {"data": data} if data else {"row": row, "column": 0}
    query = seller.w.sandbox.call("POST", f"{path}/press", {
        "from": person or seller.operator, **what})["callback_query_id"]
    return until(lambda: _answered(seller, query), "the answer to the press")


def _answered(seller, query):
    shown = seller.w.sandbox.get(f"telegram/callbacks/{query}")
    return shown["answered"] and (shown["text"] or " ")


def _set(seller, **fields):
    seller.api.patch(f"/api/projects/{seller.project['id']}", fields)


@test
def quote_goes_to_its_dialog_from_wherever(w):
    seller, chat = _conversation(w)
    other = seller.buyer()
    _said(other, "Другой")
    theirs = _shown(chat, "Здравствуйте")[0]["message_id"]
    for n, thread in enumerate((0, _foreign(w, seller), other.topic())):
        written = seller.write(thread, text=f"ответ {n}", reply_to=theirs)
        if thread == other.topic():
            other.arrives(f"ответ {n}")
            continue
        chat.arrives(f"ответ {n}")
        seller.reacted(written)
    own = seller.write(0, text="ещё", reply_to=written["message_id"])
    other.arrives("ещё")
    seller.reacted(own)
    assert chat.sent_texts() == ["ответ 0", "ответ 1"]
    assert other.sent_texts() == ["ответ 2", "ещё"]


@test
def general_is_for_colleagues(w):
    seller, chat = _conversation(w)
    bot = w.sandbox.telegram_bot(seller.bot_id)["username"]
    seller.write(0, text="Коллеги, обед!")
    seller.write(0, text="// и заметка")
    mentioned = seller.write(0, text=f"@{bot}, уже выезжаем",
                             entities=[{"type": "mention", "offset": 0,
                                        "length": len(bot) + 1}])
    asked = _answer(seller, mentioned, ASKS)
    assert w.db.count("unrouted", f"chat_id = {seller.group}") == 1
    assert _press(seller, asked, chat.name) == "Отправляем."
    chat.arrives("уже выезжаем")
    _set(seller, fallback="latest")
    _answer(seller, seller.write(0, text=f"А это кому, @{bot}?"), ASKS)
    _set(seller, fallback="off")
    _answer(seller, seller.write(0, text=f"@{bot} а это?"), "🚫 Никому")
    assert chat.sent_texts() == ["уже выезжаем"]


@test
def foreign_topic_asks_with_the_last_five_dialogs(w):
    seller = w.seller()
    chats = [seller.buyer() for _ in range(6)]
    for chat in chats:
        _said(chat)
    thread = _foreign(w, seller)
    written = seller.write(thread, text="Готово, приезжайте")
    asked = _answer(seller, written, ASKS)
    assert asked["message_thread_id"] == thread
    buttons = _buttons(asked)
    assert len(buttons) == 6 and buttons[5].startswith("Никому"), buttons
    for button, chat in zip(buttons[:5], reversed(chats)):
        assert button.startswith(chat.name) and len(button) <= 40, buttons
    assert _press(seller, asked, chats[3].name) == "Отправляем."
    chats[3].arrives("Готово, приезжайте")
    seller.reacted(written)
    told = _answer(seller, written, f"➡️ Отправлено: {chats[3].name}")
    assert told["message_id"] == asked["message_id"]
    assert not _buttons(told)
    # Pressed by somebody whose screen is behind.
    data = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert _press_row(seller, told, 0, data=data) == "Уже отправлено."
    assert [len(c.sent()) for c in chats] == [0, 0, 0, 1, 0, 0]


@test
def same_update_twice_asks_once(w):
    seller, chat = _conversation(w)
    thread = _foreign(w, seller)
    n = number()
    update = {"update_id": 920000 + n, "message": {
        "message_id": 820000 + n, "date": int(w.stack.now()),
        "from": {"id": seller.operator, "is_bot": False, "first_name": "О"},
        "chat": {"id": seller.group, "type": "supergroup", "title": "Г",
                 "is_forum": True},
        "message_thread_id": thread, "is_topic_message": True,
        "text": "Кому-то"}}
    for _ in range(2):
        assert seller.post_update(update).status == 200
        chat.rests()
    until(lambda: [m for m in seller.messages(thread)
                   if m.get("text") == ASKS], "the question")
    assert w.db.count("unrouted", f"chat_id = {seller.group}") == 1
    chat.rests()
    assert len([m for m in seller.messages(thread) if m["by"] == "bot"]) == 1


@test
def photo_and_album_go_as_they_are(w):
    seller, chat = _conversation(w)
    thread = _foreign(w, seller)
    photo = seller.write(thread, kind="photo", caption="Вот")
    _press(seller, _answer(seller, photo, ASKS), chat.name)
    until(lambda: len(chat.sent()) >= 2, "the photo and its words")
    album = w.sandbox.call(
        "POST", f"telegram/chats/{seller.group}/messages",
        {"from": seller.operator, "thread": thread, "kind": "album"}
    )["messages"]
    asked = _answer(seller, album[0], ASKS)
    assert not any(_answers(seller, m) for m in album[1:])
    until(lambda: w.db.count("unrouted", f"chat_id = {seller.group}") ==
          1 + len(album), "all items are kept")
    _press(seller, asked, chat.name)
    until(lambda: len(chat.sent()) >= 2 + len(album), "the album")
    chat.rests()
    assert len(chat.sent()) == 2 + len(album)
    late = seller.write(thread, kind="photo", album=album[0]["media_group_id"])
    until(lambda: len(chat.sent()) == 3 + len(album), "the late one")
    assert not _answers(seller, late)


@test
def topic_of_colleagues_is_not_asked_about_again(w):
    seller, chat = _conversation(w)
    thread = _foreign(w, seller, "Курилка")
    written = seller.write(thread, text="Кто на обед?")
    asked = _answer(seller, written, ASKS)
    assert _press(seller, asked, "Никому") == "Не отправлено."
    told = _answer(seller, written, "🚫 Никому не отправлено")
    assert not _buttons(told)
    second = seller.write(thread, text="Я")
    quoted = seller.write(thread, text="по делу", reply_to=_shown(
        chat, "Здравствуйте")[0]["message_id"])
    chat.arrives("по делу")
    seller.reacted(quoted)
    assert not _answers(seller, second)
    assert chat.sent_texts() == ["по делу"]


@test
def latest_goes_to_the_newest_open_dialog_and_says_where(w):
    seller, first = _conversation(w)
    _set(seller, fallback="latest")
    second, third = seller.buyer(), seller.buyer()
    _said(second)
    _said(third)
    seller.api.patch(third.dialog_path, {"status": "closed"})
    thread = _foreign(w, seller)
    written = seller.write(thread, text="Кто последний?")
    _answer(seller, written, f"➡️ Отправлено в последний диалог: "
            f"{second.name}")
    second.arrives("Кто последний?")
    for chat in (first, second):
        seller.api.patch(chat.dialog_path, {"status": "closed"})
    _answer(seller, seller.write(thread, text="А теперь?"),
            "🚫 Никому не отправлено: открытых")
    assert not first.sent() and not third.sent()


@test
def off_says_that_it_went_nowhere(w):
    seller, chat = _conversation(w, project_fields={"fallback": "off"})
    written = seller.write(_foreign(w, seller), text="Кому-нибудь")
    _answer(seller, written, "🚫 Никому не отправлено: пишите в теме")
    assert not chat.sent()


@test
def group_without_topics_is_answered_by_quotes(w):
    seller, chat = _conversation(w, topic_mode=False)
    other = seller.buyer()
    _said(other, "Другой")
    theirs = _shown(chat, "Здравствуйте")[0]["message_id"]
    written = seller.write(0, text="по цитате", reply_to=theirs)
    chat.arrives("по цитате")
    seller.reacted(written)
    asked = _answer(seller, seller.write(0, text="без цитаты"), ASKS)
    _press(seller, asked, other.name)
    other.arrives("без цитаты")
    assert chat.sent_texts() == ["по цитате"]


@test
def quote_is_a_hint_and_never_a_condition(w):
    seller, chat = _conversation(w, project_fields={"require_quote": True})
    seller.write(chat.topic(), text="без цитаты")
    chat.arrives("без цитаты")


@test
def only_operators_choose(w):
    seller, chat = _conversation(w, project_fields={"operators": "linked"})
    person = 540000 + number()
    w.sandbox.post("telegram/users", id=person, first_name="Свой")
    w.sandbox.post(f"telegram/groups/{seller.group}/members", user=person,
                   status="member")
    user = w.user(seller.client_id, role="manager").user
    seller.api.patch(f"/api/users/{user['id']}",
                     {"telegram_user_id": person})
    written = seller.write(_foreign(w, seller), text="Кому?")
    asked = _answer(seller, written, ASKS)
    assert _press(seller, asked, chat.name).startswith("Вам нельзя")
    assert _press(seller, asked, "Никому").startswith("Вам нельзя")
    assert not chat.sent()
    assert _press(seller, asked, chat.name, person) == "Отправляем."
    chat.arrives("Кому?")
    theirs = _shown(chat, "Здравствуйте")[0]["message_id"]
    seller.write(0, text="от чужого", reply_to=theirs)
    seller.write(0, text="от своего", reply_to=theirs, **{"from": person})
    chat.arrives("от своего")
    assert chat.sent_texts() == ["Кому?", "от своего"]


@test
def projects_of_one_bot_ask_and_leave_out_what_is_off(w):
    seller, chat = _conversation(w)
    quiet = w.seller(client=seller.client_id, bot=seller,
                     project_fields={"fallback": "off"})
    hidden = quiet.buyer()
    _said(hidden)
    written = seller.write(_foreign(w, seller), text="Кому?")
    buttons = _buttons(_answer(seller, written, ASKS))
    assert len(buttons) == 2 and buttons[0].startswith(chat.name), buttons


def _second_bot(w, seller):
    """Another bot of the client in the same group, with a project of its
    own."""
    n = number()
    token = f"{7500000 + n}:AAtok-{n:08d}-e2e-Second_{n}"
    w.secret(token)
    w.telegram_bot(7500000 + n)
    w.sandbox.post("telegram/bots", token=token, name=f"Второй {n}",
                   username=f"second{n}_bot", privacy=False)
    w.sandbox.post(f"telegram/groups/{seller.group}/members",
                   user=7500000 + n, status="administrator")
    bot = seller.api.post("/api/bots", {
        "client_id": seller.client_id, "token": token,
        "group_chat_id": seller.group, "topic_mode": True})
    seller.bot_becomes("active", bot["id"])
    w.sandbox.wait("the second bot's webhook", tg_webhook=7500000 + n)
    return bot, 7500000 + n


@test
def of_two_bots_in_a_group_one_asks_unless_one_is_named(w):
    seller, chat = _conversation(w)
    bot, bot_id = _second_bot(w, seller)
    project = seller.api.post("/api/projects", {
        "client_id": seller.client_id, "name": f"Второй {number()}",
        "bot_id": bot["id"]})
    second = w.seller(client=seller.client_id, bot=seller, project=project)
    theirs = second.buyer()
    _said(theirs, "Второму боту")
    thread = _foreign(w, seller)
    asked = _answer(seller, seller.write(thread, text="Кому?"), ASKS)
    assert [b for b in _buttons(asked) if b.startswith(chat.name)]
    assert not [b for b in _buttons(asked) if b.startswith(theirs.name)]
    name = w.sandbox.telegram_bot(bot_id)["username"]
    written = seller.write(thread, text=f"скажи @{name} да")
    chat.rests()
    said = until(lambda: [m for m in _answers(seller, written)
                          if [b for b in _buttons(m)
                              if b.startswith(theirs.name)]],
                 "the question of the named bot")[0]
    assert _press(seller, said, theirs.name) == "Отправляем."
    theirs.arrives("скажи да")
    seller.write(theirs.topic(), text="в теме второго")
    theirs.arrives("в теме второго")
    quoted = _shown(theirs, "Второму боту")[0]["message_id"]
    seller.write(0, text="по цитате", reply_to=quoted)
    theirs.arrives("по цитате")
    assert theirs.sent_texts() == ["скажи да", "в теме второго", "по цитате"]
    assert not chat.sent()


@test
def what_a_channel_posts_is_nobodys(w):
    seller, chat = _conversation(w, topic_mode=False)
    w.sandbox.post("telegram/users", id=777000, first_name="Telegram")
    w.sandbox.post(f"telegram/groups/{seller.group}/members", user=777000,
                   status="member")
    seller.write(0, text="Новость", **{"from": 777000})
    asked = _answer(seller, seller.write(0, text="Кому?"), ASKS)
    assert _buttons(asked)
    assert w.db.count("unrouted", f"chat_id = {seller.group}") == 1


def _edit(w, seller, written, text):
    w.sandbox.patch(f"telegram/chats/{seller.group}/messages/"
                    f"{written['message_id']}", text=text)


@test
def what_is_edited_meanwhile_goes_as_it_is_then(w):
    seller, chat = _conversation(w)
    written = seller.write(_foreign(w, seller), text="Цена 500")
    asked = _answer(seller, written, ASKS)
    _edit(w, seller, written, "Цена 5000")
    until(lambda: w.db.count(
        "unrouted", "body -> 'message' ->> 'text' = 'Цена 5000'"
        f" AND chat_id = {seller.group}"), "the new text is kept")
    assert _press(seller, asked, chat.name) == "Отправляем."
    chat.arrives("Цена 5000")
    assert chat.sent_texts() == ["Цена 5000"]


@test
def what_becomes_a_note_or_a_command_goes_nowhere(w):
    seller, chat = _conversation(w)
    thread = _foreign(w, seller)
    for text in ("// только для нас", "/close"):
        written = seller.write(thread, text="Скидка?")
        asked = _answer(seller, written, ASKS)
        _edit(w, seller, written, text)
        told = _answer(seller, written, "🚫 Никому не отправлено")
        assert told["message_id"] == asked["message_id"]
        assert not _buttons(told)
    bot = w.sandbox.telegram_bot(seller.bot_id)["username"]
    noted = seller.write(thread, text=f"@{bot} // это тоже")
    chat.rests()
    assert not _answers(seller, noted) and not chat.sent()


@test
def question_ends_after_a_day(w):
    seller, chat = _conversation(w)
    written = seller.write(_foreign(w, seller), text="Кому?")
    asked = _answer(seller, written, ASKS)
    chat.rests()
    w.db.one("UPDATE unrouted SET created_at = created_at - interval '25 h'"
             " WHERE chat_id = %s RETURNING 1", seller.group)
    assert _press(seller, asked, chat.name) == \
        "Эта кнопка больше не действует."
    w.db.one("UPDATE tasks SET due_at = created_at"
             " WHERE kind = 'housekeeping' RETURNING 1")
    told = _answer(seller, written, "⌛ Никому не отправлено")
    assert not _buttons(told) and not chat.sent()


@test
def buttons_from_strangers_do_nothing(w):
    seller, chat = _conversation(w)
    other = w.seller()
    foreign = other.buyer()
    _said(foreign)
    asked = _answer(seller, seller.write(_foreign(w, seller), text="Кому?"),
                    ASKS)
    row = w.db.one("SELECT id FROM unrouted WHERE chat_id = %s", seller.group)
    theirs = foreign.dialog()["id"]
    for data in (f"u:{row}:{theirs}", f"u:{int(row) + 1000}:1", f"u:{row}:-1",
                 f"u:0{row}:1", "u::", "u:1"):
        assert _press_row(seller, asked, 0, data=data) == \
            "Эта кнопка больше не действует.", data
    assert not chat.sent() and not foreign.sent()
