"""person_rows.py - what is true of both kinds of Telegram source: a person in
private with a bot, and a customer of an account for which a bot answers.

register() makes tests of it for one source; test_fidelity_bot.py and
test_fidelity_business.py do, and add what is theirs.
"""

from lib.fidelity import (bold, copy_of, file_of, formatting, huge, in_group,
                          long_text, numbered, refused, row, talk, units)
from lib.runner import test
from lib.wait import until

_shared = []


def _rows(direction, *whats, events=()):
    def note(function):
        _shared.append((function, direction, whats, events))
        return function
    return note


def register(source, begin, module):
    """begin(w): a Person who has written nothing yet."""
    def make(function, events):
        def play(w):
            function(w, begin(w))
        play.__name__ = f"{function.__name__}_{begin.__name__}"
        play.__module__ = module
        test(play, events=events) if not events else test(events=events)(play)
        return play

    for function, direction, whats, events in _shared:
        row(source, direction, *whats)(make(function, events))


# --- from the person to the team ---

@_rows("in", "text")
def text_comes_under_the_name(w, person):
    text = "Первая <b>строка</b> &amp; *звёзды* 👍🏽\nвторая"
    person.say(text)
    person.shown(text)
    shown = person.showing(text)[0]["text"]
    assert shown == f"💬 Клиент {person.name}:\n{text}", shown


@_rows("in", "formatting")
def formatting_comes_as_it_is(w, person):
    text = "Цена 👍 окончательная <?>"
    person.say(text, entities=bold(text, "окончательная"))
    message = copy_of(person, "окончательная")
    assert ("bold", "окончательная") in formatting(message), message


@_rows("in", "long text")
def long_text_comes_in_numbered_parts(w, person):
    text = long_text(4096)
    person.say(text)
    last = text.rsplit(" ", 1)[1]
    person.shown(last)
    parts = [m["text"] for m in person.in_topic() if "слово" in
             m.get("text", "")]
    assert len(parts) > 1 and all(units(p) <= 4096 for p in parts)
    assert numbered(parts).split("\n", 1)[1] == text


@_rows("in", "photo", "caption")
def photo_comes_with_its_caption(w, person):
    person.say(kind="photo", file="sample.jpg", caption="Вот такая",
               entities=bold("Вот такая", "такая"))
    photo = in_group(person, "photo")[0]
    assert w.sandbox.file(file_of(photo)) == w.sandbox.file("sample.jpg")
    assert photo["caption"].endswith(":\nВот такая"), photo["caption"]
    assert ("bold", "такая") in formatting(photo), photo


# Every kind of mark that a person can make, one in another, with signs of two
# units before and inside.
RICH = "👍 жирный курсив 👍 тут код() цитата @olga_shop скрытое"


def rich_marks():
    def mark(part, type_, **more):
        offset = units(RICH[:RICH.index(part)])
        return {"type": type_, "offset": offset, "length": units(part),
                **more}
    return [mark("жирный курсив 👍", "bold"), mark("курсив 👍", "italic"),
            mark("тут", "text_link", url="https://example.com/?a=1&b=2"),
            mark("код()", "pre", language="c"),
            mark("цитата", "blockquote"), mark("@olga_shop", "mention"),
            mark("скрытое", "spoiler")]


def rich_is_there(message):
    """Telegram finds mentions by itself: they need not be sent."""
    want = {("bold", "жирный курсив 👍"), ("italic", "курсив 👍"),
            ("text_link", "тут"), ("pre", "код()"),
            ("blockquote", "цитата"), ("spoiler", "скрытое")}
    assert want <= set(formatting(message)), formatting(message)
    marks = message.get("entities", message.get("caption_entities"))
    link = next(m for m in marks if m["type"] == "text_link")
    assert link["url"] == "https://example.com/?a=1&b=2", link


@_rows("in", "formatting")
def every_kind_of_formatting_comes(w, person):
    person.say(RICH, entities=rich_marks())
    rich_is_there(copy_of(person, RICH))
    person.say(kind="photo", caption=RICH, entities=rich_marks())
    rich_is_there(in_group(person, "photo")[0])


