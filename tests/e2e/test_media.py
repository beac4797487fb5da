"""Files of messages, as people of the client get them."""

import os

from lib.callers import Person, add_user
from lib.rest import Rest
from lib.runner import test
from lib.uploads import attach, file_of, raw, upload
from lib.wait import until


def _photo(w, **options):
    """A seller, a chat in which a photo arrived, and its attachment."""
    seller = w.seller(**options)
    chat = seller.buyer()
    chat.say(type="image", file="sample.jpg")
    w.sandbox.wait(tg_chat=seller.group, kind="photo", count=1)
    chat.rests()
    message = seller.api.get(f"{chat.dialog_path}/messages")["items"][-1]
    return seller, chat, message["attachments"][0]


def _assigned(w, seller):
    """Somebody who sees their own dialogs only, and their id."""
    user = add_user(w, seller.client_id, "manager", "assigned",
                    assigned_only=True)
    person = Person(w, "assigned", user)
    return Rest(w.stack.url, w.openapi,
                person.headers(False)["Authorization"].split()[1]), user


@test
def photo_of_the_buyer_is_shown_to_people_of_the_client(w):
    seller, _, photo = _photo(w)
    assert photo["url"] == f"/api/media/{photo['id']}", photo
    manager = w.user(seller.client_id, role="manager")
    answer = file_of(manager, photo["url"])
    assert answer.status == 200 and answer.data == \
        w.sandbox.file("sample.jpg"), answer
    headers = answer.headers
    assert answer.type == "image/jpeg", answer.type
    assert headers["Content-Disposition"].startswith("inline"), headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers.get_all("Content-Security-Policy") == [
        "sandbox; default-src 'none'"], headers
    assert headers.get_all("Cache-Control") == ["private, no-cache"]
    assert headers["ETag"] and headers["Accept-Ranges"] == "bytes"
    assert "X-Accel-Redirect" not in headers


@test
def strangers_and_whom_it_does_not_concern_find_nothing(w):
    seller, chat, photo = _photo(w)
    assert file_of(w.user(w.client()), photo["url"]).status == 404
    assert raw(w, "GET", photo["url"]).status == 401
    person, user = _assigned(w, seller)
    assert file_of(person, photo["url"]).status == 404
    seller.api.patch(chat.dialog_path, {"assignee_id": user})
    assert file_of(person, photo["url"]).status == 200


@test
def parts_of_a_file_are_given(w):
    seller, _, photo = _photo(w)
    whole = file_of(seller.api, photo["url"])
    etag, size = whole.headers["ETag"], len(whole.data)
    part = file_of(seller.api, photo["url"], Range="bytes=10-29")
    assert part.status == 206 and part.data == whole.data[10:30], part
    assert part.headers["Content-Range"] == f"bytes 10-29/{size}"
    last = file_of(seller.api, photo["url"], Range="bytes=-5")
    assert last.status == 206 and last.data == whole.data[-5:]
    same = file_of(seller.api, photo["url"], Range="bytes=0-0", If_Range=etag)
    assert same.status == 206 and len(same.data) == 1
    other = file_of(seller.api, photo["url"], Range="bytes=0-0",
                    If_Range='"other"')
    assert other.status == 200 and other.data == whole.data
    assert file_of(seller.api, photo["url"],
                   Range=f"bytes={size}-").status == 416
    kept = file_of(seller.api, photo["url"], If_None_Match=etag)
    assert kept.status == 304 and not kept.data
    head = raw(w, "HEAD", photo["url"],
               headers={"Authorization": f"Bearer {seller.api.token}"})
    assert head.status == 200 and not head.data
    assert head.headers["Content-Length"] == str(size)


