"""Messages from the web with files."""

import json
import secrets
import threading

from lib.private import Source
from lib.rest import http_call
from lib.runner import test
from lib.uploads import file_of, upload
from lib.wait import until

MIB = 1024 * 1024


def _scene(w):
    """A seller, a chat that has begun, and an owner of the client."""
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    chat.shown("Здравствуйте")
    chat.rests()
    return seller, chat, w.user(seller.client_id)


def _picture(w, owner, name="sample.jpg"):
    return upload(owner, name, w.sandbox.file(name))


@test
def pictures_reach_buyer_and_topic_as_one_message(w):
    seller, chat, owner = _scene(w)
    one, two = _picture(w, owner), _picture(w, owner, "sample.png")
    sent = owner.post(f"{chat.dialog_path}/messages", {
        "text": "Вот они", "attachments": [two["id"], one["id"]]})
    assert sent["kind"] == "image" and sent["text"] == "Вот они", sent
    assert [a["name"] for a in sent["attachments"]] == \
        ["sample.png", "sample.jpg"], sent
    for shown, brought in zip(sent["attachments"], (two, one)):
        assert shown["mime"] == brought["mime"], shown
        assert (shown["width"], shown["height"]) == \
            (brought["width"], brought["height"]), shown
        assert file_of(owner, shown["url"]).data == \
            w.sandbox.file(brought["name"])
    chat.arrives(type="image", count=2)
    chat.arrives("Вот они")
    until(lambda: sum(m["kind"] == "photo" for m in chat.in_topic()) == 2,
          "both pictures are in the topic")
    chat.rests()
    assert [m["type"] for m in chat.sent()] == ["image", "image", "text"]
    done = owner.get(f"{chat.dialog_path}/messages")["items"][-1]
    assert done["id"] == sent["id"] and done["status"] == "delivered", done


@test
def picture_needs_no_text(w):
    _, chat, owner = _scene(w)
    made = _picture(w, owner)
    for body in ({"attachments": []}, {"text": " ", "attachments": []}, {}):
        answer = owner.call("POST", f"{chat.dialog_path}/messages", body,
                            wrong=True)
        assert answer.status == 422, answer
        assert answer["errors"][0]["field"] == "text", answer
    sent = owner.post(f"{chat.dialog_path}/messages",
                      {"attachments": [made["id"]]})
    assert sent["text"] == "" and sent["kind"] == "image", sent
    chat.arrives(type="image")
    chat.rests()
    assert [m["type"] for m in chat.sent()] == ["image"]


