"""The profile: what people change of their own account in a browser."""

from lib.people import secret_of, send, sign_in
from lib.rest import Rest
from lib.runner import test


def someone(w, role="owner"):
    return w.user(w.client(), role=role)


def at_profile(w, who):
    b = sign_in(w, who.credentials)
    assert b.get("/profile").status == 200, b.page
    return b


def audited(w, who):
    """What the person did, the first thing first, besides signing in."""
    return [row[0] for row in w.db.rows(
        "SELECT action FROM audit_log WHERE user_id = %s"
        " AND action NOT LIKE 'sign_in%%' ORDER BY id", who.user["id"])]


def session_ids(w, who):
    return [int(row[0]) for row in w.db.rows(
        "SELECT id FROM sessions WHERE user_id = %s AND ended_at IS NULL"
        " ORDER BY id", who.user["id"])]


@test
def name_and_language_are_changed(w):
    who = someone(w)
    b = at_profile(w, who)
    assert who.user["login"] in b.page.text, b.page
    send(b, "/profile", name="Анна <b>Новая", language="ru")
    assert b.page.status == 303, b.page
    b.follow()
    assert b.page.status == 200 and "Сохранено." in b.page.text, b.page
    assert "Анна &lt;b&gt;Новая" in b.page.html, b.page
    assert "Сохранено." not in b.get("/profile?done=nonsense").text
    assert b.who()["name"] == "Анна <b>Новая"
    send(b, "/profile", name="", language="en")
    assert b.page.status == 422 and 'id="name-error"' in b.page.html, b.page
    assert audited(w, who) == ["user.change"], audited(w, who)


@test
def a_form_needs_its_token_and_our_origin(w):
    who = someone(w)
    b = at_profile(w, who)
    token = b.page.inputs()["csrf_token"]
    fields = {"name": "Чужое", "language": "ru"}
    assert b.post("/profile", fields, origin=b.url).status == 403, b.page
    assert b.post("/profile", {"csrf_token": "0" * 64, **fields},
                  origin=b.url).status == 403, b.page
    assert b.post("/profile", {"csrf_token": token, **fields},
                  origin="https://evil.example").status == 403, b.page
    # The token of another session is another one.
    other = at_profile(w, who)
    foreign = other.page.inputs()["csrf_token"]
    assert foreign != token
    assert b.post("/profile", {"csrf_token": foreign, **fields},
                  origin=b.url).status == 403, b.page
    assert b.who()["name"] == who.user["name"]
    assert audited(w, who) == []


@test
def ending_a_device_ends_it_at_once(w):
    who = someone(w)
    lost = at_profile(w, who)
    b = at_profile(w, who)
    assert b.page.text.count("this device") == 1, b.page
    session = session_ids(w, who)[-2]
    send(b, f"/profile/sessions/{session}/end")
    assert b.page.status == 303, b.page
    assert "The session has ended." in b.follow().text, b.page
    lost.get("/profile")
    assert lost.page.status == 303, lost.page
    assert lost.page.location.startswith("/login"), lost.page
    send(b, f"/profile/sessions/{session}/end")
    assert b.page.status == 404, b.page
    assert b.get("/profile").status == 200, b.page
    assert audited(w, who) == ["session.end"], audited(w, who)


@test
def all_other_devices_are_ended_together(w):
    who = someone(w)
    others = [at_profile(w, who), at_profile(w, who)]
    b = at_profile(w, who)
    send(b, "/profile/sessions/end-others")
    assert "All other sessions have ended." in b.follow().text, b.page
    assert "end-others" not in b.page.html, b.page
    assert all(o.get("/profile").status == 303 for o in others)
    assert len(session_ids(w, who)) == 1
    assert who.call("GET", "/api/me").status == 401
    assert audited(w, who) == ["session.end_others"], audited(w, who)