@test
def what_a_browser_could_run_is_only_saved(w):
    seller, chat, _ = _photo(w)
    dialog = chat.dialog()["id"]
    made = upload(seller.api, "a.txt", b"<b>hello</b> as a text\n" * 3,
                  client_id=seller.client_id)
    for mime in ("text/html", "image/svg+xml", "application/xhtml+xml",
                 "text/plain", "application/pdf", "application/x-msdownload"):
        name = f"страница \"{mime.partition('/')[2]}\".html"
        answer = file_of(seller.api, "/api/media/" + str(attach(
            w, made["id"], dialog, mime, name)))
        assert answer.status == 200, answer
        assert answer.type == "application/octet-stream", (mime, answer.type)
        told = answer.headers["Content-Disposition"]
        assert told.startswith("attachment; ") and \
            "filename*=UTF-8''%D1%81%D1%82" in told, told
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == \
            "sandbox; default-src 'none'"


@test
def odd_names_make_no_headers(w):
    seller, chat, photo = _photo(w)
    for name in ("a\r\nX-Evil: 1", "\u202egpj.exe", "a\";b\\c/../d\0"[:-1],
                 "я" * 2000, "🙂", "", "%0d%0aX-Evil: 1"):
        w.db.rows("UPDATE attachments SET name = %s WHERE id = %s", name,
                  photo["id"])
        answer = file_of(seller.api, photo["url"])
        assert answer.status == 200, (name, answer)
        assert "X-Evil" not in answer.headers
        assert "\u202e" not in answer.headers["Content-Disposition"]


def _in_media_dir(w, photo):
    return os.path.join(w.stack.setting("MEDIA_DIR"), w.db.one(
        "SELECT client_id || '/' || left(sha256, 2) || '/' || sha256"
        " FROM attachments WHERE id = %s", photo["id"]))


def _comes(api, photo):
    """The file, as soon as the daemon has fetched it."""
    def ask():
        answer = file_of(api, photo["url"])
        assert answer.status in (200, 202, 404), answer
        return None if answer.status == 202 else answer
    return until(ask, "the file is fetched")


@test
def file_that_nobody_has_carried_is_fetched_when_it_is_looked_at(w):
    seller, _, photo = _photo(w)
    w.db.rows("UPDATE attachments SET sha256 = NULL WHERE id = %s",
              photo["id"])
    first = file_of(seller.api, photo["url"])
    assert first.status == 202 and first.json == {"status": "fetching"}
    assert first.headers["Retry-After"], first.headers
    assert _comes(seller.api, photo).data == w.sandbox.file("sample.jpg")
    # Somebody has cleared MEDIA_DIR.
    os.unlink(_in_media_dir(w, photo))
    assert _comes(seller.api, photo).data == w.sandbox.file("sample.jpg")


@test
def voice_and_files_of_the_group_are_fetched_as_well(w):
    seller, chat, _ = _photo(w)
    chat.say(type="voice")
    w.sandbox.wait(tg_chat=seller.group, kind="voice", count=1)
    seller.write(chat.topic(), kind="photo", file="sample.png")
    chat.arrives(type="image")
    chat.rests()
    w.db.rows("UPDATE attachments SET sha256 = NULL WHERE client_id = %s",
              seller.client_id)
    shown = seller.api.get(f"{chat.dialog_path}/messages")["items"]
    voice, picture = (m["attachments"][0] for m in shown[-2:])
    assert _comes(seller.api, voice).status == 200
    assert _comes(seller.api, picture).data == w.sandbox.file("sample.png")


@test
def file_that_its_service_has_no_more_is_gone(w):
    seller, chat, photo = _photo(w)
    w.db.rows("UPDATE attachments SET sha256 = NULL WHERE id = %s",
              photo["id"])
    w.sandbox.fault(service="files", method="image", kind="status",
                    status=404, times=0)
    gone = _comes(seller.api, photo)
    assert gone.status == 404 and "any more" in gone["detail"], gone
    shown = seller.api.get(f"{chat.dialog_path}/messages")["items"][-1]
    assert shown["attachments"][0]["url"] is None, shown


@test
def nobody_reaches_the_folder_itself(w):
    seller, _, photo = _photo(w)
    path = os.path.relpath(_in_media_dir(w, photo),
                           w.stack.setting("MEDIA_DIR"))
    for prefix in ("/protected/media/", "/protected/media/../media/",
                   "/protected/media//"):
        assert raw(w, "GET", prefix + path).status == 404, prefix
    assert file_of(seller.api, photo["url"]).status == 200
