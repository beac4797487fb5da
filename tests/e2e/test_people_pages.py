"""The pages of people and clients, as owners and administrators use them."""

import html
import re

from lib.browser import Browser
from lib.people import login_name, secret_of, send, sign_in
from lib.runner import test
from lib.world import number


def admin(w):
    who = w.stack.admin()
    return sign_in(w, {"login": who["login"], "password": who["password"]})


def owner(w, client=None):
    who = w.user(client or w.client())
    return who, sign_in(w, who.credentials)


def audited(w, name):
    return [row[0] for row in w.db.rows(
        "SELECT action FROM audit_log WHERE object = %s ORDER BY id", name)]


def add(w, b, base="/client/users", status=201, **fields):
    """By the form; login and the password that is shown."""
    login = login_name()
    b.get(f"{base}/new", **({"client_id": fields["client_id"]}
                            if "client_id" in fields else {}))
    send(b, base, **{"login": login, "name": f"Имя {login}",
                     "role": "manager", "must_change_password": "true",
                     **fields})
    assert b.page.status == status, b.page
    if status != 201:
        return None
    w.secret(password := secret_of(b.page))
    return {"login": fields.get("login", login), "password": password}


def id_of(w, login):
    return int(w.db.one("SELECT id FROM users WHERE login = %s", login))


def can_enter(w, credentials):
    answer = w.nobody().call("POST", "/api/auth/login", credentials)
    assert answer.status in (200, 401), answer
    return answer.status == 200


@test
def a_made_up_password_is_shown_once_and_must_be_changed(w):
    client = w.client()
    who, b = owner(w, client)
    added = add(w, b, email="new@example.org", assigned_only="true")
    user = id_of(w, added["login"])
    assert added["password"] not in b.get("/client/users").html
    assert added["login"] in b.page.text, b.page
    shown = who.get(f"/api/users/{user}")
    assert (shown["role"], shown["assigned_only"], shown["email"],
            shown["email_confirmed"], shown["must_change_password"]) == \
        ("manager", True, "new@example.org", False, True), shown
    n = sign_in(w, added)
    for path in ("/client", "/client/users"):
        n.get("/client")
        assert n.page.location == "/profile/password", (path, n.page)
    assert "Choose one of your own" in n.follow().text, n.page
    own = "Мой собственный пароль"
    w.secret(own)
    send(n, "/profile/password", old_password=added["password"],
         password=own)
    assert n.page.status == 303, n.page
    assert n.get("/client").status == 200, n.page
    assert not can_enter(w, added)
    assert audited(w, f"user:{user}") == ["user.create", "user.password"]


@test
def what_is_wrong_is_told_next_to_its_field(w):
    who, b = owner(w)
    for fields, ids in (
            ({"login": "a b"}, ["login-error"]),
            ({"login": who.user["login"]}, ["login-error"]),
            ({"name": " ", "role": "x"}, ["name-error", "role-error"]),
            ({"email": "nothing"}, ["email-error"]),
            ({"role": "admin"}, ["role-error"])):
        status = 409 if fields.get("login") == who.user["login"] else 422
        add(w, b, status=status, **fields)
        found = sorted(re.findall(r'class="error" id="([\w-]+)"',
                                  b.page.html))
        assert found == ids, (fields, found, b.page)
        assert b.page.status == status
    assert len(who.all("/api/users")) == 1


@test
def a_person_is_changed_on_their_page(w):
    client = w.client()
    who, b = owner(w, client)
    added = add(w, b)
    path = f"/client/users/{id_of(w, added['login'])}"
    api = f"/api/users/{id_of(w, added['login'])}"
    assert added["login"] in b.get(path).text, b.page
    send(b, path, name="Новое имя", role="owner", email="a@example.org")
    assert "Saved." in b.follow().text, b.page
    shown = who.get(api)
    assert (shown["name"], shown["role"], shown["email"],
            shown["assigned_only"]) == \
        ("Новое имя", "owner", "a@example.org", False), shown
    other = add(w, b, email="b@example.org")
    b.get(path)
    send(b, path, name="Имя", role="manager", assigned_only="true",
         email="not an address")
    assert b.page.status == 422 and 'id="email-error"' in b.page.html, b.page
    assert 'value="not an address"' in b.page.html, b.page
    assert who.get(api)["role"] == "owner"
    send(b, path, name="Имя", role="manager", assigned_only="true", email="")
    assert b.page.status == 303, b.page
    shown = who.get(api)
    assert (shown["assigned_only"], shown["email"]) == (True, ""), shown
    assert id_of(w, other["login"])
    assert audited(w, f"user:{shown['id']}") == \
        ["user.create", "user.change", "user.change"]


