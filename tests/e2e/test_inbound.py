"""What a buyer writes on Avito is seen in a topic of the working group."""

import re
import time

from lib.runner import test
from lib.wait import until


@test
def first_message_makes_a_topic_named_after_buyer_and_ad(w):
    seller = w.seller()
    chat = seller.buyer("Анна Петрова")
    chat.say("Ещё продаёте?")
    w.sandbox.wait(tg_chat=seller.group, topics=1)
    name = seller.topics()[0]["name"]
    assert name.startswith("Анна Петрова"), name
    assert seller.title in name, name


@test
def long_title_is_cut_to_what_a_topic_name_may_have(w):
    seller = w.seller()
    item = seller.item + 500000000
    w.sandbox.post("avito/items", user_id=seller.user_id, id=item,
                   title="🛋 Диван " * 30, price=100)
    chat = seller.buyer("Анна", item=item)
    chat.say("Здравствуйте")
    w.sandbox.wait(tg_chat=seller.group, topics=1)
    name = seller.topics()[0]["name"]
    assert name.startswith("Анна") and 100 < len(name) <= 128, name
    assert len(name.encode("utf-16-le")) // 2 <= 128, name


@test
def card_is_the_first_message_of_the_topic_and_pinned(w):
    seller = w.seller()
    chat = seller.buyer("Борис")
    chat.say("Сколько стоит?")
    chat.shown("Сколько стоит?")
    card = chat.in_topic()[0]
    for part in (seller.title, "1 500", f"https://avito.ru/items/{seller.item}",
                 "Борис"):
        assert part in card["text"], (part, card["text"])
    assert "Сколько стоит?" not in card["text"]
    w.sandbox.wait(tg_chat=seller.group, tg_pinned=1)
    chat_state = w.sandbox.telegram_chat(seller.group)
    assert chat_state["pinned"] == [card["message_id"]], chat_state["pinned"]


@test
def text_comes_as_it_is_under_the_buyers_name(w):
    seller = w.seller()
    chat = seller.buyer("Вера <b>&amp; Ко</b>")
    text = "Первая строка\n<b>не жирно</b> & *звёзды* _и_ [скобки](x) 👍🏽"
    chat.say(text)
    chat.shown(text)
    shown = chat.showing(text)[0]["text"]
    name, _, rest = shown.partition("\n")
    assert "Вера <b>&amp; Ко</b>" in name, shown
    assert rest == text, shown
    w.note(f"shown as {shown!r}")


