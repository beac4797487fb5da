"""What was edited or deleted after it was sent looks so on the other side."""

import os
import subprocess

from lib.private import Source
from lib.runner import test
from lib.stack import program
from lib.wait import until

MARK = "✏️ изменено"


def _person(w, **seller):
    return Source(w.seller(**seller)).person()


def _customer(w, **rights):
    return Source(w.seller()).account(**rights).customer()


def _copy(chat, text):
    """The message in the topic that shows it, caption or text."""
    found = chat.showing(text)
    assert len(found) == 1, found
    return found[0]


def _versions(w, text):
    """Former texts of the message that now says so, oldest first."""
    return [row[0] for row in w.db.rows(
        "SELECT v.text FROM message_versions v JOIN messages m"
        " ON m.id = v.message_id WHERE m.text = %s ORDER BY v.version", text)]


@test
def edit_of_a_person_changes_the_copy_and_keeps_the_former_text(w):
    person = _person(w)
    message = person.say("Почём лампа?")
    person.shown("Почём лампа?")
    before = _copy(person, "Почём лампа?")
    person.edit(message, text="Почём две лампы?")
    person.shown("Почём две лампы?")
    after = _copy(person, "Почём две лампы?")
    assert after["message_id"] == before["message_id"], after
    assert MARK in after["text"], after
    assert not person.showing("Почём лампа?")
    assert _versions(w, "Почём две лампы?") == ["Почём лампа?"]


@test
def formatting_of_an_edit_arrives(w):
    person = _person(w)
    message = person.say("важно")
    person.shown("важно")
    person.edit(message, text="очень важно", entities=[
        {"type": "bold", "offset": 0, "length": 5}])
    person.shown("очень важно")
    entities = _copy(person, "очень важно")["entities"]
    assert [e["type"] for e in entities] == ["bold"], entities


@test
def caption_is_edited_below_its_photo(w):
    person = _person(w)
    message = person.say(kind="photo", caption="Вот тут")
    person.shown("Вот тут")
    person.edit(message, caption="Вот здесь")
    person.shown("Вот здесь")
    copy = _copy(person, "Вот здесь")
    assert copy["kind"] == "photo" and MARK in copy["caption"], copy


@test
def many_edits_end_in_the_last_text(w):
    person = _person(w)
    message = person.say("Правка 0")
    person.shown("Правка 0")
    for n in range(1, 8):
        person.edit(message, text=f"Правка {n}")
    person.shown("Правка 7")
    assert len(_versions(w, "Правка 7")) == 7
    assert len(person.showing("Правка")) == 1


@test(events=("metrics.away",))
def two_daemons_end_in_the_last_text(w):
    path = os.path.join(w.stack.dir, "another-daemon.txt")
    with open(path, "w", encoding="utf-8") as log:
        another = subprocess.Popen(
            [program("tuberryd"), "--config",
             os.path.join(w.stack.dir, "tuberry.conf")],
            env=w.stack.environment(), stdin=subprocess.DEVNULL, stderr=log)
    try:
        source = Source(w.seller())
        people = [source.person() for _ in range(5)]
        written = [person.say("Правка 0") for person in people]
        for n in range(1, 9):
            for person, message in zip(people, written):
                person.edit(message, text=f"Правка {n}")
        for person in people:
            person.shown("Правка 8")
            person.rests()
            assert len(person.showing("Правка")) == 1
    finally:
        another.terminate()
        another.wait(15)


@test
def an_edit_that_needs_more_room_gets_it(w):
    person = _person(w)
    message = person.say("Коротко")
    person.shown("Коротко")
    text = " ".join(f"слово{n:04d}" for n in range(409))
    person.edit(message, text=text)
    person.shown("слово0408")
    parts = [m["text"] for m in person.in_topic() if "слово" in
             m.get("text", "")]
    assert len(parts) == 2 and parts[0].startswith("(1/2) "), parts
    person.edit(message, text="Снова коротко")
    person.shown("Снова коротко")
    until(lambda: not person.showing("слово"), "the second part is gone")


@test(events=("daemon.died",))
def edit_before_the_copy_exists_is_what_is_shown(w):
    person = _person(w)
    person.say("Первое")
    person.shown("Первое")
    person.rests()
    w.stack.kill("daemon")
    try:
        message = person.say("Второе, старое")
        w.sandbox.wait(idle=1)
        person.edit(message, text="Второе, новое")
        w.sandbox.wait(idle=1)
    finally:
        w.stack.start("daemon")
    person.shown("Второе, новое")
    person.rests()
    assert not person.showing("Второе, старое")


