"""Several files in one message: they stay together where a side can show them
so, and none is lost or comes twice."""

import urllib.request

from lib.private import Source
from lib.runner import test
from lib.unsure import unsure_sends
from lib.uploads import upload
from lib.wait import until


def _conversation(w, **options):
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say("Здравствуйте")
    thread = chat.shown("Здравствуйте")
    chat.rests()
    return seller, chat, thread


def _photos(w, count):
    """JPEGs that differ; what they are called in the sandbox."""
    return [w.sandbox.keep(f"p{n}.jpg", "image/jpeg",
                           w.sandbox.file("sample.jpg") + b"photo %d" % n)
            for n in range(count)]


def _album(seller, thread, files, **more):
    """As an operator, at once; the Messages."""
    return seller.w.sandbox.call(
        "POST", f"telegram/chats/{seller.group}/messages",
        {"thread": thread, "from": seller.operator, "kind": "album",
         "files": files, **more})["messages"]


def _item(seller, thread, album, file, **more):
    return seller.write(thread, kind="photo", file=file, album=album, **more)


def _at_avito(w, message):
    sizes = message["content"]["image"]["sizes"]
    with urllib.request.urlopen(next(iter(sizes.values())),
                                timeout=20) as answer:
        return answer.read()


def _arrived(w, chat, files):
    """These photos, each once and in order."""
    photos = [_at_avito(w, m) for m in chat.sent() if m["type"] == "image"]
    assert photos == [w.sandbox.file(f) for f in files], len(photos)


def _answers(w, chat):
    """Messages of operators, by how many files each has."""
    return [int(n) for (n,) in w.db.rows(
        "SELECT (SELECT count(*) FROM attachments a WHERE a.message_id = m.id)"
        " FROM messages m WHERE author = 'operator' AND dialog_id = %s"
        " ORDER BY id", chat.dialog()["id"])]


def _stored(w, chat, items):
    until(lambda: sum(_answers(w, chat)) == items, f"{items} items are stored")


@test
def album_of_photos_reaches_the_buyer_in_order(w):
    seller, chat, thread = _conversation(w)
    files = _photos(w, 4)
    items = _album(seller, thread, files, caption="Вот они")
    chat.arrives("Вот они")
    chat.rests()
    assert [m["type"] for m in chat.sent()] == ["image"] * 4 + ["text"]
    _arrived(w, chat, files)
    assert _answers(w, chat) == [4], _answers(w, chat)
    seller.reacted(items[0])


@test
def item_that_comes_late_follows_by_itself(w):
    seller, chat, thread = _conversation(w)
    files = _photos(w, 3)
    _item(seller, thread, "77", files[0])
    _item(seller, thread, "77", files[1])
    chat.arrives(type="image", count=2)
    _item(seller, thread, "77", files[2])
    chat.arrives(type="image", count=3)
    chat.rests()
    _arrived(w, chat, files)
    assert _answers(w, chat) == [2, 1], _answers(w, chat)


@test
def album_waits_for_quiet_whatever_the_clock_does(w):
    seller, chat, thread = _conversation(w)
    files = _photos(w, 2)
    _item(seller, thread, "77", files[0])
    _stored(w, chat, 1)
    w.hurry(20)
    _item(seller, thread, "77", files[1])
    chat.arrives(type="image", count=2)
    chat.rests()
    _arrived(w, chat, files)
    assert sum(_answers(w, chat)) == 2


@test
def item_that_comes_twice_is_there_once(w):
    seller, chat, thread = _conversation(w)
    files = _photos(w, 3)
    mark = w.sandbox.deliveries_mark()
    for message in _album(seller, thread, files):
        assert message["media_group_id"]
    _stored(w, chat, 3)
    for delivery in w.sandbox.deliveries(mark, service="telegram",
                                         account=str(seller.bot_id)):
        if delivery["body"].get("message", {}).get("photo"):
            assert seller.post_update(delivery["body"]).status == 200
    chat.arrives(type="image", count=3)
    chat.rests()
    _arrived(w, chat, files)
    assert _answers(w, chat) == [3], _answers(w, chat)


