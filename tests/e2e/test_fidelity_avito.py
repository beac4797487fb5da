"""docs/FIDELITY.md, row by row: buyers on Avito."""

from lib.fidelity import (bold, copy_of, file_of, formatting, huge, in_group,
                          long_text, numbered, refused, row, talk)
from lib.rest import http_call
from lib.runner import test
from lib.wait import until
from lib.world import MINUTES_PASS

NAME = "Avito"


def begin(w):
    """A buyer, and the thread of the topic."""
    chat = w.seller().buyer()
    return chat, talk(chat)


def picture(w, message):
    """The bytes of an image in Avito's chat."""
    url = next(iter(message["content"]["image"]["sizes"].values()))
    return http_call(w.sandbox.base, "GET", url[url.index("/files/"):]).data


# --- from the buyer to the team ---

@row(NAME, "in", "text")
@test
def text_of_a_buyer_comes_as_it_is(w):
    chat = w.seller().buyer()
    text = "Ещё <b>есть</b> &amp; *сколько*? 👍🏽\nЖду"
    chat.say(text)
    shown = copy_of(chat, text)
    assert shown["text"] == f"{chat.name}:\n{text}", shown
    assert not formatting(shown), shown


@row(NAME, "in", "long text")
@test
def longest_text_of_a_buyer_is_one_message(w):
    chat = w.seller().buyer()
    text = long_text(1000)
    chat.say(text)
    copy_of(chat, text)


@row(NAME, "in", "photo")
@test
def photo_of_a_buyer_is_the_same_photo(w):
    chat = w.seller().buyer()
    chat.say(type="image", file="sample.png")
    photo = in_group(chat, "photo")[0]
    assert w.sandbox.file(file_of(photo)) == w.sandbox.file("sample.png")


@row(NAME, "in", "photo of 15 MB")
@test
def photo_too_large_for_a_photo_is_a_document(w):
    data = w.sandbox.file("sample.jpg") + bytes(15 * 1024 * 1024)
    answer = http_call(w.sandbox.base, "POST",
                       "/control/files?name=large.jpg", data,
                       {"Content-Type": "image/jpeg"})
    chat = w.seller().buyer()
    chat.say(type="image", file=answer.json["file"])
    document = in_group(chat, "document")[0]
    assert w.sandbox.file(file_of(document)) == data


@row(NAME, "in", "voice")
@test
def voice_of_a_buyer_is_the_same_voice(w):
    chat = w.seller().buyer()
    chat.say(type="voice", file="sample.m4a")
    voice = in_group(chat, "voice")[0]
    assert w.sandbox.file(file_of(voice)) == w.sandbox.file("sample.m4a")


@row(NAME, "in", "video", "document")
@test
def what_avito_keeps_to_itself_is_named(w):
    chat = w.seller().buyer()
    for type_, word in (("video", "Видео"), ("file", "Файл"),
                        ("appCall", "Звонок")):
        chat.say(type=type_)
        line = copy_of(chat, word)["text"]
        assert "Avito" in line, line


@row(NAME, "in", "location", "venue")
@test
def place_of_a_buyer_is_a_place(w):
    chat = w.seller().buyer()
    chat.say(type="location", content={"location": {
        "lat": 59.93, "lon": 30.36, "title": "", "text": "", "kind": "area"}})
    place = in_group(chat, "location")[0]["location"]
    assert (place["latitude"], place["longitude"]) == (59.93, 30.36), place
    chat.say(type="location", content={"location": {
        "lat": 59.93, "lon": 30.36, "title": "Склад", "text": "Лесная, 5",
        "kind": "house"}})
    venue = in_group(chat, "venue")[0]["venue"]
    assert (venue["title"], venue["address"]) == ("Склад", "Лесная, 5"), venue


@row(NAME, "in", "link with preview")
@test
def link_of_a_buyer_is_a_link(w):
    chat = w.seller().buyer()
    chat.say(type="link", content={"link": {
        "text": "a.example/lamp", "url": "https://a.example/lamp",
        "preview": {"title": "Лампа", "description": "Настольная",
                    "domain": "a.example", "url": "https://a.example/lamp",
                    "images": None}}})
    copy_of(chat, "https://a.example/lamp")


