"""A quote leads to the same message on the other side, whatever became of
it there."""

from lib.private import Source
from lib.runner import test
from lib.wait import until


def _person(w):
    return Source(w.seller()).person()


def _quoted(message):
    """What it answers; 0: nothing but its topic."""
    reply = message.get("reply_to_message") or {}
    if reply.get("forum_topic_created") or \
            reply.get("message_id") == message.get("thread"):
        return 0
    return reply.get("message_id", 0)


def _copy(chat, text):
    found = chat.showing(text)
    assert len(found) == 1, found
    return found[0]


def _sent(chat, text):
    return [m for m in chat.sent() if m.get("text") == text][0]


@test
def quote_of_an_operator_reaches_the_person(w):
    person = _person(w)
    first = person.say("Первый вопрос")
    person.say("Второй вопрос")
    thread = person.shown("Второй вопрос")
    person.seller.write(thread, text="Ответ на первый",
                        reply_to=_copy(person, "Первый")["message_id"])
    person.arrives("Ответ на первый")
    assert _quoted(_sent(person, "Ответ на первый")) == first["message_id"]


@test
def quote_of_a_person_leads_to_the_operators_message(w):
    person = _person(w)
    person.say("Вопрос")
    thread = person.shown("Вопрос")
    answer = person.seller.write(thread, text="Ответ")
    got = person.arrives("Ответ")
    person.rests()
    person.say("Уточню", reply_to=got["message_id"])
    person.shown("Уточню")
    assert _quoted(_copy(person, "Уточню")) == answer["message_id"]


@test
def quote_of_the_second_part_is_a_quote_of_the_message(w):
    person = _person(w)
    text = " ".join(f"слово{n:04d}" for n in range(409))
    long = person.say(text)
    thread = person.shown("слово0408")
    second = _copy(person, "слово0408")
    assert second["text"].startswith("(2/2) "), second["text"][:20]
    person.seller.write(thread, text="На вторую часть",
                        reply_to=second["message_id"])
    person.arrives("На вторую часть")
    assert _quoted(_sent(person, "На вторую часть")) == long["message_id"]


@test
def quote_of_an_albums_item_is_a_quote_of_the_album(w):
    person = _person(w)
    person.say(kind="album", caption="Три фото")
    thread = person.shown("Три фото")
    person.rests()
    items = [m for m in person.in_topic() if m["kind"] == "photo"]
    assert len(items) > 1, items
    person.seller.write(thread, text="Про последнее",
                        reply_to=items[-1]["message_id"])
    person.arrives("Про последнее")
    album = [m["message_id"] for m in person.state()["messages"]
             if m["kind"] == "photo"]
    assert _quoted(_sent(person, "Про последнее")) in album


@test
def quote_of_a_message_from_the_web_finds_it(w):
    person = _person(w)
    person.say("Вопрос")
    person.shown("Вопрос")
    person.rests()
    w.admin.post(f"{person.dialog_path}/messages", {"text": "Из веба"})
    got = person.arrives("Из веба")
    person.shown("Из веба")
    person.rests()
    person.say("Спасибо", reply_to=got["message_id"])
    person.shown("Спасибо")
    assert _quoted(_copy(person, "Спасибо")) == \
        _copy(person, "Из веба")["message_id"]


@test
def quote_on_avito_leads_to_its_copy_and_none_is_sent_there(w):
    # The history tells of quotes, webhooks never did.
    seller = w.seller(webhook=False, monitoring=True)
    chat = seller.buyer()
    first = chat.say("Первое")
    chat.shown("Первое")
    chat.rests()
    chat.say("Об этом", quote=first["id"])
    thread = chat.shown("Об этом")
    assert _quoted(_copy(chat, "Об этом")) == \
        _copy(chat, "Первое")["message_id"]
    seller.write(thread, text="Ответ с цитатой",
                 reply_to=_copy(chat, "Первое")["message_id"])
    chat.arrives("Ответ с цитатой")
    assert chat.sent_texts() == ["Ответ с цитатой"]


@test
def quote_of_what_is_gone_arrives_without_it(w):
    person = _person(w)
    person.say("Исчезнет")
    thread = person.shown("Исчезнет")
    copy = _copy(person, "Исчезнет")
    for message in person.state()["messages"]:
        w.sandbox.delete(f"telegram/chats/{person.key}/messages/"
                         f"{message['message_id']}")
    person.seller.write(thread, text="И всё же",
                        reply_to=copy["message_id"])
    person.arrives("И всё же")
    until(lambda: person.sent_texts() == ["И всё же"], "it arrived once")
