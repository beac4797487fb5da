"""Files that people bring: what is taken, under which name, and for how
long."""

import os
import secrets
import socket

from lib.callers import add_session, add_token
from lib.keys import csrf_token
from lib.runner import test
from lib.uploads import file_of, form, raw, stored, upload
from lib.wait import until

MIB = 1024 * 1024
LIMIT = 50 * MIB
# What nginx and the program allow for the form around the file.
FRAME = 65536
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n"


def _owner(w):
    return w.user(w.client())


def _nothing_is_left(w, before):
    """A worker clears up behind its answer."""
    until(lambda: stored(w) == before, "MEDIA_DIR is as it was")


@test
def picture_is_taken_and_shown_to_who_brought_it(w):
    owner, data = _owner(w), w.sandbox.file("sample.jpg")
    made = upload(owner, "фото.jpg", data)
    assert made["kind"] == "image" and made["mime"] == "image/jpeg", made
    assert made["name"] == "фото.jpg" and made["bytes"] == len(data), made
    assert made["width"] > 0 and made["height"] > 0, made
    assert made["client_id"] == owner.user["client_id"], made
    answer = file_of(owner, made["url"])
    assert answer.status == 200 and answer.data == data
    assert answer.type == "image/jpeg", answer.type
    assert "inline" in answer.headers["Content-Disposition"]
    assert file_of(w.user(owner.user["client_id"]),
                   made["url"]).status == 404
    assert file_of(_owner(w), made["url"]).status == 404
    assert raw(w, "GET", made["url"]).status == 401


@test
def content_tells_what_a_file_is(w):
    owner = _owner(w)
    for name, data, kind, mime in (
            ("a.html", w.sandbox.file("sample.png"), "image", "image/png"),
            ("a.exe", w.sandbox.file("sample.ogg"), "voice", "audio/ogg"),
            ("a", w.sandbox.file("sample.m4a"), "audio", "audio/mp4"),
            ("a.jpg", PDF, "document", "application/pdf"),
            ("a.png", "Просто текст\n".encode(), "document", "text/plain")):
        made = upload(owner, name, data, mime="text/html")
        assert (made["kind"], made["mime"]) == (kind, mime), made


@test
def what_could_run_in_a_browser_is_refused_whatever_it_is_called(w):
    owner, before = _owner(w), stored(w)
    for data in (b"<!DOCTYPE html><html><script>alert(1)</script></html>",
                 b"<?xml version='1.0'?><svg xmlns="
                 b"'http://www.w3.org/2000/svg'><script/></svg>",
                 b"#!/bin/sh\necho hello\n", b"\x7fELF\x02\x01\x01" + b"\0" * 99,
                 b"MZ" + b"\0" * 100):
        refused = upload(owner, "photo.jpg", data, 415, mime="image/jpeg")
        assert "not accepted" in refused["detail"], refused
    _nothing_is_left(w, before)


@test
def names_are_made_harmless_and_stay_readable(w):
    owner = _owner(w)
    for told, kept in (
            ("../../etc/passwd", "passwd"),
            ("C:\\Документы\\Счёт № 5.pdf", "Счёт № 5.pdf"),
            ("photo\u202egpj.exe", "photogpj.exe"),
            ("a\u200b\u2066b\r\n\"c\".pdf", "abc.pdf"),
            ("я" * 300 + ".pdf", "я" * 118 + ".pdf"),
            ("...", "document.pdf"), ("", "document.pdf")):
        made = upload(owner, told, PDF)
        assert made["name"] == kept, made
        answer = file_of(owner, made["url"])
        assert answer.headers["Content-Disposition"].startswith(
            'attachment; filename="'), answer.headers


@test
def same_content_twice_is_one_file_for_each_client(w):
    owner, other = _owner(w), _owner(w)
    data = PDF + secrets.token_bytes(20)
    before = set(stored(w))
    one, two = upload(owner, "a", data), upload(owner, "b", data)
    assert one["id"] != two["id"]
    assert len(set(stored(w)) - before) == 1
    upload(other, "c", data)
    assert len(set(stored(w)) - before) == 2


@test
def large_file_is_streamed_and_a_larger_one_refused(w):
    owner, before = _owner(w), stored(w)
    data = PDF + b"\0" * (LIMIT - len(PDF))
    at_rest = {}
    for pid in w.stack.workers("web"):
        _forget_peak(pid)
        at_rest[pid] = _peak_kb(pid)
    made = upload(owner, "a.pdf", data)
    assert made["bytes"] == LIMIT, made
    # Whoever knows the type loads a database of it, once; sanitizers take
    # their part.  All of the file would be more than that by itself.
    for pid, before_kb in at_rest.items():
        grown = _peak_kb(pid) - before_kb
        assert grown < LIMIT // 1024 * 4 // 5, f"{grown} kB more in {pid}"
    refused = upload(owner, "a.pdf", data + b"x", 413)
    assert str(LIMIT) in refused["detail"], refused
    upload(owner, "a.pdf", data + b"x" * FRAME, 413)
    until(lambda: len(stored(w)) == len(before) + 1, "nothing else is left")