@row(NAME, "in", "item card")
@test
def shared_ad_is_named_with_its_address(w):
    chat = w.seller().buyer()
    chat.say(type="item", item_id=chat.item)
    text = copy_of(chat, f"https://avito.ru/items/{chat.item}")["text"]
    assert chat.seller.title in text, text


@row(NAME, "in", "call")
@test
def missed_call_is_a_clear_line(w):
    chat = w.seller().buyer()
    chat.say(type="call")
    line = copy_of(chat, "ропущен")["text"]
    assert "звон" in line.lower(), line
    w.note(line)


@row(NAME, "in", "unknown kind")
@test
def kind_that_nobody_knows_is_named(w):
    chat = w.seller().buyer()
    chat.say(type="hologram", content={})
    assert "Avito" in copy_of(chat, "ℹ️")["text"]


@row(NAME, "in", "quote")
@test
def quote_of_a_buyer_is_a_quote(w):
    """Told by the history, not by webhooks."""
    chat, thread = begin(w)
    answer = chat.seller.write(thread, text="Какую?")
    chat.arrives("Какую?")
    chat.rests()
    chat.say("Вот эту", quote=chat.sent()[-1]["id"], webhook=False)
    chat.seller.api.patch(chat.seller.account_path, {"monitoring": True})
    copy = copy_of(chat, "Вот эту")
    assert copy["reply_to_message"]["message_id"] == answer["message_id"]


@row(NAME, "in", "deletion")
@test
def what_a_buyer_deletes_is_marked_when_it_is_read_again(w):
    for how in ("text", "deleted"):
        w.sandbox.set(avito_deleted_as=how)
        chat = w.seller(monitoring=True).buyer()
        message = chat.say("Номер карты 1234")
        copy = copy_of(chat, "Номер карты 1234")
        chat.rests()
        w.sandbox.post(f"avito/chats/{chat.id}/messages/{message['id']}"
                       "/delete")
        # What is said next makes the chat be read again.
        chat.say("Ой")
        chat.shown("🗑")
        marked = chat.showing("🗑")[0]
        assert marked["message_id"] == copy["message_id"], (how, marked)
        assert not chat.showing("Номер карты")


@row(NAME, "in", "read mark")
@test
def buyers_read_mark_is_shown_in_the_web(w):
    chat = w.seller(monitoring=True).buyer()
    thread = talk(chat)
    chat.seller.write(thread, text="Да")
    chat.arrives("Да")
    chat.rests()
    w.sandbox.post(f"avito/chats/{chat.id}/read", by="buyer")
    chat.say("Понял")
    chat.shown("Понял")

    def is_read():
        items = chat.seller.api.get(chat.dialog_path + "/messages")["items"]
        return [m for m in items if m["text"] == "Да" and m["read_at"]]
    until(is_read, "the message is read")


# --- from the team to the buyer ---

@row(NAME, "out", "text", "formatting")
@test
def formatting_of_the_team_is_plain_text(w):
    chat, thread = begin(w)
    text = "Цена <b>та же</b> & скидка 👍"
    message = chat.seller.write(
        thread, text=text, entities=bold(text, "скидка"))
    chat.arrives(text)
    chat.seller.reacted(message)


@row(NAME, "out", "formatting")
@test
def address_behind_a_word_is_written_out(w):
    chat, thread = begin(w)
    chat.seller.write(thread, text="Смотрите тут", entities=[
        {"type": "text_link", "offset": 9, "length": 3,
         "url": "https://example.com/lamp"}])
    chat.arrives(count=1)
    text = chat.sent_texts()[0]
    assert text.startswith("Смотрите тут") and \
        "https://example.com/lamp" in text, text


@row(NAME, "out", "long text")
@test
def long_text_of_the_team_arrives_in_numbered_parts(w):
    chat, thread = begin(w)
    text = long_text(2500)
    chat.seller.write(thread, text=text)
    chat.arrives(count=3)
    chat.rests()
    parts = chat.sent_texts()
    assert all(len(p) <= 1000 for p in parts), [len(p) for p in parts]
    assert numbered(parts) == text


