"""test_me.py - what people see and change of their own account."""

from lib.rest import Rest
from lib.runner import test


def _actions(w, user, since=0):
    return [row[0] for row in w.db.rows(
        "SELECT action FROM audit_log WHERE user_id = %s AND id > %s"
        " ORDER BY id", user.user["id"], since)]


def _again(w, user):
    """The same person at another device."""
    return w.sign_in(**user.credentials)


@test
def own_name_and_language_change(w):
    owner = w.user(w.client())
    me = owner.patch("/api/me", {"name": "Анна", "language": "en"})
    assert (me["name"], me["language"]) == ("Анна", "en"), me
    assert owner.get("/api/me") == me
    for field, value in (("name", " "), ("language", "xx")):
        bad = owner.refused(422, "PATCH", "/api/me", {field: value})
        assert [e["field"] for e in bad["errors"]] == [field], bad
    assert _actions(w, owner) == ["sign_in", "user.change"]


@test
def new_password_ends_other_sessions(w):
    owner = w.user(w.client())
    other = _again(w, owner)
    new = "Совсем другой пароль"
    wrong = owner.refused(422, "POST", "/api/me/password",
                          {"old_password": "не тот", "password": new})
    assert wrong["errors"][0]["field"] == "old_password", wrong
    owner.post("/api/me/password", {
        "old_password": owner.credentials["password"], "password": new}, 204)
    other.refused(401, "GET", "/api/me")
    owner.get("/api/me")
    w.nobody().refused(401, "POST", "/api/auth/login", owner.credentials)
    w.sign_in(owner.credentials["login"], new)
    assert _actions(w, owner) == ["sign_in", "sign_in", "user.password",
                                  "sign_in.refused", "sign_in"]


@test
def wrong_present_passwords_are_counted(w):
    owner = w.user(w.client())
    for _ in range(5):
        owner.refused(422, "POST", "/api/me/password", {
            "old_password": "не тот", "password": "Другой пароль"})
    answer = owner.call("POST", "/api/me/password", {
        "old_password": owner.credentials["password"],
        "password": "Другой пароль"})
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 1, \
        answer


@test
def session_is_ended(w):
    owner = w.user(w.client())
    other = _again(w, owner)
    sessions = owner.get("/api/auth/sessions")["items"]
    assert len(sessions) == 2, sessions
    theirs, = [s for s in sessions if not s["current"]]
    assert (theirs["method"], theirs["browser"]) == ("password", False)
    path = f"/api/auth/sessions/{theirs['id']}"
    w.user(w.client()).refused(404, "DELETE", path)
    other.get("/api/me")
    owner.delete(path)
    other.refused(401, "GET", "/api/me")
    owner.refused(404, "DELETE", path)
    assert _actions(w, owner)[-1] == "session.end"


@test
def token_of_a_program_works(w):
    owner = w.user(w.client())
    made = {scope: owner.post("/api/me/tokens", {"name": "Учёт",
                                                 "scope": scope})
            for scope in ("read", "write")}
    programs = {}
    for scope, token in made.items():
        w.secret(token["token"])
        programs[scope] = Rest(w.stack.url, w.openapi, token["token"])
    project = programs["write"].post("/api/projects", {"name": "Проект"})
    path = f"/api/projects/{project['id']}"
    assert programs["read"].get(path)["name"] == "Проект"
    programs["read"].refused(403, "PATCH", path, {"name": "Другой"})
    for program in programs.values():
        program.refused(403, "POST", "/api/me/tokens",
                        {"name": "Ещё", "scope": "write"})
        program.refused(403, "GET", "/api/auth/sessions")
    assert w.db.one("SELECT actor FROM audit_log WHERE object = %s",
                    f"project:{project['id']}") == "token"
    shown = owner.get("/api/me/tokens")["items"]
    assert [t["scope"] for t in shown] == ["write", "read"], shown
    assert all(t["last_used_at"] and "token" not in t for t in shown), shown
    gone = f"/api/me/tokens/{made['read']['id']}"
    w.user(w.client()).refused(404, "DELETE", gone)
    owner.delete(gone)
    programs["read"].refused(401, "GET", path)
    programs["write"].get(path)
    owner.refused(404, "DELETE", gone)
    assert [a for a in _actions(w, owner) if a.startswith("api_token")] == \
        ["api_token.create", "api_token.create", "api_token.revoke"]


@test
def who_must_choose_a_password_does_that_first(w):
    client = w.client()
    owner = w.user(client)
    owner.patch(f"/api/users/{owner.user['id']}",
                {"must_change_password": True})
    assert owner.refused(403, "GET", "/api/projects")["detail"] == \
        "choose a password of your own first"
    owner.get("/api/auth/sessions")
    same = owner.refused(422, "POST", "/api/me/password", {
        "old_password": owner.credentials["password"],
        "password": owner.credentials["password"]})
    assert same["errors"][0]["field"] == "password", same
    owner.post("/api/me/password", {
        "old_password": owner.credentials["password"],
        "password": "Мой собственный пароль"}, 204)
    owner.get("/api/projects")