def _forget_peak(pid):
    """Signing in takes more than any upload."""
    with open(f"/proc/{pid}/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")


def _peak_kb(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next((int(line.split()[1]) for line in file
                     if line.startswith("VmHWM")), 0)


@test
def malformed_forms_are_refused_and_leave_nothing(w):
    owner, before = _owner(w), stored(w)
    body, kind = form("a.pdf", PDF)
    for data, mime, status in (
            (body[:-20], kind, 400), (b"", kind, 400), (b"x" + body, kind, 400),
            (body + b"x", kind, 400), (body, "multipart/form-data", 400),
            (body, "application/json", 415), (body, "", 415),
            (body.replace(b"form-data;", b"attachment;"), kind, 400),
            (body.replace(b"filename", b"filename*"), kind, 400),
            (body.replace(b"a.pdf", b"\xff\xfe"), kind, 400),
            (body.replace(b'name="file"', b'name="other"'), kind, 422)):
        answer = owner.raw("POST", "/api/upload", data,
                           {"Content-Type": mime})
        assert answer.status == status, (data[:200], mime, answer)
    for name, data, fields, bad in (
            (None, b"", {}, "file"), ("a", b"", {}, "file"),
            ("a", PDF, {"kind": "image"}, "kind"),
            ("a", PDF, {"client_id": "x"}, "client_id"),
            ("a", PDF, {"client_id": "0"}, "client_id")):
        refused = upload(owner, name, data, 422, **fields)
        assert bad in [e["field"] for e in refused["errors"]], refused
    _nothing_is_left(w, before)


@test
def aborted_upload_leaves_nothing(w):
    owner, before = _owner(w), stored(w)
    body, kind = form("a.pdf", PDF * 10000)
    host, _, port = w.stack.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as s:
        s.sendall(f"POST /api/upload HTTP/1.1\r\nHost: x\r\n"
                  f"Authorization: Bearer {owner.token}\r\n"
                  f"Content-Type: {kind}\r\n"
                  f"Content-Length: {len(body)}\r\n\r\n".encode() +
                  body[:len(body) // 2])
    _nothing_is_left(w, before)


@test
def cookie_needs_the_page_and_a_token_its_scope(w):
    owner = _owner(w)
    user = owner.user["id"]
    cookie = secrets.token_urlsafe(32)
    add_session(w, user, cookie)
    body, kind = form("a.pdf", PDF)
    browser = {"Cookie": f"tuberry_session={cookie}", "Content-Type": kind}
    assert raw(w, "POST", "/api/upload", body, browser).status == 403
    shown = {**browser, "X-CSRF-Token": csrf_token(cookie)}
    assert raw(w, "POST", "/api/upload", body, shown).status == 201
    for scope, status in (("read", 403), ("write", 201)):
        token = f"tuberry_{secrets.token_urlsafe(32)}"
        w.secret(token)
        add_token(w, user, token, scope)
        answer = raw(w, "POST", "/api/upload", body, {
            "Authorization": f"Bearer {token}", "Content-Type": kind})
        assert answer.status == status, (scope, answer)
    assert raw(w, "POST", "/api/upload", body,
               {"Content-Type": kind}).status == 401


@test
def administrator_says_whose_it_is(w):
    owner = _owner(w)
    client = owner.user["client_id"]
    refused = upload(w.admin, "a.pdf", PDF, 422)
    assert refused["errors"][0]["field"] == "client_id", refused
    upload(w.admin, "a.pdf", PDF, 422, client_id=999999999)
    made = upload(w.admin, "a.pdf", PDF, client_id=client)
    assert made["client_id"] == client
    assert file_of(w.admin, made["url"]).status == 200
    assert upload(owner, "a.pdf", PDF, client_id=client)
    upload(_owner(w), "a.pdf", PDF, 403, client_id=client)


def _housekeeping(w):
    w.db.rows("UPDATE tasks SET due_at = to_timestamp(%s)"
              " WHERE kind = 'housekeeping' AND lease_token IS NULL",
              int(w.stack.now()) - 1)
    w.stack.ring()


@test
def what_nobody_sends_is_gone_after_a_day(w):
    owner = _owner(w)
    old = upload(owner, "a", PDF + secrets.token_bytes(9))
    shared = upload(owner, "b", PDF + b"shared")
    kept = upload(owner, "c", PDF + b"shared")
    before = stored(w)
    w.db.rows("UPDATE uploads SET created_at = to_timestamp(%s) WHERE id IN"
              f" ({old['id']}, {shared['id']})", w.stack.now() - 86401)
    left = os.path.join(w.stack.setting("MEDIA_DIR"), "tmp", "left-behind")
    with open(left, "wb") as file:
        file.write(b"half")
    os.utime(left, (w.stack.now() - 3700,) * 2)
    _housekeeping(w)
    until(lambda: file_of(owner, old["url"]).status == 404,
          "the housekeeping of the old upload")
    until(lambda: len(stored(w)) == len(before) - 1,
          "one file is gone")
    assert not os.path.exists(left)
    assert file_of(owner, shared["url"]).status == 404
    assert file_of(owner, kept["url"]).data == PDF + b"shared"