@row(NAME, "out", "formatting", "long text")
@test
def long_text_with_formatting_arrives_plain_and_whole(w):
    chat, thread = begin(w)
    text = long_text(2500)
    chat.seller.write(thread, text=text, entities=bold(text, text))
    chat.arrives(count=3)
    chat.rests()
    assert numbered(chat.sent_texts()) == text


@row(NAME, "out", "photo", "caption")
@test
def photo_of_the_team_arrives_and_its_caption_behind(w):
    chat, thread = begin(w)
    chat.seller.write(thread, kind="photo", file="sample.jpg",
                      caption="Вот он")
    chat.arrives("Вот он")
    assert [m["type"] for m in chat.sent()] == ["image", "text"]
    assert picture(w, chat.sent()[0]) == w.sandbox.file("sample.jpg")


@row(NAME, "out", "album")
@test
def album_of_the_team_arrives_one_by_one(w):
    chat, thread = begin(w)
    chat.seller.write(thread, kind="album", caption="Два вида",
                      files=["sample.jpg", "sample.png"])
    chat.arrives(type="image", count=2)
    chat.arrives("Два вида")
    images = [m for m in chat.sent() if m["type"] == "image"]
    assert [picture(w, m) for m in images] == [
        w.sandbox.file("sample.jpg"), w.sandbox.file("sample.png")]


def is_refused(w, *words, **message):
    chat, thread = begin(w)
    written = chat.seller.write(thread, **message)
    w.note(refused(chat, written, "Avito", *words))
    assert not chat.sent()


@row(NAME, "out", "voice")
@test
def voice_of_the_team_is_refused(w):
    is_refused(w, kind="voice")


@row(NAME, "out", "audio")
@test
def sound_of_the_team_is_refused(w):
    is_refused(w, kind="audio")


@row(NAME, "out", "video", "round video", "animation")
@test
def films_of_the_team_are_refused(w):
    for kind in ("video", "video_note", "animation"):
        is_refused(w, kind=kind)


@row(NAME, "out", "document")
@test
def document_of_the_team_is_refused(w):
    is_refused(w, kind="document", file="sample.pdf")


@row(NAME, "out", "file over 20 MB")
@test(events=("delivery.*",))
def file_too_large_of_the_team_is_refused(w):
    chat, thread = begin(w)
    written = chat.seller.write(thread, kind="document", file=huge(w))
    w.note(refused(chat, written))
    assert not chat.sent()


@row(NAME, "out", "sticker, static")
@test
def still_sticker_of_the_team_arrives_as_png(w):
    chat, thread = begin(w)
    chat.seller.write(thread, kind="sticker", file="sample.webp")
    chat.arrives(type="image")
    data = picture(w, chat.sent()[-1])
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
    size = (int.from_bytes(data[16:20], "big"),
            int.from_bytes(data[20:24], "big"))
    assert size == (512, 384), size


@row(NAME, "out", "sticker, animated", "sticker, video")
@test
def moving_stickers_of_the_team_arrive_as_their_emoji(w):
    chat, thread = begin(w)
    for i, name in enumerate(("sample.tgs", "sample.webm")):
        chat.seller.write(thread, kind="sticker", file=name,
                          content={"emoji": "😀"})
        chat.arrives("😀", count=i + 1)
    assert chat.sent_texts() == ["😀", "😀"]


