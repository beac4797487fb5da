"""Commands and notes in a dialog's topic."""

from lib.runner import test
from lib.wait import until
from lib.world import number


def _conversation(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    chat.rests()
    return seller, chat, thread


def _answers(seller, written):
    return [m for m in seller.messages(written["message_thread_id"]
                                       if "message_thread_id" in written
                                       else 0)
            if m["by"] == "bot" and
            m.get("reply_to_message", {}).get("message_id") ==
            written["message_id"]]


def _says(seller, thread, text, **more):
    """What the bot answers to it."""
    written = seller.write(thread, text=text, **more)
    return until(lambda: _answers(seller, written),
                 f"an answer to {text!r}")[0]["text"]


def _linked(w, seller, name="Иван", username=None):
    """A member of the group who is linked to a user of the client."""
    n = number()
    person = 530000 + n
    w.sandbox.post("telegram/users", id=person, first_name=name,
                   username=username or f"ivan{n}")
    w.sandbox.post(f"telegram/groups/{seller.group}/members", user=person,
                   status="member")
    user = w.user(seller.client_id, role="manager").user
    seller.api.patch(f"/api/users/{user['id']}",
                     {"telegram_user_id": person, "name": name})
    return person, user["id"]


def _messages(seller, chat):
    return seller.api.all(f"{chat.dialog_path}/messages")


@test
def close_and_reopen_change_dialog_and_topic(w):
    seller, chat, thread = _conversation(w)
    bot = w.sandbox.telegram_bot(seller.bot_id)["username"]
    assert "Диалог закрыт" in _says(seller, thread, f"/close@{bot}")
    assert chat.dialog()["status"] == "closed"
    until(lambda: seller.topics()[0]["closed"], "the topic is closed")
    assert _says(seller, thread, "/close") == "Диалог уже закрыт."
    assert _says(seller, thread, "/reopen") == "Диалог снова открыт."
    assert chat.dialog()["status"] == "open"
    until(lambda: not seller.topics()[0]["closed"], "the topic is open")
    assert not chat.sent(), "commands are not for the buyer"


@test
def commands_of_other_bots_are_ignored(w):
    seller, chat, thread = _conversation(w)
    seller.write(thread, text="/close@somebody_else_bot")
    assert _says(seller, thread, "/reopen") == "Диалог и так открыт."
    assert not chat.sent()


@test
def unknown_command_is_answered_with_help(w):
    seller, chat, thread = _conversation(w)
    for text in ("/price 500", "/help"):
        said = _says(seller, thread, text)
        assert "/close" in said and "/assign @имя" in said, said
        told = said.startswith("Команды /price нет, покупателю это не ушло.")
        assert told == text.startswith("/price"), said
    assert not chat.sent()


@test
def same_update_twice_is_answered_once(w):
    seller, chat, thread = _conversation(w)
    n = number()
    update = {"update_id": 910000 + n, "message": {
        "message_id": 810000 + n, "date": int(w.stack.now()),
        "from": {"id": seller.operator, "is_bot": False, "first_name": "О"},
        "chat": {"id": seller.group, "type": "supergroup", "title": "Г",
                 "is_forum": True},
        "message_thread_id": thread, "is_topic_message": True,
        "text": "/reopen"}}
    for _ in range(2):
        assert seller.post_update(update).status == 200
        chat.rests()
    said = [m for m in seller.messages(thread)
            if m.get("text") == "Диалог и так открыт."]
    assert len(said) == 1, said


@test
def take_needs_a_linked_person_and_tells_how(w):
    seller, chat, thread = _conversation(w)
    said = _says(seller, thread, "/take")
    assert "не привязан" in said and str(seller.operator) in said, said
    person, user_id = _linked(w, seller)
    assert _says(seller, thread, "/take", **{"from": person}) == \
        "👤 Ответственный: Иван."
    assert chat.dialog()["assignee_id"] == user_id
    assert _says(seller, thread, "/take", **{"from": person}) == \
        "Этот диалог уже ваш."


@test
def assign_finds_people_by_any_of_their_names(w):
    seller, chat, thread = _conversation(w)
    petr, petr_id = _linked(w, seller, "Пётр Иванов", f"petrov{number()}")
    _, anna_id = _linked(w, seller, "Анна Иванова")
    login = seller.api.get(f"/api/users/{anna_id}")["login"]

    def assigned(word, user_id):
        said = _says(seller, thread, f"/assign {word}")
        assert said.startswith("👤 Ответственный: "), said
        assert chat.dialog()["assignee_id"] == user_id

    assigned("Анна Иванова", anna_id)
    assigned("пётр", petr_id)
    assigned(login.upper(), anna_id)
    # Telegram's name is known from what Telegram told of that person.
    username = next(u["username"] for u in w.sandbox.get(
        "state", part="telegram")["telegram"]["users"] if u["id"] == petr)
    seller.write(thread, text="Здесь", **{"from": petr})
    chat.arrives("Здесь")
    assigned(f"@{username}", petr_id)


@test
def assign_offers_choices_to_who_is_not_clear(w):
    seller, chat, thread = _conversation(w)
    _linked(w, seller, "Пётр Иванов")
    _linked(w, seller, "Анна Иванова")
    for word, begin in (("Иванов", "Так зовут нескольких"),
                        ("Зоя", "Такого сотрудника нет"),
                        ("", "Кому передать?")):
        before = chat.dialog()["assignee_id"]
        said = _says(seller, thread, f"/assign {word}".strip())
        assert said.startswith(begin), said
        assert "Пётр Иванов" in said and "Анна Иванова" in said, said
        assert chat.dialog()["assignee_id"] == before


@test
def notes_stay_inside(w):
    seller, chat, thread = _conversation(w)
    assert "Заметка сохранена" in _says(seller, thread, "/note перезвонить")
    written = seller.write(thread, text="// скидка *5%*", entities=[
        {"type": "bold", "offset": 10, "length": 4}])
    seller.reacted(written, "✍")
    photo = seller.write(thread, kind="photo", caption="/note паспорт")
    until(lambda: _answers(seller, photo), "the note with a photo")
    photo = seller.write(thread, kind="photo", caption="//договор")
    seller.reacted(photo, "✍")
    seller.write(thread, kind="album", caption="// для своих")
    seller.write(thread, text="Добрый день")
    chat.arrives("Добрый день")
    assert chat.sent_texts() == ["Добрый день"], chat.sent_texts()
    notes = [m for m in _messages(seller, chat) if m["is_note"]]
    texts = [m["text"] for m in notes]
    assert texts[:4] == ["перезвонить", "скидка *5%*", "паспорт",
                         "договор"], texts
    assert notes[2]["attachments"] and notes[3]["attachments"]
    assert not chat.dialog()["waiting_since"], chat.dialog()


@test
def a_note_is_no_answer(w):
    seller, chat, thread = _conversation(w)
    seller.reacted(seller.write(thread, text="// думаю"), "✍")
    assert chat.dialog()["waiting_since"]
    assert "в том же сообщении" in _says(seller, thread, "/note")


@test
def delete_takes_an_operators_message_back(w):
    seller, chat, thread = _conversation(w)
    written = seller.write(thread, text="не туда")
    chat.arrives("не туда")
    seller.reacted(written)
    said = _says(seller, thread, "/delete", reply_to=written["message_id"])
    assert said == "🗑 Удаляем у покупателя.", said
    until(lambda: not chat.sent() or
          chat.sent()[0].get("type") == "deleted" or
          chat.sent()[0].get("deleted"), "it is gone at Avito")
    theirs = chat.showing("Здравствуйте")[0]["message_id"]
    assert "Удалить можно только" in _says(seller, thread, "/delete",
                                           reply_to=theirs)
    assert "Ответьте этой командой" in _says(seller, thread, "/delete")


@test
def edited_note_stays_a_note(w):
    seller, chat, thread = _conversation(w)
    written = seller.write(thread, text="// раз")
    seller.reacted(written, "✍")
    path = f"telegram/chats/{seller.group}/messages/{written['message_id']}"
    w.sandbox.patch(path, text="// два")
    until(lambda: [m for m in _messages(seller, chat) if m["is_note"] and
                   m["text"] == "два"], "the note says something else")
    answer = seller.write(thread, text="Добрый день")
    chat.arrives("Добрый день")
    path = f"telegram/chats/{seller.group}/messages/{answer['message_id']}"
    w.sandbox.patch(path, text="// не для него")
    until(lambda: [m for m in _answers(seller, answer)
                   if "Заметку или команду" in m["text"]], "the refusal")
    assert chat.sent_texts() == ["Добрый день"]


@test
def album_below_a_command_or_a_note_stays_inside(w):
    seller, chat, thread = _conversation(w)
    for n, caption in enumerate(("/foo", "/close@another_bot", "/note вот",
                                 "// вот")):
        album = f"77{seller.group}{n}".replace("-", "")
        seller.write(thread, kind="photo", album=album, caption=caption)
        chat.rests()
        seller.write(thread, kind="photo", album=album)
        until(lambda n=n: len([m for m in _messages(seller, chat)
                               if m["is_note"]]) > n, f"{caption} is kept")
        chat.rests()
        assert not chat.sent(), caption


@test
def info_shows_the_card_again(w):
    seller, chat, thread = _conversation(w)
    said = _says(seller, thread, "/info")
    assert seller.title in said and chat.name in said, said
    assert "Диалог открыт. Ответственный: никто." in said, said


@test
def only_linked_people_command_where_the_project_says_so(w):
    seller, chat, thread = _conversation(
        w, project_fields={"operators": "linked"})
    said = _says(seller, thread, "/close")
    assert "только сотрудники" in said and str(seller.operator) in said, said
    assert chat.dialog()["status"] == "open"
    person, _ = _linked(w, seller)
    assert "закрыт" in _says(seller, thread, "/close", **{"from": person})
    assert chat.dialog()["status"] == "closed"


@test
def commands_outside_of_a_topic_need_a_quote(w):
    seller, chat, thread = _conversation(w)
    said = _says(seller, 0, "/close")
    assert "в теме диалога" in said, said
    quoted = chat.showing("Здравствуйте")[0]["message_id"]
    assert "закрыт" in _says(seller, 0, "/close", reply_to=quoted)
    assert chat.dialog()["status"] == "closed"
