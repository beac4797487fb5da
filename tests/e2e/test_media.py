"""Files of messages, as people of the client get them."""

import os

from lib.callers import Person, add_user
from lib.rest import Rest
from lib.runner import test
from lib.uploads import attach, file_of, raw, upload


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


@test
def file_that_is_not_here_says_why(w):
    seller, chat, photo = _photo(w)
    path = w.db.one("SELECT client_id || '/' || left(sha256, 2) || '/' ||"
                    " sha256 FROM attachments WHERE id = %s", photo["id"])
    os.unlink(os.path.join(w.stack.setting("MEDIA_DIR"), path))
    gone = file_of(seller.api, photo["url"])
    assert gone.status == 404 and "not here" in gone["detail"], gone
    w.db.rows("UPDATE attachments SET sha256 = NULL WHERE id = %s",
              photo["id"])
    waits = file_of(seller.api, photo["url"])
    assert waits.status == 404 and "not been fetched" in waits["detail"]
    shown = seller.api.get(f"{chat.dialog_path}/messages")["items"][-1]
    assert shown["attachments"][0]["url"] is None, shown


@test
def nobody_reaches_the_folder_itself(w):
    seller, _, photo = _photo(w)
    path = w.db.one("SELECT client_id || '/' || left(sha256, 2) || '/' ||"
                    " sha256 FROM attachments WHERE id = %s", photo["id"])
    for prefix in ("/protected/media/", "/protected/media/../media/",
                   "/protected/media//"):
        assert raw(w, "GET", prefix + path).status == 404, prefix
    assert file_of(seller.api, photo["url"]).status == 200