@_rows("out", "formatting")
def every_kind_of_formatting_arrives(w, person):
    thread = talk(person)
    person.seller.write(thread, text=RICH, entities=rich_marks())
    person.arrives(RICH)
    rich_is_there(person.sent()[-1])
    person.seller.write(thread, kind="document", caption=RICH,
                        entities=rich_marks())
    person.arrives(kind="document")
    rich_is_there(person.sent()[-1])


@_rows("in", "formatting", "long text")
def formatting_goes_on_in_the_next_part(w, person):
    text = long_text(4096)
    person.say(text, entities=bold(text, text))
    person.shown(text.rsplit(" ", 1)[1])
    parts = [m for m in person.in_topic() if "слово" in m.get("text", "")]
    words = " ".join(part.strip() for m in parts
                     for type_, part in formatting(m) if type_ == "bold")
    assert len(parts) > 1 and words == text, words[:200]


@_rows("in", "caption")
def caption_that_leaves_no_room_for_the_name_comes_whole(w, person):
    text = long_text(1024)
    person.say(kind="photo", caption=text)
    in_group(person, "photo")
    person.shown(text.rsplit(" ", 1)[1])
    shown = " ".join(m.get("text", m.get("caption", ""))
                     for m in person.in_topic())
    assert text in shown, shown
    assert person.name in shown, shown


@_rows("out", "caption")
def longest_caption_arrives_below_its_photo(w, person):
    thread = talk(person)
    text = long_text(1024)
    person.seller.write(thread, kind="photo", caption=text)
    person.arrives(kind="photo")
    assert person.sent_texts() == [text], person.sent_texts()


@_rows("in", "album")
def album_comes_together(w, person):
    person.say(kind="album", files=["sample.jpg", "sample.png", "sample.mp4"],
               caption="Три вида")
    photos = in_group(person, "photo", count=2)
    video = in_group(person, "video")
    albums = {m.get("media_group_id") for m in photos + video}
    assert len(albums) == 1 and None not in albums, albums
    assert [w.sandbox.file(file_of(m)) for m in photos + video] == [
        w.sandbox.file(f"sample.{x}") for x in ("jpg", "png", "mp4")]


@_rows("in", "album")
def late_item_of_an_album_is_not_lost(w, person):
    person.say(kind="photo", file="sample.jpg", album="4711", caption="Один")
    in_group(person, "photo")
    person.say(kind="photo", file="sample.png", album="4711")
    photos = in_group(person, "photo", count=2)
    assert w.sandbox.file(file_of(photos[1])) == w.sandbox.file("sample.png")


def _file_comes(w, person, kind, sample):
    person.say(kind=kind, file=sample)
    message = in_group(person, kind)[0]
    assert w.sandbox.file(file_of(message)) == w.sandbox.file(sample)


@_rows("in", "voice")
def voice_comes_as_voice(w, person):
    _file_comes(w, person, "voice", "sample.ogg")


@_rows("in", "audio")
def sound_comes_as_sound(w, person):
    _file_comes(w, person, "audio", "sample.mp3")


@_rows("in", "video")
def video_comes_as_video(w, person):
    _file_comes(w, person, "video", "sample.mp4")


@_rows("in", "round video")
def round_video_comes_round(w, person):
    _file_comes(w, person, "video_note", "sample.mp4")


@_rows("in", "animation")
def animation_comes_as_animation(w, person):
    _file_comes(w, person, "animation", "sample.mp4")


@_rows("in", "document")
def document_comes_as_document(w, person):
    _file_comes(w, person, "document", "sample.pdf")
    name = in_group(person, "document")[0]["document"]["file_name"]
    assert name == "sample.pdf", name


@_rows("in", "sticker, static")
def still_sticker_comes_as_sticker(w, person):
    _file_comes(w, person, "sticker", "sample.webp")


@_rows("in", "sticker, animated")
def animated_sticker_comes_as_sticker(w, person):
    _file_comes(w, person, "sticker", "sample.tgs")


@_rows("in", "sticker, video")
def video_sticker_comes_as_sticker(w, person):
    _file_comes(w, person, "sticker", "sample.webm")