def _reason(seller, thread, written):
    """What the bot answers to it."""
    def answers():
        return [m["text"] for m in seller.messages(thread)
                if (m.get("reply_to_message") or {}).get("message_id") ==
                written["message_id"] and m.get("text")]
    return until(answers, "the reason in the topic")[0]


@test
def album_with_what_avito_does_not_take_is_refused_whole(w):
    seller, chat, thread = _conversation(w)
    files = _photos(w, 2) + ["sample.mp4"]
    items = _album(seller, thread, files)
    reason = _reason(seller, thread, items[0])
    assert "«sample.mp4»: Avito принимает только" in reason, reason
    chat.rests()
    assert not chat.sent(), chat.sent()
    w.note(reason.splitlines()[0])


@test
def album_of_which_a_photo_is_gone_is_refused_whole(w):
    seller, chat, thread = _conversation(w)
    w.sandbox.fault(service="telegram", method="getFile", kind="status",
                    account=str(seller.bot_id), status=400, skip=1,
                    times=1)
    items = _album(seller, thread, _photos(w, 3))
    reason = _reason(seller, thread, items[0])
    assert "фото 2 из 3" in reason, reason
    chat.rests()
    assert not chat.sent(), chat.sent()
    w.note(reason.splitlines()[0])


@test(events=("delivery.*",))
def photo_of_which_it_is_unsure_whether_it_went_is_not_doubled(w):
    w.sandbox.set(avito_echo="none")
    seller, chat, thread = _conversation(w)
    w.sandbox.fault(service="avito", method="messages.image", skip=1,
                    account=str(seller.user_id), kind="accepted_then_reset",
                    times=1)
    files = _photos(w, 4)
    _album(seller, thread, files)
    chat.arrives(type="image", count=2)
    until(lambda: w.db.count("deliveries", "state = 'unsure'"), "unsure")
    w.hurry(6)
    chat.arrives(type="image", count=4)
    chat.rests()
    _arrived(w, chat, files)


def _uploads(api, files):
    return [upload(api, f"фото{n}.jpg", data)["id"]
            for n, data in enumerate(files)]


def _post(api, chat, **message):
    return api.post(f"{chat.dialog_path}/messages", message)


def _albums(seller, thread):
    """What stands in the topic as one, and how many items each has."""
    found = {}
    for m in seller.messages(thread):
        if m.get("media_group_id"):
            found.setdefault(m["media_group_id"], []).append(m)
    return list(found.values())


@test
def files_from_the_web_go_to_the_buyer_and_as_an_album_to_the_team(w):
    seller, chat, thread = _conversation(w)
    owner = w.user(seller.client_id)
    data = [w.sandbox.file("sample.jpg") + b"web %d" % n for n in range(10)]
    _post(owner, chat, text="Вот они", attachments=_uploads(owner, data))
    chat.arrives("Вот они")
    chat.rests()
    assert [_at_avito(w, m) for m in chat.sent() if m["type"] == "image"] \
        == data
    albums = _albums(seller, thread)
    assert [len(a) for a in albums] == [10], [len(a) for a in albums]
    shown = [w.sandbox.file(m["photo"][-1]["file_id"]) for m in albums[0]]
    assert shown == data
    assert "Вот они" in albums[0][0]["caption"], albums[0][0]
    assert not any(m.get("caption") for m in albums[0][1:])


@test(events=("delivery.*",))
def album_that_telegram_does_not_take_comes_in_single_files(w):
    seller, chat, thread = _conversation(w)
    owner = w.user(seller.client_id)
    data = [w.sandbox.file("sample.jpg") + b"bad %d" % n for n in range(3)]
    uploads = _uploads(owner, data)
    refusal = {"ok": False, "error_code": 400,
               "description": "Bad Request: PHOTO_INVALID_DIMENSIONS"}
    account = str(seller.bot_id)
    for method, skip in (("sendMediaGroup", 0), ("sendPhoto", 1),
                         ("sendDocument", 0)):
        w.sandbox.fault(service="telegram", method=method, kind="status",
                        account=account, status=400, body=refusal, skip=skip)
    _post(owner, chat, text="Вот они", attachments=uploads)
    chat.shown("фото1.jpg")
    chat.rests()
    assert not _albums(seller, thread)
    came = [m for m in seller.messages(thread) if m["by"] == "bot"][-3:]
    assert [m["kind"] for m in came] == ["photo", "text", "photo"], came
    assert "Вот они" in came[0]["caption"]
    assert "«фото1.jpg»" in came[1]["text"], came[1]["text"]
    w.note(came[1]["text"].splitlines()[-1])


