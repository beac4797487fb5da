"""uploads.py - files that people bring."""

import json
import os
import secrets

from lib.rest import http_call, until_let_in


def form(name, data, mime="application/octet-stream", **fields):
    """A multipart body with one file, and its Content-Type; name None leaves
    the file out."""
    boundary = secrets.token_hex(12)
    parts = []
    for key, value in fields.items():
        parts.append((f'form-data; name="{key}"', None, str(value).encode()))
    if name is not None:
        # As browsers write it.
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace(
            "\n", "%0A")
        parts.append((f'form-data; name="file"; filename="{quoted}"', mime,
                      data))
    body = b""
    for disposition, kind, value in parts:
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
        if kind:
            head += f"Content-Type: {kind}\r\n"
        body += head.encode() + b"\r\n" + value + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def upload(api, name, data, status=201, mime="application/octet-stream",
           **fields):
    """As that user; the upload, or the problem."""
    body, kind = form(name, data, mime, **fields)
    answer = api.raw("POST", "/api/upload", body, {"Content-Type": kind})
    assert answer.status == status, f"{name}: {answer}, not {status}"
    return answer.json


def file_of(api, path, **headers):
    """The answer to a download; held against the description."""
    return api.raw("GET", path, headers={
        name.replace("_", "-"): value for name, value in headers.items()})


def stored(w):
    """All that lies in MEDIA_DIR, below it."""
    top = w.stack.setting("MEDIA_DIR")
    return sorted(os.path.relpath(os.path.join(folder, name), top)
                  for folder, _, names in os.walk(top) for name in names)


def attach(w, upload_id, dialog_id, mime=None, name=None):
    """The id of an attachment with the bytes of an upload, in a message of
    that dialog; as if they had come with it."""
    return int(w.db.one(
        "INSERT INTO attachments (client_id, message_id, kind, mime, name,"
        " bytes, sha256) SELECT u.client_id, (SELECT max(id) FROM messages"
        " WHERE dialog_id = %s), u.kind, coalesce(%s, u.mime),"
        " coalesce(%s, u.name), u.bytes, u.sha256 FROM uploads u"
        " WHERE u.id = %s RETURNING id", dialog_id, mime, name, upload_id))


def raw(w, method, path, data=None, headers=None):
    """With just these headers."""
    return until_let_in(lambda: http_call(w.stack.url, method, path, data,
                                          headers or {}))


def problem(answer):
    return json.loads(answer.data)