@_rows("in", "file over 20 MB")
def file_too_large_for_bots_is_a_note(w, person):
    person.say(kind="document", file=huge(w), caption="Проект")
    note = copy_of(person, "Проект")["text"]
    assert person.name in note and "30 МБ" in note, note


@_rows("in", "location")
def location_comes_as_location(w, person):
    person.say(kind="location", content={"latitude": 59.93,
                                         "longitude": 30.36})
    place = in_group(person, "location")[0]["location"]
    assert (place["latitude"], place["longitude"]) == (59.93, 30.36), place


@_rows("in", "venue")
def venue_comes_as_venue(w, person):
    person.say(kind="venue", content={"title": "Склад",
                                      "address": "Лесная, 5"})
    venue = in_group(person, "venue")[0]["venue"]
    assert (venue["title"], venue["address"]) == ("Склад", "Лесная, 5"), venue


@_rows("in", "contact")
def contact_comes_as_contact(w, person):
    person.say(kind="contact", content={"last_name": "Петров"})
    contact = in_group(person, "contact")[0]["contact"]
    assert (contact["phone_number"], contact["first_name"],
            contact["last_name"]) == ("79990000001", "Ivan", "Петров"), contact


@_rows("in", "poll")
def poll_comes_as_text(w, person):
    person.say(kind="poll", content={"question": "Когда удобно?",
                                     "options": ["Утром", "Вечером"]})
    text = copy_of(person, "Когда удобно?")["text"]
    assert "Утром" in text and "Вечером" in text, text


@_rows("in", "dice")
def dice_comes_with_what_it_shows(w, person):
    person.say(kind="dice", content={"emoji": "🎯", "value": 6})
    text = copy_of(person, "🎯")["text"]
    assert "6" in text, text


@_rows("in", "link with preview")
def link_stays_in_its_text(w, person):
    text = "Такой: https://example.com/lamp"
    person.say(text)
    copy_of(person, text)


@_rows("in", "unknown kind")
def unknown_kind_is_named(w, person):
    talk(person)
    before = len(person.in_topic())
    message = person.say("")
    del message["text"]
    update = {k: message[k] for k in ("from", "chat", "date")}
    update.update(message_id=9000 + message["message_id"],
                  giveaway={"winner_count": 1})
    name = "message"
    if person.account:
        name = "business_message"
        update["business_connection_id"] = person.account.id
    w.sandbox.post(f"telegram/bots/{person.source.bot_id}/update",
                   update={name: update})
    until(lambda: any("ℹ️" in m.get("text", "")
                      for m in person.in_topic()[before:]),
          "a line that names it")


@_rows("in", "quote")
def quote_of_an_answer_comes_as_a_quote(w, person):
    thread = talk(person)
    answer = person.seller.write(thread, text="Какая лампа?")
    person.arrives("Какая лампа?")
    person.say("Вот эта", reply_to=person.sent()[-1]["message_id"])
    copy = copy_of(person, "Вот эта")
    assert copy["reply_to_message"]["message_id"] == answer["message_id"]


@_rows("in", "quote")
def quote_of_the_persons_own_words_comes_as_a_quote(w, person):
    message = person.say("Сколько стоит?")
    first = copy_of(person, "Сколько стоит?")
    person.say("Напоминаю", reply_to=message["message_id"])
    copy = copy_of(person, "Напоминаю")
    assert copy["reply_to_message"]["message_id"] == first["message_id"]


@_rows("in", "edit")
def edit_shows_the_new_text_and_keeps_the_old(w, person):
    message = person.say("Куплю за 1000")
    person.shown("Куплю за 1000")
    person.edit(message, text="Куплю за 1200")
    person.shown("Куплю за 1200")
    items = person.seller.api.get(person.dialog_path + "/messages")["items"]
    one = person.seller.api.get(
        f"{person.dialog_path}/messages/{items[0]['id']}")
    assert [v["text"] for v in one["versions"]] == ["Куплю за 1000"], one


# --- from the team to the person ---