@test(events=("delivery.*",))
def album_of_which_it_is_unsure_whether_it_came_is_counted_whole(w):
    seller, chat, thread = _conversation(w)
    owner = w.user(seller.client_id)
    data = [w.sandbox.file("sample.jpg") + b"twice %d" % n for n in range(3)]
    uploads = _uploads(owner, data)
    unsure = unsure_sends(w.db)
    w.sandbox.fault(service="telegram", method="sendMediaGroup",
                    account=str(seller.bot_id), kind="accepted_then_reset")
    _post(owner, chat, text="", attachments=uploads)
    until(lambda: w.hurry(6) or len(_albums(seller, thread)) == 2,
          "the album comes again")
    chat.rests()
    assert unsure_sends(w.db) - unsure == 3, unsure_sends(w.db) - unsure
    assert len(chat.sent()) == 3, chat.sent()


# --- people in Telegram ---

def _person(w, bot=None, business=False):
    seller = w.seller(connect=False)
    source = Source(seller, bot)
    person = source.account().customer() if business else source.person()
    person.say("Здравствуйте")
    thread = person.shown("Здравствуйте")
    person.rests()
    return seller, person, thread


def _shown(w, messages):
    return [w.sandbox.file(m["photo"][-1]["file_id"]) for m in messages]


def _both_ways(w, **who):
    seller, person, thread = _person(w, **who)
    files = _photos(w, 3)
    data = [w.sandbox.file(f) for f in files]
    person.say(kind="album", files=files, caption="Смотрите")
    until(lambda: _albums(seller, thread), "the album in the topic")
    person.rests()
    came, = _albums(seller, thread)
    assert _shown(w, came) == data
    assert "Смотрите" in came[0]["caption"], came[0]
    assert person.dialog()["unread_count"] == 2, person.dialog()
    items = _album(seller, thread, files[:2], caption="И вы")
    person.arrives(count=2)
    person.rests()
    sent = person.sent()
    assert _shown(w, sent) == data[:2]
    assert sent[0]["caption"] == "И вы", sent[0]
    assert len({m["media_group_id"] for m in sent}) == 1
    seller.reacted(items[0])


@test
def album_goes_both_ways_through_a_source(w):
    _both_ways(w)


@test
def album_goes_both_ways_through_the_bot_of_the_group(w):
    _both_ways(w, bot="group")


@test
def album_goes_both_ways_in_a_connected_account(w):
    _both_ways(w, business=True)


@test(events=("db.*", "redis.*", "delivery.*", "task.*", "daemon.*"))
def album_that_came_back_while_the_daemon_was_dead_is_not_sent_again(w):
    seller, person, thread = _person(w, business=True)
    w.stack.terminate("daemon", 5)
    _album(seller, thread, _photos(w, 3))
    w.sandbox.wait(idle=1)
    w.stack.restart_with_fault("delivery.answered")
    until(lambda: not w.stack.is_alive("daemon"), "the daemon dies")
    w.sandbox.wait(idle=1)
    w.hurry(200)
    w.stack.start("daemon")
    until(lambda: w.hurry(10) or w.db.count(
        "deliveries", "client_id = %s AND direction = 'buyer' AND state"
        " IN ('done', 'dead')", seller.client_id), "the end of the album")
    person.rests()
    assert len(person.sent()) == 3, person.sent()