@test
def time_from_avito_to_topic_is_told(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("разминка")
    chat.shown("разминка")
    begun = time.monotonic()
    chat.say("на время")
    w.sandbox.wait(tg_chat=seller.group, text="на время", count=1)
    w.note(f"from Avito to the topic: "
           f"{(time.monotonic() - begun) * 1000:.0f} ms")


@test
def photo_arrives_as_the_same_photo(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say(type="image", file="sample.jpg")
    w.sandbox.wait(tg_chat=seller.group, kind="photo", count=1)
    photo = next(m for m in chat.in_topic() if m["kind"] == "photo")
    assert chat.name in photo.get("caption", ""), photo.get("caption")
    assert _bytes(w, photo["photo"][-1]) == w.sandbox.file("sample.jpg")


@test
def voice_arrives_as_the_same_voice(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say(type="voice", file="sample.m4a")
    w.sandbox.wait(tg_chat=seller.group, kind="voice", count=1)
    voice = next(m for m in chat.in_topic() if m["kind"] == "voice")
    assert _bytes(w, voice["voice"]) == w.sandbox.file("sample.m4a")


def _bytes(w, file):
    return w.sandbox.file(file["file_id"])


@test
def photo_that_is_gone_is_named_in_its_place(w):
    seller = w.seller()
    chat = seller.buyer()
    w.sandbox.fault(service="files", method="image", kind="status",
                    status=404, times=0)
    chat.say(type="image")
    until(lambda: any("ℹ️" in m.get("text", "") for m in seller.messages()),
          "a line in the photo's place")
    assert not [m for m in seller.messages() if m["kind"] == "photo"]


@test(events=("delivery.*",))
def chat_is_read_only_after_telegram_accepted_the_message(w):
    seller = w.seller()
    chat = seller.buyer()
    fault = w.sandbox.fault(service="telegram", method="sendMessage",
                            account=str(seller.bot_id), kind="status",
                            status=500, times=0)
    since = w.sandbox.mark()
    chat.say("Прочитано не сразу")
    w.sandbox.wait(calls_since=since, method="sendMessage",
                   outcome="fault:status")
    assert not chat.is_read()
    assert not w.sandbox.calls(since, method="chat.read")
    w.sandbox.end_fault(fault)
    until(lambda: _again(w, chat, "Прочитано не сразу"),
          "the message is sent again")
    chat.read()


@test(events=("delivery.*",))
def chat_is_not_read_while_telegram_takes_its_time(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("разминка")
    chat.shown("разминка")
    chat.read()
    fault = w.sandbox.fault(service="telegram", method="sendMessage",
                            account=str(seller.bot_id), kind="hang",
                            delay_ms=60000)
    since = w.sandbox.mark()
    chat.say("ждём")
    until(lambda: w.db.count(
        "attempts", "content LIKE %s AND finished_at IS NULL", "%ждём"),
        "the message is on its way")
    assert not chat.is_read()
    assert not w.sandbox.calls(since, method="chat.read")
    # The sandbox resets what hangs: unsure, and sent again.
    w.sandbox.end_fault(fault)
    until(lambda: _again(w, chat, "ждём"), "the message is sent again")
    chat.read()


def _again(w, chat, text):
    w.hurry(10)
    return chat.showing(text)


@test
def mark_read_waits_for_every_message_of_the_buyer(w):
    seller = w.seller()
    chat = seller.buyer()
    since = w.sandbox.mark()
    chat.say("Сообщение {n}", count=5)
    chat.shown("Сообщение", count=5)
    chat.read()
    calls = w.sandbox.calls(since)
    last_send = max(c["n"] for c in calls if c["method"] == "sendMessage")
    last_read = max(c["n"] for c in calls if c["method"] == "chat.read")
    assert last_read > last_send, (last_read, last_send)


@test
def messages_keep_their_order_in_the_topic(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Номер {n}.", count=15)
    chat.shown("Номер", count=15)
    texts = [m["text"].split("\n")[-1] for m in chat.in_topic()[1:]]
    assert texts == [f"Номер {n}." for n in range(1, 16)], texts


@test
def long_text_of_a_buyer_is_split_and_complete(w):
    seller = w.seller()
    chat = seller.buyer()
    text = " ".join(f"слово{n}" for n in range(1000))
    chat.say(text)
    chat.shown("слово999")
    parts = [m["text"] for m in chat.in_topic()[1:]]
    assert len(parts) > 1
    parts = [re.fullmatch(r"\((\d+)/(\d+)\) (.*)", part, re.S).groups()
             for part in parts]
    assert [(int(n), int(of)) for n, of, _ in parts] == \
        [(n + 1, len(parts)) for n in range(len(parts))], parts
    joined = "".join("".join(text for _, _, text in parts)
                     .partition("\n")[2].split())
    assert joined == "".join(text.split()), joined[:200]


@test
def call_link_and_shared_ad_are_named(w):
    seller = w.seller()
    chat = seller.buyer()
    for kind, word in (("call", "вонок"), ("link", "http"),
                       ("item", "Объявление")):
        chat.say(type=kind, **({"text": "https://example.test/x"}
                               if kind == "link" else {}))
        chat.shown(word)


@test
def file_and_video_are_named_with_where_to_look(w):
    seller = w.seller()
    chat = seller.buyer()
    for kind, word in (("file", "Файл"), ("video", "Видео"),
                       ("appCall", "вонок")):
        chat.say(type=kind)
        chat.shown(word)
        assert "Avito" in chat.showing(word)[0]["text"]


@test
def unknown_kind_is_named_and_not_the_buyers_words(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say(type="hologram", content={"text": "слова не покупателя"})
    chat.shown("hologram")
    assert not chat.showing("слова не покупателя")


@test
def deleted_message_is_named_as_deleted(w):
    for how in ("text", "deleted"):
        w.sandbox.set(avito_deleted_as=how)
        seller = w.seller(webhook=False)
        chat = seller.buyer()
        message = chat.say("Передумал")
        w.sandbox.post(
            f"avito/chats/{chat.id}/messages/{message['id']}/delete")
        seller.api.patch(seller.account_path, {"monitoring": True})
        chat.shown("Сообщение удалено")
        line = chat.showing("Сообщение удалено")[0]["text"]
        assert line != f"{chat.name}:\nСообщение удалено", line
        assert not chat.showing("Передумал")


@test
def message_to_a_closed_dialog_opens_it(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("раз")
    chat.shown("раз")
    seller.api.patch(chat.dialog_path, {"status": "closed"})
    chat.say("два")
    chat.shown("два")
    assert chat.dialog()["status"] == "open"


@test
def group_without_topics_names_the_dialog_in_every_message(w):
    seller = w.seller(topic_mode=False)
    w.sandbox.patch(f"telegram/groups/{seller.group}", forum=False)
    chat = seller.buyer("Глеб")
    chat.say("Без тем")
    w.sandbox.wait(tg_chat=seller.group, text="Без тем", count=1)
    shown = next(m for m in seller.messages() if "Без тем" in m["text"])
    assert "Глеб" in shown["text"] and seller.title in shown["text"], shown
    assert not seller.topics()