@_rows("out", "text", "formatting")
def text_of_the_team_arrives_with_its_formatting(w, person):
    thread = talk(person)
    text = "Да, продаём 👍 сегодня <b>&</b>"
    message = person.seller.write(thread, text=text,
                                  entities=bold(text, "сегодня"))
    person.arrives(text)
    sent = person.sent()[-1]
    assert sent["text"] == text, sent
    assert formatting(sent) == [("bold", "сегодня")], sent
    person.seller.reacted(message)


@_rows("out", "long text")
def long_text_of_the_web_arrives_in_numbered_parts(w, person):
    talk(person)
    text = long_text(9000)
    person.seller.api.post(person.dialog_path + "/messages", {"text": text})
    person.arrives(text.rsplit(" ", 1)[1])
    parts = person.sent_texts()
    assert len(parts) > 2 and all(units(p) <= 4096 for p in parts)
    assert numbered(parts) == text


@_rows("out", "photo", "caption")
def photo_of_the_team_arrives_with_its_caption(w, person):
    thread = talk(person)
    person.seller.write(thread, kind="photo", file="sample.jpg",
                        caption="Вот он", entities=bold("Вот он", "он"))
    person.arrives(kind="photo")
    photo = person.sent()[-1]
    assert w.sandbox.file(file_of(photo)) == w.sandbox.file("sample.jpg")
    assert photo["caption"] == "Вот он", photo
    assert formatting(photo) == [("bold", "он")], photo


@_rows("out", "album")
def album_of_the_team_arrives_together(w, person):
    thread = talk(person)
    person.seller.write(thread, kind="album", caption="Два вида",
                        files=["sample.jpg", "sample.png"])
    person.arrives(kind="photo", count=2)
    sent = person.sent()
    assert len({m.get("media_group_id") for m in sent}) == 1, sent
    assert sent[0]["media_group_id"] and sent[0]["caption"] == "Два вида"
    assert [w.sandbox.file(file_of(m)) for m in sent] == [
        w.sandbox.file("sample.jpg"), w.sandbox.file("sample.png")]


def _file_arrives(w, person, kind, sample):
    thread = talk(person)
    message = person.seller.write(thread, kind=kind, file=sample)
    person.arrives(kind=kind)
    sent = person.sent()[-1]
    assert w.sandbox.file(file_of(sent)) == w.sandbox.file(sample)
    person.seller.reacted(message)


@_rows("out", "voice")
def voice_of_the_team_arrives_as_voice(w, person):
    _file_arrives(w, person, "voice", "sample.ogg")


@_rows("out", "audio")
def sound_of_the_team_arrives_as_sound(w, person):
    _file_arrives(w, person, "audio", "sample.mp3")


@_rows("out", "video")
def video_of_the_team_arrives_as_video(w, person):
    _file_arrives(w, person, "video", "sample.mp4")


@_rows("out", "round video")
def round_video_of_the_team_arrives_round(w, person):
    _file_arrives(w, person, "video_note", "sample.mp4")


@_rows("out", "animation")
def animation_of_the_team_arrives_as_animation(w, person):
    _file_arrives(w, person, "animation", "sample.mp4")


@_rows("out", "document")
def document_of_the_team_arrives_as_document(w, person):
    _file_arrives(w, person, "document", "sample.pdf")
    assert person.sent()[-1]["document"]["file_name"] == "sample.pdf"


@_rows("out", "sticker, static")
def still_sticker_of_the_team_arrives(w, person):
    _file_arrives(w, person, "sticker", "sample.webp")


@_rows("out", "sticker, animated")
def animated_sticker_of_the_team_arrives(w, person):
    _file_arrives(w, person, "sticker", "sample.tgs")


@_rows("out", "sticker, video")
def video_sticker_of_the_team_arrives(w, person):
    _file_arrives(w, person, "sticker", "sample.webm")


@_rows("out", "file over 20 MB", events=("delivery.*",))
def file_too_large_of_the_team_is_refused(w, person):
    thread = talk(person)
    message = person.seller.write(thread, kind="document", file=huge(w))
    w.note(refused(person, message, "20 МБ"))
    assert not person.sent()