@test
def what_ends_somebodys_access_is_asked_first(w):
    client = w.client()
    _, b = owner(w, client)
    added = add(w, b, must_change_password="false")
    user = id_of(w, added["login"])
    path = f"/client/users/{user}"
    n = sign_in(w, added)
    assert n.get("/client").status == 200, n.page
    # Looking at the question changes nothing.
    for act in ("password", "disable", "enable", "delete", "second-factor"):
        assert b.get(f"{path}/{act}").status == 200, b.page
    assert n.get("/client").status == 200, n.page
    send(b, f"{path}/disable")
    assert "can sign in no more" in b.follow().text, b.page
    assert n.get("/client").status == 303, n.page
    assert not can_enter(w, added)
    send(b, f"{path}/enable")
    assert "can sign in again" in b.follow().text, b.page
    assert can_enter(w, added)
    b.get(f"{path}/password")
    send(b, f"{path}/password")
    assert b.page.status == 200, b.page
    w.secret(fresh := secret_of(b.page))
    assert not can_enter(w, added)
    n = sign_in(w, {**added, "password": fresh})
    assert n.get("/client").location == "/profile/password", n.page
    b.get(f"{path}/delete")
    send(b, f"{path}/delete")
    assert "is deleted" in b.follow().text, b.page
    assert b.get(path).status == 404, b.page
    assert n.get("/client").location.startswith("/login"), n.page
    assert audited(w, f"user:{user}") == [
        "user.create", "user.change", "user.change", "user.change",
        "user.delete"], audited(w, f"user:{user}")


@test
def a_lost_second_factor_is_switched_off(w):
    client = w.client()
    _, b = owner(w, client)
    added = add(w, b, must_change_password="false")
    user = id_of(w, added["login"])
    w.db.rows("UPDATE users SET totp_secret_sealed = 'k:x',"
              " totp_confirmed_at = now() WHERE id = %s", user)
    path = f"/client/users/{user}"
    assert f"{path}/second-factor" in b.get(path).html, b.page
    b.get(f"{path}/second-factor")
    send(b, f"{path}/second-factor")
    assert "switched off" in b.follow().text, b.page
    assert f"{path}/second-factor" not in b.page.html, b.page
    assert can_enter(w, added)
    assert audited(w, f"user:{user}")[-1] == "user.second_factor_reset"


@test
def nobody_gets_round_the_profile_by_their_own_page(w):
    who, b = owner(w)
    w.user(who.user["client_id"])
    path = f"/client/users/{who.user['id']}"
    b.get(path)
    assert "This is you." in b.page.text and "/delete" not in b.page.html
    for act in ("password", "second-factor", "disable", "delete"):
        assert b.get(f"{path}/{act}").status == 403, (act, b.page)
        b.get(path)
        send(b, f"{path}/{act}")
        assert b.page.status == 403, (act, b.page)
    assert can_enter(w, who.credentials)


@test
def the_last_owner_stays(w):
    client = w.client()
    who, b = owner(w, client)
    path = f"/client/users/{who.user['id']}"
    b.get(path)
    send(b, path, name="Имя", role="manager", email="")
    assert b.page.status == 409, b.page
    assert "last owner" in b.page.text, b.page
    assert who.get(f"/api/users/{who.user['id']}")["role"] == "owner"


@test
def people_of_others_are_not_found_and_managers_see_none(w):
    client = w.client()
    _, b = owner(w, client)
    foreign = w.user(w.client())
    boss = id_of(w, w.stack.admin()["login"])
    b.get("/client/users")
    token = b.page.inputs()["csrf_token"]
    assert foreign.user["login"] not in b.page.text, b.page
    assert "/admin" not in b.page.html, b.page
    for user in (foreign.user["id"], boss, 999999999, "x"):
        path = f"/client/users/{user}"
        for tail in ("", "/delete", "/password"):
            assert b.get(path + tail).status == 404, (path + tail, b.page)
            b.post(path + tail, {"csrf_token": token, "name": "Чужой",
                                 "role": "manager"}, origin=b.url)
            assert b.page.status in (404, 422), (path + tail, b.page)
    assert foreign.get("/api/me")["name"] == foreign.user["name"]
    assert b.get(f"/client/users/{foreign.user['id']}/nonsense").status == 404
    manager = w.user(client, role="manager")
    m = sign_in(w, manager.credentials)
    m.get("/profile")
    token = m.page.inputs()["csrf_token"]
    for path in ("/client/users", "/client/users/new",
                 f"/client/users/{manager.user['id']}", "/admin/users",
                 "/admin/clients", "/client/invites"):
        assert m.get(path).status == 403, (path, m.page)
    m.post("/client/users", {"csrf_token": token, "login": login_name(),
                             "name": "Имя", "role": "owner"}, origin=m.url)
    assert m.page.status == 403, m.page
    for path in ("/admin/users", "/admin/clients",
                 f"/admin/clients/{client}/invites"):
        assert b.get(path).status == 403, (path, b.page)