@row(NAME, "out", "location", "venue", "contact", "poll", "dice")
@test
def what_avito_has_not_arrives_in_words(w):
    chat, thread = begin(w)
    told = (
        ({"kind": "location",
          "content": {"latitude": 59.93, "longitude": 30.36}}, ("59.93",)),
        ({"kind": "venue", "content": {
            "title": "Склад", "address": "Лесная, 5"}}, ("Склад", "Лесная")),
        ({"kind": "contact"}, ("Ivan", "79990000001")),
        ({"kind": "poll", "content": {
            "question": "Когда?", "options": ["Утром", "Вечером"]}},
         ("Когда?", "Утром", "Вечером")),
        ({"kind": "dice", "content": {"emoji": "🎲", "value": 3}},
         ("🎲", "3")))
    for i, (message, words) in enumerate(told):
        chat.seller.write(thread, **message)
        chat.arrives(count=i + 1)
        text = chat.sent_texts()[-1]
        assert all(word in text for word in words), (words, text)
        w.note(repr(text))


@row(NAME, "out", "link with preview")
@test
def link_of_the_team_stays_in_its_text(w):
    chat, thread = begin(w)
    chat.seller.write(thread, text="Вот: https://example.com/lamp")
    chat.arrives("Вот: https://example.com/lamp")


@row(NAME, "out", "unknown kind")
@test(events=("delivery.*",))
def unknown_kind_of_the_team_is_refused(w):
    chat, thread = begin(w)
    message = chat.seller.write(thread, text="")
    update = {k: message[k] for k in ("from", "chat", "date",
                                      "message_thread_id",
                                      "is_topic_message")}
    update.update(message_id=9000 + message["message_id"],
                  giveaway={"winner_count": 1})
    before = len(chat.in_topic())
    chat.seller.post_update({"update_id": 900000000 + message["message_id"],
                             "message": update})
    until(lambda: len(chat.in_topic()) > before, "a refusal")
    assert not chat.sent()


@row(NAME, "out", "quote")
@test
def quote_of_the_team_does_not_stop_its_text(w):
    chat, thread = begin(w)
    copy = copy_of(chat, "Здравствуйте")
    chat.seller.write(thread, text="Добрый день",
                      reply_to=copy["message_id"])
    chat.arrives("Добрый день")


@row(NAME, "out", "edit")
@test
def edit_of_the_team_is_a_note(w):
    chat, thread = begin(w)
    message = chat.seller.write(thread, text="Завтра в 9")
    chat.arrives("Завтра в 9")
    chat.rests()
    before = len(chat.in_topic())
    w.sandbox.patch(f"telegram/chats/{chat.seller.group}/messages/"
                    f"{message['message_id']}", text="Завтра в 10")
    until(lambda: len(chat.in_topic()) > before, "a note")
    w.note(chat.in_topic()[-1]["text"])
    assert chat.sent_texts() == ["Завтра в 9"], chat.sent_texts()


@row(NAME, "out", "deletion")
@test
def slash_delete_takes_it_back_within_the_hour(w):
    chat, thread = begin(w)
    message = chat.seller.write(thread, text="Не туда")
    chat.arrives("Не туда")
    chat.rests()
    chat.seller.write(thread, text="/delete", reply_to=message["message_id"])
    until(lambda: chat.sent()[-1]["type"] == "deleted", "it is gone there")


@row(NAME, "out", "deletion")
@test(events=MINUTES_PASS)
def slash_delete_after_the_hour_says_that_it_is_late(w):
    chat, thread = begin(w)
    message = chat.seller.write(thread, text="Поздно")
    chat.arrives("Поздно")
    chat.rests()
    w.stack.move_clock(3660)
    command = chat.seller.write(thread, text="/delete",
                                reply_to=message["message_id"])
    w.note(refused(chat, command, "только в течение 1 ч"))
    assert chat.sent_texts() == ["Поздно"]


@row(NAME, "out", "reaction")
@test
def reaction_of_the_team_stays_inside(w):
    chat, thread = begin(w)
    copy = copy_of(chat, "Здравствуйте")
    w.sandbox.post(f"telegram/chats/{chat.seller.group}/messages/"
                   f"{copy['message_id']}/reaction",
                   **{"from": chat.seller.operator, "emoji": ["❤"]})
    chat.seller.write(thread, text="Да")
    chat.arrives("Да")
    assert chat.sent_texts() == ["Да"]


@row(NAME, "out", "read mark")
@test
def buyer_sees_that_it_was_read(w):
    chat, _ = begin(w)
    chat.read()