@_rows("out", "location")
def location_of_the_team_arrives(w, person):
    thread = talk(person)
    person.seller.write(thread, kind="location", content={
        "latitude": 59.93, "longitude": 30.36})
    person.arrives(kind="location")
    place = person.sent()[-1]["location"]
    assert (place["latitude"], place["longitude"]) == (59.93, 30.36), place


@_rows("out", "venue")
def venue_of_the_team_arrives(w, person):
    thread = talk(person)
    person.seller.write(thread, kind="venue", content={"title": "Склад"})
    person.arrives(kind="venue")
    assert person.sent()[-1]["venue"]["title"] == "Склад"


@_rows("out", "contact")
def contact_of_the_team_arrives(w, person):
    thread = talk(person)
    person.seller.write(thread, kind="contact")
    person.arrives(kind="contact")
    assert person.sent()[-1]["contact"]["phone_number"] == "79990000001"


@_rows("out", "poll")
def poll_of_the_team_arrives_as_text(w, person):
    thread = talk(person)
    person.seller.write(thread, kind="poll", content={
        "question": "Когда?", "options": ["Утром", "Вечером"]})
    person.arrives("Когда?")
    assert "Вечером" in person.sent_texts()[-1]


@_rows("out", "dice")
def dice_of_the_team_arrives_with_what_it_shows(w, person):
    thread = talk(person)
    person.seller.write(thread, kind="dice",
                        content={"emoji": "🎲", "value": 3})
    person.arrives("🎲")
    assert "3" in person.sent_texts()[-1]


@_rows("out", "link with preview")
def link_of_the_team_stays_in_its_text(w, person):
    thread = talk(person)
    person.seller.write(thread, text="Вот: https://example.com/lamp")
    person.arrives("Вот: https://example.com/lamp")


@_rows("out", "unknown kind", events=("delivery.*",))
def unknown_kind_of_the_team_is_refused(w, person):
    thread = talk(person)
    message = person.seller.write(thread, text="")
    update = {k: message[k] for k in ("from", "chat", "date", "message_id",
                                      "message_thread_id",
                                      "is_topic_message")}
    update.update(message_id=9000 + message["message_id"],
                  giveaway={"winner_count": 1})
    before = len(person.in_topic())
    person.seller.post_update({"update_id": 900000000 + message["message_id"],
                               "message": update})
    until(lambda: len(person.in_topic()) > before, "a refusal")
    assert not person.sent()


@_rows("out", "quote")
def quote_of_the_team_arrives_as_a_quote(w, person):
    message = person.say("Есть чёрная?")
    copy = copy_of(person, "Есть чёрная?")
    person.say("И белая?")
    thread = person.shown("И белая?")
    person.seller.write(thread, text="Есть", reply_to=copy["message_id"])
    person.arrives("Есть")
    quoted = person.sent()[-1]["reply_to_message"]
    assert quoted["message_id"] == message["message_id"], quoted


@_rows("out", "edit")
def edit_of_the_team_changes_the_text_there(w, person):
    thread = talk(person)
    message = person.seller.write(thread, text="Завтра в 9")
    person.arrives("Завтра в 9")
    person.rests()
    w.sandbox.patch(f"telegram/chats/{person.seller.group}/messages/"
                    f"{message['message_id']}", text="Завтра в 10")
    person.arrives("Завтра в 10")
    assert person.sent_texts() == ["Завтра в 10"], person.sent_texts()


@_rows("out", "deletion")
def slash_delete_takes_it_back(w, person):
    thread = talk(person)
    message = person.seller.write(thread, text="Не туда")
    person.arrives("Не туда")
    person.rests()
    person.seller.write(thread, text="/delete",
                        reply_to=message["message_id"])
    until(lambda: not person.sent(), "the message is gone there")


@_rows("out", "typing")
def person_sees_that_an_answer_is_written(w, person):
    talk(person)
    since = w.sandbox.mark()
    person.seller.api.post(person.dialog_path + "/typing", status=204)
    w.sandbox.wait("the chat action", calls_since=since, chat=person.key,
                   method="sendChatAction", outcome="ok")
