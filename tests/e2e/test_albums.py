"""Several files in one message: they stay together where a side can show them
so, and none is lost or comes twice."""

import urllib.request

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