@test
def what_the_service_does_not_take_is_refused_at_once(w):
    _, chat, owner = _scene(w)
    pdf = upload(owner, "a.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    voice = upload(owner, "a.ogg", w.sandbox.file("sample.ogg"))
    large = upload(owner, "a.jpg", w.sandbox.file("sample.jpg") +
                   b"\0" * (24 * MIB))
    good = _picture(w, owner)
    for made in (pdf, voice, large):
        refused = owner.refused(
            422, "POST", f"{chat.dialog_path}/messages",
            {"text": "Вот", "attachments": [good["id"], made["id"]]})
        error = refused["errors"][0]
        assert error["field"] == "attachments", refused
        assert "Avito takes" in error["message"] and \
            "24 MB" in error["message"], refused
    # Nothing of it happened: the good one can still be sent.
    owner.post(f"{chat.dialog_path}/messages",
               {"attachments": [good["id"]]})
    chat.arrives(type="image")


@test
def foreign_used_and_unknown_uploads_are_alike(w):
    _, chat, owner = _scene(w)
    foreign = _picture(w, w.user(w.client()))["id"]
    used, good = _picture(w, owner)["id"], _picture(w, owner)["id"]
    path = f"{chat.dialog_path}/messages"
    owner.post(path, {"attachments": [used]})
    told = {json.dumps(owner.refused(422, "POST", path, {
        "attachments": ids})["errors"])
        for ids in ([foreign], [used], [999999999], [good, good],
                    [good, foreign])}
    assert len(told) == 1 and "there is no such upload" in told.pop(), told
    for ids in ([0], [-1], ["5"], [1.5], [None], [good] * 11, "5", {}):
        answer = owner.call("POST", path, {"attachments": ids}, wrong=True)
        assert answer.status == 422, (ids, answer)
        assert "attachments" in [e["field"] for e in answer["errors"]]
    owner.post(path, {"attachments": [good]})


@test
def repeated_reference_gives_the_same_message(w):
    _, chat, owner = _scene(w)
    path = f"{chat.dialog_path}/messages"
    body = {"attachments": [_picture(w, owner)["id"]], "client_ref": "one"}
    first = owner.post(path, body)
    assert owner.post(path, body)["id"] == first["id"]
    chat.arrives(type="image")
    chat.rests()
    assert len(chat.sent()) == 1, chat.sent()


@test
def of_requests_at_once_one_sends(w):
    _, chat, owner = _scene(w)
    path = f"{chat.dialog_path}/messages"
    headers = {"Authorization": f"Bearer {owner.token}",
               "Content-Type": "application/json"}

    def at_once(bodies):
        answers = []
        threads = [threading.Thread(target=lambda b=b: answers.append(
            http_call(w.stack.url, "POST", path, json.dumps(b), headers)))
            for b in bodies]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return answers

    made = _picture(w, owner)["id"]
    same = at_once([{"attachments": [made], "client_ref": "x"}] * 4)
    assert {a.status for a in same} == {201}, same
    assert len({a["id"] for a in same}) == 1, same
    made = _picture(w, owner)["id"]
    each = at_once([{"attachments": [made],
                     "client_ref": secrets.token_hex(4)} for _ in range(4)])
    assert sorted(a.status for a in each) == [201, 422, 422, 422], each
    chat.arrives(type="image", count=2)
    chat.rests()
    assert len(chat.sent()) == 2, chat.sent()


def _private(w):
    """A person's chat with a source's bot, and an owner of the client."""
    seller = w.seller(connect=False)
    person = Source(seller).person()
    person.say("Здравствуйте")
    person.shown("Здравствуйте")
    person.rests()
    return person, w.user(seller.client_id)


@test
def person_in_telegram_gets_every_kind_of_file(w):
    person, owner = _private(w)
    path = f"{person.dialog_path}/messages"
    for name, kind in (("sample.pdf", "document"), ("sample.ogg", "voice"),
                       ("sample.mp4", "video"), ("sample.mp3", "audio"),
                       ("sample.jpg", "photo"), ("sample.webp", "photo")):
        made = _picture(w, owner, name)
        before = sum(m["kind"] == kind for m in person.sent())
        sent = owner.post(path, {"text": f"Вот {name}",
                                 "attachments": [made["id"]]})
        assert sent["kind"] == made["kind"], sent
        person.arrives(count=before + 1, kind=kind)
        assert person.sent()[-1]["caption"] == f"Вот {name}", person.sent()
    person.rests()


@test
def picture_too_large_for_a_photo_goes_as_a_document(w):
    person, owner = _private(w)
    made = upload(owner, "a.jpg", w.sandbox.file("sample.jpg") +
                  b"\0" * (11 * MIB))
    owner.post(f"{person.dialog_path}/messages",
               {"attachments": [made["id"]]})
    person.arrives(kind="document")


@test
def file_of_a_person_is_fetched_when_it_is_looked_at(w):
    person, owner = _private(w)
    path = f"{person.dialog_path}/messages"
    person.say(kind="document", file="sample.pdf")
    files = until(lambda: [f for m in owner.get(path)["items"]
                           for f in m["attachments"]], "the file is known")
    person.rests()
    w.db.rows("UPDATE attachments SET sha256 = NULL WHERE client_id = %s",
              person.seller.client_id)
    url = files[0]["url"]
    answer = until(lambda: _unless_fetching(file_of(owner, url)),
                   "the file is fetched")
    assert answer.data == w.sandbox.file("sample.pdf")
    assert answer.type == "application/octet-stream", answer.type
    assert "sample.pdf" in answer.headers["Content-Disposition"]


def _unless_fetching(answer):
    return None if answer.status == 202 else answer