@test
def people_are_listed_page_by_page(w):
    client = w.client()
    who, b = owner(w, client)
    others = [w.user(client, role="manager") for _ in range(2)]
    b.get("/client/users", limit=2)
    assert others[0].user["login"] in b.page.text and \
        others[1].user["login"] not in b.page.text, b.page
    more = html.unescape(re.search(r'href="([^"]+)" rel="next"',
                                   b.page.html)[1])
    assert others[1].user["login"] in b.get(more).text, b.page
    assert 'rel="next"' not in b.page.html and \
        who.user["login"] not in b.page.text, b.page


@test
def an_administrator_makes_a_client_and_its_people(w):
    b = admin(w)
    name = f"Клиент <{number()}>"
    b.get("/admin/clients")
    send(b, "/admin/clients", name=name)
    path = b.page.location.split("?")[0]
    client = int(path.rsplit("/", 1)[1])
    w.adopt(client)
    assert "The client is made." in b.follow().text, b.page
    send(b, path, name=name + "!")
    assert "Saved." in b.follow().text and name + "!" in b.page.text, b.page
    assert w.admin.get(f"/api/clients/{client}")["name"] == name + "!"
    send(b, path, name="")
    assert b.page.status == 422 and 'id="name-error"' in b.page.html, b.page
    added = add(w, b, "/admin/users", client_id=client, role="owner",
                email="boss@example.org")
    user = id_of(w, added["login"])
    shown = w.admin.get(f"/api/users/{user}")
    assert (shown["client_id"], shown["role"], shown["email_confirmed"]) == \
        (client, "owner", True), shown
    assert added["login"] in b.get("/admin/users", client_id=client).text
    assert w.stack.admin()["login"] not in b.page.text, b.page
    assert name + "!" in b.get(f"/admin/users/{user}").text, b.page
    assert audited(w, f"client:{client}") == ["client.create",
                                              "client.change"]
    b.get(f"{path}/delete")
    send(b, f"{path}/delete")
    assert "The client is deleted." in b.follow().text, b.page
    assert b.get(path).status == 404, b.page
    assert not can_enter(w, added)


@test
def a_client_in_use_is_not_deleted(w):
    client = w.client()
    who, _ = owner(w, client)
    who.post("/api/projects", {"name": "Проект"})
    b = admin(w)
    path = f"/admin/clients/{client}"
    b.get(f"{path}/delete")
    send(b, f"{path}/delete")
    assert b.page.status == 409, b.page
    assert "delete those first" in b.page.text, b.page
    assert b.get(path).status == 200, b.page


@test
def an_administrator_is_made_without_a_client(w):
    b = admin(w)
    added = add(w, b, "/admin/users", role="admin")
    user = id_of(w, added["login"])
    shown = w.admin.get(f"/api/users/{user}")
    assert (shown["client_id"], shown["role"]) == (None, "admin"), shown
    add(w, b, "/admin/users", status=422, role="owner")
    b.get(f"/admin/users/{user}/delete")
    send(b, f"/admin/users/{user}/delete")
    assert b.page.status == 303, b.page
    assert b.get("/client/users").location == "/admin/users", b.page


@test
def an_administrator_invites_to_any_client(w):
    client, foreign = w.client(), w.client()
    who, _ = owner(w, client)
    b = admin(w)
    path = f"/admin/clients/{client}/invites"
    b.get(path)
    send(b, path, role="owner", uses_max="1", days="7")
    assert b.page.status == 201, b.page
    invite = who.all("/api/invites")[0]
    assert (invite["role"], invite["client_id"]) == ("owner", client), invite
    code = re.search(r"<code>(\S{22})</code>|start=(\S{22})\"", b.page.html)
    w.secret(code[1] or code[2])
    send(b, f"/admin/clients/{foreign}/invites/{invite['id']}/revoke")
    assert b.page.status == 404, b.page
    b.get(path)
    send(b, f"{path}/{invite['id']}/revoke")
    assert b.page.location.startswith(path), b.page
    assert "The invite is revoked." in b.follow().text, b.page
    assert who.get(f"/api/invites/{invite['id']}")["status"] == "revoked"
    assert b.get("/admin/clients/999999999/invites").status == 404, b.page
    assert audited(w, f"invite:{invite['id']}") == ["invite.create",
                                                    "invite.revoke"]


@test
def forms_of_people_need_their_token(w):
    client = w.client()
    who, b = owner(w, client)
    fields = {"login": login_name(), "name": "Имя", "role": "manager"}
    assert b.post("/client/users", fields, origin=b.url).status == 403
    b.get("/client/users/new")
    token = b.page.inputs()["csrf_token"]
    assert b.post("/client/users", {**fields, "csrf_token": token},
                  origin="https://evil.example").status == 403
    stranger = Browser(w.stack.url)
    stranger.get("/login")
    assert stranger.post("/client/users", {
        **fields, "csrf_token": stranger.page.inputs()["csrf_token"]},
        origin=stranger.url).status == 303
    assert len(who.all("/api/users")) == 1