@test
def kinds_that_do_not_mix_are_apart(w):
    seller, person, thread = _person(w)
    person.say(kind="album", files=["sample.jpg", "sample.mp4"])
    person.say(kind="album", files=["sample.pdf", "sample.pdf"])
    person.say(kind="voice")
    until(lambda: len(seller.messages(thread)) >= 7 and
          len(_albums(seller, thread)) == 2, "all that was sent")
    person.rests()
    kinds = [[m["kind"] for m in a] for a in _albums(seller, thread)]
    assert kinds == [["photo", "video"], ["document", "document"]], kinds
    assert seller.messages(thread)[-1]["kind"] == "voice"


@test
def every_item_can_be_answered(w):
    seller, person, thread = _person(w)
    person.say(kind="album", files=_photos(w, 3))
    until(lambda: _albums(seller, thread), "the album in the topic")
    person.rests()
    shown, = _albums(seller, thread)
    for n, item in enumerate(shown):
        seller.write(thread, text=f"Ответ {n}", reply_to=item["message_id"])
    person.arrives("Ответ", count=3)
    person.rests()
    items = [m for m in person.state()["messages"] if m["by"] == "human" and
             m["kind"] == "photo"]
    for n, answer in enumerate(person.sent()):
        assert answer["reply_to_message"]["message_id"] == \
            items[n]["message_id"], (n, answer)
    for n, item in enumerate(items):
        person.say(f"Вопрос {n}", reply_to=item["message_id"])
    for n, item in enumerate(shown):
        person.shown(f"Вопрос {n}")
        asked, = person.showing(f"Вопрос {n}")
        assert asked["reply_to_message"]["message_id"] == \
            item["message_id"], (n, asked)


@test
def edit_of_any_item_changes_the_caption(w):
    seller, person, thread = _person(w)
    person.say(kind="album", files=_photos(w, 3))
    until(lambda: _albums(seller, thread), "the album in the topic")
    person.rests()
    items = [m for m in person.state()["messages"] if m["by"] == "human" and
             m["kind"] == "photo"]
    person.edit(items[1], caption="Это кухня")
    person.shown("Это кухня")
    person.edit(items[2], caption="")
    person.edit(items[0], caption="Это ванная")
    person.shown("Это ванная")
    person.rests()
    album, = _albums(seller, thread)
    assert not any(m.get("caption") for m in album[1:]), album


def _large(w, name="видео.mp4"):
    return w.sandbox.keep(name, "video/mp4", w.sandbox.file("sample.mp4"),
                          claim=48 * 1024 * 1024)


@test
def file_too_large_for_bots_is_named_both_ways(w):
    seller, person, thread = _person(w)
    large = _large(w)
    person.say(kind="video", file=large, caption="Вот")
    person.shown("«видео.mp4», 48 МБ")
    shown = person.showing("«видео.mp4», 48 МБ")[0]["text"]
    assert person.name in shown and "20 МБ" in shown, shown
    assert "Вот" in shown, shown
    w.note(shown)
    written = seller.write(thread, kind="video", file=large)
    reason = _reason(seller, thread, written)
    assert "«видео.mp4», 48 МБ" in reason and "20 МБ" in reason, reason
    person.rests()
    assert not person.sent(), person.sent()
    w.note(reason)


@test
def file_too_large_for_bots_goes_on_by_the_bot_that_has_it(w):
    seller, person, thread = _person(w, bot="group")
    large = _large(w)
    person.say(kind="album", files=["sample.jpg", large], caption="Вот")
    until(lambda: _albums(seller, thread), "the album in the topic")
    person.rests()
    assert [m["kind"] for m in _albums(seller, thread)[0]] == \
        ["photo", "video"]
    seller.write(thread, kind="video", file=large)
    person.arrives(kind="video")
    person.rests()


@test
def too_large_a_file_in_an_album_is_named_in_its_place(w):
    seller, person, thread = _person(w)
    person.say(kind="album",
               files=_photos(w, 2) + [_large(w)] + _photos(w, 2))
    until(lambda: len(_albums(seller, thread)) == 2, "both halves")
    person.rests()
    came = [m for m in seller.messages(thread) if m["by"] == "bot"][-5:]
    assert [m["kind"] for m in came] == \
        ["photo", "photo", "text", "photo", "photo"], came
    assert "«видео.mp4»: 48 МБ" in came[2]["text"], came[2]["text"]
    w.note(came[2]["text"])


