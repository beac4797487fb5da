"""What an operator answers reaches the buyer on Avito."""

from lib.rest import http_call
from lib.runner import test
from lib.uploads import upload
from lib.wait import until


def _conversation(w, **options):
    """A seller, a chat, and the thread of its topic."""
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    return seller, chat, chat.shown("Здравствуйте")


def _picture_at(w, chat):
    """The bytes of the last one that the buyer got."""
    sizes = chat.sent()[-1]["content"]["image"]["sizes"]
    url = next(iter(sizes.values()))
    return http_call(w.sandbox.base, "GET", url[url.index("/files/"):]).data


@test
def text_of_an_operator_reaches_the_buyer(w):
    seller, chat, thread = _conversation(w)
    since = w.sandbox.mark()
    seller.write(thread, text="Да, продаём 👍 <b>&</b>")
    chat.arrives("Да, продаём 👍 <b>&</b>")
    sends = w.sandbox.calls(since, method="messages.send")
    assert len(sends) == 1, sends
    assert sends[0]["path"].startswith("/messenger/v1/accounts/"), sends


@test
def delivered_answer_gets_its_ok_hand(w):
    seller, chat, thread = _conversation(w)
    message = seller.write(thread, text="Да")
    chat.arrives("Да")
    seller.reacted(message)


@test
def photo_of_an_operator_reaches_the_buyer(w):
    seller, chat, thread = _conversation(w)
    since = w.sandbox.mark()
    message = seller.write(thread, kind="photo", file="sample.jpg")
    chat.arrives(type="image")
    methods = [c["method"] for c in w.sandbox.calls(since, service="avito")]
    assert methods.index("images.upload") < methods.index("messages.image")
    assert _picture_at(w, chat) == w.sandbox.file("sample.jpg")
    seller.reacted(message)


@test
def photo_with_caption_reaches_the_buyer_as_both(w):
    seller, chat, thread = _conversation(w)
    message = seller.write(thread, kind="photo", caption="Вот он")
    chat.arrives(type="image")
    chat.arrives("Вот он")
    assert [m["type"] for m in chat.sent()] == ["image", "text"]
    seller.reacted(message)


@test
def long_text_is_split_in_order(w):
    seller, chat, thread = _conversation(w)
    text = " ".join(f"слово{n:04d}" for n in range(250))[:2500]
    message = seller.write(thread, text=text)
    chat.arrives(count=3)
    chat.rests()
    parts = chat.sent_texts()
    assert len(parts) == 3 and all(len(p) <= 1000 for p in parts), \
        [len(p) for p in parts]
    assert [p[:6] for p in parts] == ["(1/3) ", "(2/3) ", "(3/3) "], parts
    assert "".join("".join(p[6:] for p in parts).split()) == \
        "".join(text.split())
    seller.reacted(message)


@test
def answers_keep_their_order(w):
    seller, chat, thread = _conversation(w)
    seller.write(thread, text="Ответ {n}", count=15)
    chat.arrives(count=15)
    assert chat.sent_texts() == [f"Ответ {n}" for n in range(1, 16)]


def _is_refused(w, **message):
    seller, chat, thread = _conversation(w)
    written = seller.write(thread, **message)
    until(lambda: _answers(seller, thread, written), "the reason in the topic")
    reason = _answers(seller, thread, written)[0]["text"]
    assert "Avito" in reason, reason
    assert not chat.sent()
    dead = [d for d in seller.api.all("/api/deliveries?state=dead")
            if d["dialog_id"] == chat.dialog()["id"]]
    assert len(dead) == 1 and dead[0]["last_error"], dead


def _answers(seller, thread, written):
    return [m for m in seller.messages(thread) if m["by"] == "bot" and
            m.get("reply_to_message", {}).get("message_id") ==
            written["message_id"]]


@test
def document_of_an_operator_is_refused_with_the_reason(w):
    _is_refused(w, kind="document")


@test
def voice_of_an_operator_is_refused_with_the_reason(w):
    _is_refused(w, kind="voice")


@test
def still_sticker_of_an_operator_reaches_the_buyer_as_a_picture(w):
    seller, chat, thread = _conversation(w)
    seller.write(thread, kind="sticker", file="sample.webp")
    chat.arrives(type="image")
    chat.rests()
    assert _picture_at(w, chat).startswith(b"\x89PNG\r\n\x1a\n")
    assert [m["type"] for m in chat.sent()] == ["image"], chat.sent()