@test
def foreign_devices_and_tokens_are_not_found(w):
    client = w.client()
    owner, victim = w.user(client), w.user(client, role="manager")
    b = at_profile(w, owner)
    v = at_profile(w, victim)
    send(v, "/profile/tokens", name="Мой", scope="read")
    w.secret(secret_of(v.page))
    token = w.db.one("SELECT id FROM api_tokens WHERE user_id = %s",
                     victim.user["id"])
    send(b, f"/profile/sessions/{session_ids(w, victim)[0]}/end")
    assert b.page.status == 404, b.page
    b.get("/profile")
    send(b, f"/profile/tokens/{token}/revoke")
    assert b.page.status == 404, b.page
    assert v.get("/profile").status == 200 and "Мой" in v.page.text, v.page


@test
def a_token_is_shown_once_and_does_what_its_scope_says(w):
    client = w.client()
    who = w.user(client)
    b = at_profile(w, who)
    made = {}
    for scope in ("read", "write"):
        send(b, "/profile/tokens", name=f"Для <{scope}>", scope=scope)
        assert b.page.status == 201, b.page
        made[scope] = secret_of(b.page)
        w.secret(made[scope])
        assert made[scope] not in b.get("/profile/tokens").html
    api = {scope: Rest(w.stack.url, w.openapi, token)
           for scope, token in made.items()}
    api["read"].get("/api/projects")
    api["read"].refused(403, "POST", "/api/projects", {"name": "Нельзя"})
    api["write"].post("/api/projects", {"name": "Можно"})
    api["write"].refused(403, "GET", "/api/me/tokens")
    b.get("/profile")
    assert "Для &lt;read&gt;" in b.page.html, b.page
    assert "127.0.0.1" in b.page.text.split("API tokens")[1], b.page
    number = w.db.one("SELECT id FROM api_tokens WHERE user_id = %s"
                      " AND scope = 'write'", who.user["id"])
    send(b, f"/profile/tokens/{number}/revoke")
    assert "The token is revoked" in b.follow().text, b.page
    assert "Для &lt;write&gt;" not in b.page.html, b.page
    api["write"].refused(401, "GET", "/api/projects")
    api["read"].get("/api/projects")
    send(b, "/profile/tokens", name=" ", scope="all")
    assert b.page.status == 422, b.page
    assert 'id="token-name-error"' in b.page.html and \
        'id="scope-error"' in b.page.html and \
        'id="name-error"' not in b.page.html, b.page
    assert audited(w, who) == ["api_token.create", "api_token.create",
                               "project.create", "api_token.revoke"]


@test
def a_token_opens_no_profile(w):
    who = someone(w)
    b = at_profile(w, who)
    send(b, "/profile/tokens", name="Скрипт", scope="write")
    w.secret(token := secret_of(b.page))
    for path in ("/profile", "/profile/password", "/profile/tokens"):
        answer = Rest(w.stack.url, w.openapi, token).raw("GET", path)
        assert answer.status == 403, answer


@test
def the_password_is_changed_and_other_devices_end(w):
    who = someone(w)
    other = at_profile(w, who)
    b = at_profile(w, who)
    b.get("/profile/password")
    assert 'minlength="8"' in b.page.html, b.page
    new = "Совсем другой пароль"
    w.secret(new)
    old = who.credentials["password"]
    for fields, field in (
            ({"old_password": "не тот пароль", "password": new}, "old-error"),
            ({"old_password": old, "password": "short"}, "password-error"),
            ({"old_password": old, "password": old}, "password-error"),
            ({"old_password": old, "password": ""}, "password-error")):
        send(b, "/profile/password", **fields)
        assert b.page.status == 422, (fields, b.page)
        assert f'id="{field}"' in b.page.html, (fields, b.page.html)
        assert old not in b.page.html and new not in b.page.html, b.page
    send(b, "/profile/password", old_password=old, password=new)
    assert b.page.status == 303, b.page
    assert "Your password is changed." in b.follow().text, b.page
    assert other.get("/profile").status == 303, other.page
    sign_in(w, {**who.credentials, "password": new})
    w.nobody().refused(401, "POST", "/api/auth/login", who.credentials)
    assert audited(w, who) == ["user.password"], audited(w, who)


@test
def nobody_is_led_to_sign_in(w):
    b = sign_in(w, someone(w).credentials)
    b.cookies.clear()
    for path in ("/profile", "/profile/password", "/client/users",
                 "/admin/clients"):
        assert b.get(path).status == 303, b.page
        assert b.page.location.startswith("/login"), b.page