def _refused_photo(w, seller, thread, account, *methods):
    """An album of three of which the second is no photo for Telegram."""
    for method, skip in methods:
        w.sandbox.fault(service="telegram", method=method, kind="status",
                        account=str(account), status=400, skip=skip, body={
                            "ok": False, "error_code": 400, "description":
                            "Bad Request: PHOTO_INVALID_DIMENSIONS"})
    files = _photos(w, 3)
    return files, _album(seller, thread, files)


@test(events=("delivery.*",))
def file_that_telegram_refuses_does_not_keep_the_others(w):
    seller, person, thread = _person(w)
    files, items = _refused_photo(
        w, seller, thread, person.source.bot_id, ("sendMediaGroup", 0),
        ("sendPhoto", 1), ("sendDocument", 0))
    reason = _reason(seller, thread, items[0])
    person.rests()
    assert _shown(w, person.sent()) == \
        [w.sandbox.file(files[n]) for n in (0, 2)]
    assert "фото 2 из 3" in reason and "Остальное доставлено" in reason
    w.note(reason)


@test(events=("delivery.*",))
def what_is_no_photo_for_telegram_goes_as_a_document(w):
    seller, person, thread = _person(w)
    _, items = _refused_photo(
        w, seller, thread, person.source.bot_id, ("sendMediaGroup", 0),
        ("sendPhoto", 1))
    person.arrives(count=3)
    person.rests()
    assert [m["kind"] for m in person.sent()] == \
        ["photo", "document", "photo"], person.sent()
    seller.reacted(items[0])


def _lost_album(w, **who):
    seller, person, thread = _person(w, **who)
    w.sandbox.fault(service="telegram", method="sendMediaGroup",
                    account=str(person.source.bot_id),
                    kind="accepted_then_reset")
    items = _album(seller, thread, _photos(w, 3))
    reason = _reason(seller, thread, items[0])
    w.hurry(20)
    person.rests()
    assert len(person.sent()) == 3, person.sent()
    w.note(reason)


@test(events=("delivery.*",))
def album_of_which_it_is_unsure_whether_it_came_is_not_sent_again(w):
    _lost_album(w)


@test(events=("delivery.*",))
def items_that_come_back_from_an_account_send_no_others_again(w):
    _lost_album(w, business=True)


@test(events=("delivery.*",))
def who_is_asked_whether_it_came_hears_what_was_still_to_follow(w):
    seller, person, thread = _person(w)
    w.sandbox.fault(service="telegram", method="sendPhoto",
                    account=str(person.source.bot_id),
                    kind="accepted_then_reset")
    # Longer than a bot's caption may be: the words follow.
    written = seller.write(thread, kind="photo", file="sample.jpg",
                           caption="Слово " * 200)
    reason = _reason(seller, thread, written)
    assert "частей этого сообщения: 1." in reason, reason
    w.note(reason)


@test
def album_too_large_for_one_call_goes_in_two(w):
    seller, chat, thread = _conversation(w)
    owner = w.user(seller.client_id)
    data = [w.sandbox.file("sample.jpg") + b"%d" % n * 9000000
            for n in range(5)]
    _post(owner, chat, attachments=_uploads(owner, data))
    until(lambda: len([m for m in seller.messages(thread)
                       if m["kind"] == "photo"]) == 5, "all in the topic")
    chat.rests()
    assert [len(a) for a in _albums(seller, thread)] == [4]
    assert _shown(w, [m for m in seller.messages(thread)
                      if m["kind"] == "photo"]) == data
    assert len(chat.sent()) == 5


@test(events=("delivery.*",))
def photo_that_nobody_gives_is_named_in_the_end(w):
    seller, chat, thread = _conversation(w)
    w.sandbox.fault(service="files", method="image", kind="status",
                    status=500, times=0)
    chat.say(type="image")
    chat.say("А вот и текст")
    until(lambda: w.stack.move_clock(301) or
          chat.showing("Файл получить не удалось"), "a line in its place")
    chat.shown("А вот и текст")
    chat.rests()