@test
def sticker_that_becomes_no_picture_goes_as_its_sign(w):
    seller, chat, thread = _conversation(w)
    good = w.sandbox.file("sample.webp")
    kept = http_call(w.sandbox.base, "POST", "/control/files?name=bad.webp",
                     good[:len(good) // 2])
    assert kept.status < 300, kept
    seller.write(thread, kind="sticker", file=kept["file"])
    chat.arrives("👍")
    chat.rests()
    assert [m["type"] for m in chat.sent()] == ["text"], chat.sent()


@test
def webp_picture_from_the_web_reaches_the_buyer_as_png(w):
    seller, chat, _ = _conversation(w)
    made = upload(seller.api, "a.webp", w.sandbox.file("sample.webp"),
                  client_id=seller.client_id)
    assert made["kind"] == "image" and made["mime"] == "image/webp", made
    seller.api.post(f"{chat.dialog_path}/messages",
                    {"attachments": [made["id"]]})
    chat.arrives(type="image")
    chat.rests()
    assert _picture_at(w, chat).startswith(b"\x89PNG\r\n\x1a\n")


@test
def refused_message_does_not_stop_those_behind_it(w):
    seller, chat, thread = _conversation(w)
    seller.write(thread, kind="sticker")
    seller.write(thread, text="А текст идёт")
    chat.arrives("А текст идёт")


@test
def chat_that_is_gone_at_avito_is_told_in_the_topic(w):
    seller, chat, thread = _conversation(w)
    w.sandbox.patch(f"avito/chats/{chat.id}", blocked=True)
    written = seller.write(thread, text="Ау?")
    until(lambda: _answers(seller, thread, written), "the reason in the topic")
    assert not chat.sent()


@test
def message_from_the_web_reaches_buyer_and_topic_once(w):
    seller, chat, _ = _conversation(w)
    body = {"text": "Ответ из кабинета", "client_ref": f"ref-{chat.id}"}
    path = f"{chat.dialog_path}/messages"
    first = seller.api.post(path, body)
    again = seller.api.call("POST", path, body)
    assert again.status in (200, 201), again
    assert again["id"] == first["id"]
    chat.arrives("Ответ из кабинета")
    chat.shown("Ответ из кабинета")
    chat.rests()
    assert chat.sent_texts() == ["Ответ из кабинета"]
    assert len(chat.showing("Ответ из кабинета")) == 1


@test
def message_from_the_web_is_followed_to_its_end(w):
    seller, chat, _ = _conversation(w)
    path = f"{chat.dialog_path}/messages"
    message = seller.api.post(path, {"text": "Следим"})
    assert message["direction"] == "web", message
    assert message["dialog_id"] == chat.dialog()["id"]
    chat.arrives("Следим")

    def status():
        items = seller.api.get(path)["items"]
        return next(m for m in items if m["id"] == message["id"])["status"]
    until(lambda: status() in ("sent", "delivered"),
          "the message is shown as sent")


@test
def message_from_the_web_names_its_author_in_the_topic(w):
    seller, chat, _ = _conversation(w)
    owner = w.user(seller.client_id)
    owner.post(f"{chat.dialog_path}/messages", {"text": "Подписано"})
    chat.shown("Подписано")
    assert owner.user["name"] in chat.showing("Подписано")[0]["text"]


@test
def answer_is_not_repeated_in_the_topic_by_its_echo(w):
    seller, chat, thread = _conversation(w)
    seller.write(thread, text="Только раз")
    chat.arrives("Только раз")
    w.sandbox.wait(idle=1)
    chat.rests()
    assert len(chat.showing("Только раз")) == 1


@test
def echo_that_comes_before_the_answer_changes_nothing(w):
    seller, chat, thread = _conversation(w)
    w.sandbox.set(avito_echo="before")
    message = seller.write(thread, text="Эхо раньше ответа")
    chat.arrives("Эхо раньше ответа")
    seller.reacted(message)
    chat.rests()
    assert len(chat.showing("Эхо раньше ответа")) == 1
    assert chat.sent_texts() == ["Эхо раньше ответа"]


@test
def message_without_echo_is_fine_too(w):
    seller, chat, thread = _conversation(w)
    w.sandbox.set(avito_echo="none")
    message = seller.write(thread, text="Без эха")
    chat.arrives("Без эха")
    seller.reacted(message)


@test
def seller_in_avitos_app_is_shown_as_the_sellers_own(w):
    _, chat, _ = _conversation(w)
    chat.seller_says("Пишу с телефона")
    chat.shown("Пишу с телефона")
    shown = chat.showing("Пишу с телефона")[0]["text"]
    assert chat.name not in shown.partition("\n")[0], shown
    assert "Avito" in shown.partition("\n")[0], shown
    assert not chat.sent()


@test
def sellers_own_answer_counts_as_an_answer(w):
    _, chat, _ = _conversation(w)
    until(lambda: chat.dialog()["unread_count"] == 1, "one unread")
    chat.seller_says("Ответил с телефона")
    chat.shown("Ответил с телефона")
    assert chat.dialog()["unread_count"] == 0


@test
def colleagues_talk_in_general_stays_there(w):
    seller, chat, thread = _conversation(w)
    seller.write(0, text="Между нами")
    seller.write(thread, text="Покупателю")
    chat.arrives("Покупателю")
    w.sandbox.wait(idle=1)
    assert chat.sent_texts() == ["Покупателю"]


@test(events=("daemon.died",))
def edit_before_sending_replaces_the_text(w):
    seller, chat, thread = _conversation(w)
    chat.rests()
    w.stack.kill("daemon")
    try:
        message = seller.write(thread, text="Опечтака")
        w.sandbox.wait(idle=1)
        w.sandbox.patch(f"telegram/chats/{seller.group}/messages/"
                        f"{message['message_id']}", text="Без опечатки")
        w.sandbox.wait(idle=1)
    finally:
        w.stack.start("daemon")
    chat.arrives("Без опечатки")
    assert chat.sent_texts() == ["Без опечатки"]