@test
def a_copy_that_is_gone_is_answered_for_in_the_topic(w):
    person = _person(w)
    message = person.say("Пропадёт")
    thread = person.shown("Пропадёт")
    copy = _copy(person, "Пропадёт")
    w.sandbox.delete(f"telegram/chats/{person.seller.group}/messages/"
                     f"{copy['message_id']}")
    person.edit(message, text="Новые слова")
    person.shown("Новые слова")
    assert _copy(person, "Новые слова")["thread"] == thread
    assert "изменено" in _copy(person, "Новые слова")["text"]


@test
def edit_of_a_customer_of_an_account_changes_the_copy(w):
    customer = _customer(w)
    message = customer.say("Можно завтра?")
    customer.shown("Можно завтра?")
    customer.edit(message, text="Можно сегодня?")
    customer.shown("Можно сегодня?")
    assert MARK in _copy(customer, "Можно сегодня?")["text"]


@test
def edit_of_an_answer_on_avito_is_refused_with_a_cure(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Продаёте?")
    thread = chat.shown("Продаёте?")
    message = seller.write(thread, text="Да, за 100")
    chat.arrives("Да, за 100")
    chat.rests()
    w.sandbox.patch(f"telegram/chats/{seller.group}/messages/"
                    f"{message['message_id']}", text="Да, за 200")
    chat.shown("прежний текст")
    said = _copy(chat, "прежний текст")
    assert said["reply_to_message"]["message_id"] == message["message_id"]
    assert chat.sent_texts() == ["Да, за 100"]
    assert w.db.one("SELECT text FROM messages WHERE origin = 'telegram'"
                    " AND external_id = %s AND origin_id = %s",
                    str(message["message_id"]), seller.group) == "Да, за 100"


@test
def deletion_by_a_customer_marks_the_copy_and_keeps_the_text(w):
    customer = _customer(w)
    message = customer.say("Не надо было")
    customer.shown("Не надо было")
    copy = _copy(customer, "Не надо было")
    customer.delete(message)
    customer.shown("🗑")
    assert _copy(customer, "🗑")["message_id"] == copy["message_id"]
    assert not customer.showing("Не надо было")
    assert w.db.one("SELECT deleted_by FROM messages WHERE text ="
                    " 'Не надо было' AND deleted_at IS NOT NULL") == "buyer"


@test
def deleted_photo_loses_its_words(w):
    customer = _customer(w)
    message = customer.say(kind="photo", caption="Тайна")
    customer.shown("Тайна")
    customer.delete(message)
    customer.shown("🗑")
    assert not customer.showing("Тайна")


# --- albums ---

def _album(chat, caption):
    chat.say(kind="album", caption=caption)
    chat.shown(caption)
    chat.rests()
    return [m for m in chat.state()["messages"] if m["kind"] == "photo"]


@test
def caption_of_an_album_is_edited_on_its_first_item(w):
    person = _person(w)
    items = _album(person, "Три фото")
    person.edit(items[0], caption="Четыре фото")
    person.shown("Четыре фото")
    assert _copy(person, "Четыре фото")["kind"] == "photo"
    assert not person.showing("Три фото")


@test
def one_item_of_an_album_deleted_is_told_and_the_rest_stays(w):
    customer = _customer(w)
    items = _album(customer, "Альбом")
    customer.delete(items[-1])
    customer.shown("один файл из альбома")
    assert customer.showing("Альбом")
    customer.delete(*items[:-1])
    customer.shown("🗑 Клиент удалил сообщение")
    assert not customer.showing("Альбом")


@test
def album_of_an_operator_is_taken_back_as_a_whole(w):
    person = _person(w)
    person.say("Покажите")
    thread = person.shown("Покажите")
    person.seller.write(thread, kind="album", caption="Вот все")
    until(lambda: len(person.sent()) > 1, "the album arrives")
    person.rests()
    message = [m for m in w.admin.get(
        f"{person.dialog_path}/messages")["items"]
        if m["text"] == "Вот все"][0]
    w.admin.delete(f"{person.dialog_path}/messages/{message['id']}",
                   status=202)
    until(lambda: not person.sent(), "nothing of it is left")
    person.shown("🗑 Удалено у покупателя")
    in_group = [m for m in person.in_topic() if m["by"] == "human"]
    assert len(in_group) > 1, "what the operator wrote stays in the topic"


# --- what operators change after it was sent to people in Telegram ---

def _answer(w, chat, text):
    """An operator's Message that has arrived."""
    chat.say("Вопрос")
    thread = chat.shown("Вопрос")
    message = chat.seller.write(thread, text=text)
    chat.arrives(text)
    chat.rests()
    return message


def _edit(w, chat, message, **change):
    w.sandbox.patch(f"telegram/chats/{chat.seller.group}/messages/"
                    f"{message['message_id']}", **change)


@test
def edit_of_an_answer_reaches_a_person_in_place(w):
    for chat in (_person(w), _customer(w)):
        message = _answer(w, chat, "Будет в среду")
        before = chat.sent()[-1]
        _edit(w, chat, message, text="Будет в четверг")
        chat.arrives("Будет в четверг")
        assert len(chat.sent()) == 1, chat.sent()
        assert chat.sent()[0]["message_id"] == before["message_id"]
        assert _versions(w, "Будет в четверг")[-1] == "Будет в среду"


@test(events=("daemon.died",))
def edit_while_the_answer_waits_is_sent_as_it_is(w):
    person = _person(w)
    _answer(w, person, "Раз")
    w.stack.kill("daemon")
    try:
        message = person.seller.write(person.topic(), text="Два, старое")
        w.sandbox.wait(idle=1)
        _edit(w, person, message, text="Два, новое")
        w.sandbox.wait(idle=1)
    finally:
        w.stack.start("daemon")
    person.arrives("Два, новое")
    person.rests()
    assert person.sent_texts() == ["Раз", "Два, новое"]


@test
def answer_is_taken_back_from_people_in_telegram(w):
    for chat in (_person(w), _customer(w)):
        _answer(w, chat, "Не то")
        message = [m for m in w.admin.get(
            f"{chat.dialog_path}/messages")["items"]
            if m["text"] == "Не то"][0]
        w.admin.delete(f"{chat.dialog_path}/messages/{message['id']}",
                       status=202)
        until(lambda c=chat: not c.sent(), "the person no longer sees it")
        chat.shown("🗑 Удалено у покупателя")


@test
def owner_who_does_not_let_delete_is_named_at_once(w):
    customer = _customer(w, can_delete_sent_messages=False,
                         can_delete_all_messages=False)
    _answer(w, customer, "Останется")
    message = [m for m in w.admin.get(
        f"{customer.dialog_path}/messages")["items"]
        if m["text"] == "Останется"][0]
    w.admin.refused(409, "DELETE",
                    f"{customer.dialog_path}/messages/{message['id']}")
    assert customer.sent_texts() == ["Останется"]


# --- Avito tells of deletions by reading again ---

def _deletes(w, chat, message):
    w.sandbox.post(f"avito/chats/{chat.id}/messages/{message['id']}/delete")


@test
def deletion_on_avito_is_found_by_the_poller(w):
    chat = w.seller(monitoring=True).buyer()
    message = chat.say("Удалю это")
    chat.shown("Удалю это")
    _deletes(w, chat, message)
    chat.shown("🗑")
    assert not chat.showing("Удалю это")


@test
def deletion_on_avito_of_the_kind_deleted_is_found_too(w):
    w.sandbox.set(avito_deleted_as="deleted")
    chat = w.seller(monitoring=True).buyer()
    message = chat.say("И это")
    chat.shown("И это")
    _deletes(w, chat, message)
    chat.shown("🗑")


@test
def deletion_of_an_older_message_is_found_with_the_next_one(w):
    chat = w.seller(monitoring=True).buyer()
    message = chat.say("Старое")
    chat.say("Новое")
    chat.shown("Новое")
    chat.rests()
    _deletes(w, chat, message)
    chat.say("Новейшее")
    chat.shown("🗑")
    assert not chat.showing("Старое")


@test
def reading_by_a_buyer_on_avito_is_known(w):
    seller = w.seller(monitoring=True)
    chat = seller.buyer()
    chat.say("Есть?")
    thread = chat.shown("Есть?")
    seller.write(thread, text="Есть!")
    chat.arrives("Есть!")
    chat.rests()
    w.sandbox.post(f"avito/chats/{chat.id}/read", by="buyer")
    chat.say("Спасибо")
    until(lambda: w.db.one(
        "SELECT m.read_at IS NOT NULL FROM messages m JOIN dialogs d"
        " ON d.id = m.dialog_id WHERE d.external_chat_id = %s"
        " AND m.text = 'Есть!'", chat.id) == "t", "the answer is read")
