"""Invites: made by owners, administrators and on the command line."""

import re

from lib.people import send, sign_in
from lib.runner import test


def _make(who, **fields):
    """What its maker is shown, and what everybody else is shown of it."""
    made = who.post("/api/invites", {"role": "manager", **fields})
    return made, {k: v for k, v in made.items() if k not in ("code", "link")}


@test
def owner_makes_and_revokes_an_invite(w):
    owner = w.user(w.client())
    made, shown = _make(owner, assigned_only=True, uses_max=5, days=30)
    w.secret(made["code"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", made["code"]), made
    assert made["code"].endswith(made["code_tail"].lstrip("…")), made
    assert (made["role"], made["assigned_only"], made["uses_max"],
            made["uses"], made["status"], made["created_by"]) == \
        ("manager", True, 5, 0, "active", owner.user["id"]), made
    path = f"/api/invites/{made['id']}"
    assert owner.get(path) == shown
    assert owner.all("/api/invites") == [shown]
    owner.delete(path)
    owner.delete(path)
    revoked = owner.get(path)
    assert revoked["status"] == "revoked" and revoked["revoked_at"], revoked


@test
def invite_is_a_clients_own(w):
    client = w.client()
    owner, foreign = w.user(client), w.user(w.client())
    made, shown = _make(owner)
    path = f"/api/invites/{made['id']}"
    foreign.refused(404, "GET", path)
    foreign.refused(404, "DELETE", path)
    assert foreign.all("/api/invites") == []
    foreign.refused(403, "POST", "/api/invites",
                    {"role": "manager", "client_id": client})
    assert w.admin.get(path) == shown
    by_admin, _ = _make(w.admin, client_id=client, role="owner")
    assert [i["id"] for i in owner.all("/api/invites")] == \
        [by_admin["id"], made["id"]]
    w.secret(made["code"], by_admin["code"])


@test
def manager_neither_sees_nor_makes_invites(w):
    client = w.client()
    made, _ = _make(w.user(client))
    manager = w.user(client, role="manager")
    manager.refused(403, "GET", "/api/invites")
    manager.refused(403, "GET", f"/api/invites/{made['id']}")
    manager.refused(403, "DELETE", f"/api/invites/{made['id']}")
    manager.refused(403, "POST", "/api/invites", {"role": "manager"})


@test
def what_no_invite_may_say_is_refused(w):
    owner = w.user(w.client())
    for who, field, body in (
            (owner, "assigned_only", {"assigned_only": True}),
            (w.admin, "client_id", {}),
            (w.admin, "client_id", {"client_id": 999999999})):
        answer = who.call("POST", "/api/invites", {"role": "owner", **body})
        assert answer.status == 422, answer
        assert [e["field"] for e in answer.json["errors"]] == [field], \
            answer.json


@test
def making_and_revoking_are_audited_without_the_code(w):
    owner = w.user(w.client())
    made, _ = _make(owner)
    owner.delete(f"/api/invites/{made['id']}")
    rows = w.db.rows(
        "SELECT action, before, after FROM audit_log WHERE object = %s"
        " ORDER BY id", f"invite:{made['id']}")
    assert [row[0] for row in rows] == ["invite.create", "invite.revoke"]
    assert made["code"] not in repr(rows)


def _submit(w, who, path, **fields):
    """The form of a page, in a browser of that person."""
    b = sign_in(w, who.credentials)
    b.get("/profile")
    return send(b, path, **fields)


@test
def owner_invites_on_the_page(w):
    client = w.client()
    owner = w.user(client)
    page = _submit(w, owner, "/client/invites", role="manager",
                   assigned_only="true", uses_max="2", days="3")
    assert page.status == 201, page
    invite = owner.all("/api/invites")[0]
    assert (invite["role"], invite["assigned_only"], invite["uses_max"]) == \
        ("manager", True, 2), invite
    text = page.html
    code = re.search(r"<code>(\S{22})</code>|start=(\S{22})\"", text)
    assert code and invite["code_tail"] in text, text
    w.secret(code[1] or code[2])
    again = owner.raw("GET", "/client/invites").data.decode()
    assert (code[1] or code[2]) not in again, again
    assert "действует" in again and invite["code_tail"] in again, again
    done = _submit(w, owner, f"/client/invites/{invite['id']}/revoke")
    assert done.status == 303, done
    assert done.location.startswith("/client/invites"), done
    assert owner.get(f"/api/invites/{invite['id']}")["status"] == "revoked"
    assert [row[0] for row in w.db.rows(
        "SELECT action FROM audit_log WHERE object = %s ORDER BY id",
        f"invite:{invite['id']}")] == ["invite.create", "invite.revoke"]


@test
def page_of_invites_tells_what_is_wrong(w):
    owner = w.user(w.client())
    page = _submit(w, owner, "/client/invites", role="owner",
                   assigned_only="true", uses_max="0", days="")
    assert page.status == 422, page
    text = page.html
    assert 'value="0"' in text and 'id="uses-error"' in text, text
    assert "selected" in text and "checked" in text, text
    assert owner.all("/api/invites") == []


@test
def page_of_invites_is_for_its_owners(w):
    client = w.client()
    made, _ = _make(w.user(client))
    w.secret(made["code"])
    foreign = w.user(w.client())
    done = _submit(w, foreign, f"/client/invites/{made['id']}/revoke")
    assert done.status == 404, done
    manager = w.user(client, role="manager")
    assert manager.raw("GET", "/client/invites").status == 403
    assert _submit(w, manager, "/client/invites", role="manager").status == 403
    assert w.admin.raw("GET", "/client/invites").status == 303
    assert w.admin.get(f"/api/invites/{made['id']}")["status"] == "active"


def _ctl(w, *arguments, status=0):
    done = w.stack.ctl("invite", *map(str, arguments))
    assert done.returncode == status, (done.returncode, done.stdout,
                                       done.stderr)
    return done.stdout + done.stderr


@test
def invites_on_the_command_line(w):
    client = w.client()
    owner = w.user(client)
    out = _ctl(w, "create", "--client", client, "--role", "owner",
               "--uses", 3, "--days", 2)
    number, code = re.match(r"invite (\d+)\ncode (\S{22})\n", out).groups()
    w.secret(code)
    made = owner.get(f"/api/invites/{number}")
    assert (made["role"], made["uses_max"], made["created_by"]) == \
        ("owner", 3, None), made
    listed = _ctl(w, "list", "--client", client)
    assert f"\n{number} " in listed and code not in listed, listed
    assert f"\n{number} " in _ctl(w, "list")
    assert f"\n{number} " not in _ctl(w, "list", "--client", w.client())
    assert "active" in _ctl(w, "get", number)
    _ctl(w, "revoke", number)
    assert "revoked" in _ctl(w, "get", number)
    assert owner.get(f"/api/invites/{number}")["status"] == "revoked"
    rows = w.db.rows("SELECT action, actor, client_id FROM audit_log WHERE"
                     " object = %s ORDER BY id", f"invite:{number}")
    assert rows == [("invite.create", "operator", str(client)),
                    ("invite.revoke", "operator", str(client))], rows
    assert "there is no such" in _ctl(w, "get", 999999999, status=1)
    assert "there is no such" in _ctl(w, "revoke", 999999999, status=1)
    assert "--role is missing" in _ctl(w, "create", "--client", client,
                                       status=64)
    assert "role" in _ctl(w, "create", "--client", client, "--role", "admin",
                          status=1)
    assert "no such client" in _ctl(w, "create", "--client", 999999999,
                                    "--role", "owner", status=1)
