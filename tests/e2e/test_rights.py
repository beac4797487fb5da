"""Who tries to be more than they are, and to see more than is theirs."""

import json
import re
import urllib.parse

from lib.callers import Person, Program, add_user
from lib.rest import http_call, until_let_in
from lib.routes import routes
from lib.runner import test
from lib.world import number

# Of no object: a form that is taken by mistake must not hurt another test.
NOBODYS = "999999999"
TOO_LONG = "я" * 5000


def _bad(problem):
    return {e["field"] for e in problem["errors"]}


@test
def nobody_raises_themselves(w):
    client, other = w.client(), w.client()
    owner = w.user(client)
    manager = w.user(client, role="manager")
    for who in (owner, manager):
        before = who.get("/api/me")
        for field, value in (("role", "admin"), ("role", "owner"),
                             ("client_id", other), ("id", 1),
                             ("assigned_only", False), ("login", "root"),
                             ("email_confirmed", True),
                             ("must_change_password", False)):
            problem = who.refused(422, "PATCH", "/api/me", {field: value})
            assert _bad(problem) == {field}, problem
        assert who.get("/api/me") == before
    manager.refused(403, "PATCH", f"/api/users/{manager.user['id']}",
                    {"role": "owner"})


@test
def an_owner_makes_no_administrator_and_moves_nobody(w):
    client, other = w.client(), w.client()
    owner, manager = w.user(client), w.user(client, role="manager")
    admin = w.admin.get("/api/me")["id"]
    person = {"login": f"wish{number()}", "name": "Имя"}
    problem = owner.refused(422, "POST", "/api/users",
                            {**person, "role": "admin"})
    assert _bad(problem) == {"role"}, problem
    owner.refused(403, "POST", "/api/users",
                  {**person, "role": "manager", "client_id": other})
    for who in (manager, owner):
        path = f"/api/users/{who.user['id']}"
        for field, value in (("role", "admin"), ("client_id", other),
                             ("client_id", None),
                             ("email_confirmed", True),
                             ("telegram_confirmed", True)):
            problem = owner.refused(422, "PATCH", path, {field: value})
            assert _bad(problem) == {field}, problem
    for method, more, body in (("GET", "", None), ("DELETE", "", None),
                               ("PATCH", "", {"disabled": True}),
                               ("PATCH", "", {"password": "Чужой пароль"}),
                               ("DELETE", "/second-factor", None)):
        owner.refused(404, method, f"/api/users/{admin}{more}", body)
    problem = owner.refused(422, "POST", "/api/invites", {"role": "admin"})
    assert _bad(problem) == {"role"}, problem


@test
def a_password_of_ones_own_needs_the_present_one(w):
    """Else a stolen session or a program's token would be the account."""
    client = w.client()
    owner, manager = w.user(client), w.user(client, role="manager")
    program = Program(w, "program", owner.user["id"], "write")
    path = f"/api/users/{owner.user['id']}"
    problem = owner.refused(422, "PATCH", path,
                            {"password": "Совсем другой пароль"})
    assert _bad(problem) == {"password"}, problem
    answer = until_let_in(lambda: http_call(
        w.stack.url, "PATCH", path, json.dumps({"password": "Другой пароль"}),
        {"Content-Type": "application/json", **program.headers(False)}))
    assert answer.status == 403, answer
    problem = w.admin.refused(
        422, "PATCH", f"/api/users/{w.admin.get('/api/me')['id']}",
        {"password": "Совсем другой пароль"})
    assert _bad(problem) == {"password"}, problem
    w.sign_in(**owner.credentials)
    owner.patch(f"/api/users/{manager.user['id']}",
                {"password": "Новый пароль для него"})
    owner.patch(path, {"name": "Новое имя"})


@test
def a_duty_that_is_left_leaves_no_way_in_behind(w):
    """Whoever knew the first password, or has no second factor yet, shall not
    have a token, a Telegram account or a phone there when the duty has been
    done."""
    user = w.user(w.client())
    w.admin.patch(f"/api/users/{user.user['id']}",
                  {"must_change_password": True})
    token = {"name": "Программа", "scope": "write"}
    problem = user.refused(403, "POST", "/api/me/tokens", token)
    assert "password" in problem["detail"], problem
    who = Person(w, "who", user.user["id"])
    for method, path, fields in (
            ("POST", "/profile/tokens", token),
            ("GET", "/profile/telegram", {}),
            ("GET", "/profile/second-factor", {}),
            ("POST", "/profile/second-factor", {}),
            ("POST", "/profile/telegram", {"hash": "x"})):
        data = urllib.parse.urlencode({**fields,
                                       "csrf_token": who.csrf(False)})
        answer = _ask(w, method, path, data, {
            **who.headers(page=True),
            "Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 303, (path, answer)
        assert answer.headers["Location"] == "/profile/password", path
    assert not w.db.count("api_tokens", "user_id = %s", user.user["id"])
    user.post("/api/me/password", {
        "old_password": user.credentials["password"],
        "password": "Мой собственный пароль"}, status=204)
    w.secret(user.post("/api/me/tokens", token)["token"])


# --- managers who see their own dialogs alone ---

class Office:
    """Two dialogs, and a manager who has one of them."""

    def __init__(self, w):
        self.w = w
        self.seller = w.seller()
        self.owner = w.user(self.seller.client_id)
        self.manager = w.user(self.seller.client_id, role="manager")
        w.admin.patch(f"/api/users/{self.manager.user['id']}",
                      {"assigned_only": True})
        self.mine, self.others = self._dialog(), self._dialog()
        self.owner.patch(f"/api/dialogs/{self.mine['id']}",
                         {"assignee_id": self.manager.user["id"]})

    def _dialog(self):
        chat = self.seller.buyer()
        text = f"Тайное слово {number()}"
        chat.say(text)
        chat.shown(text)
        chat.rests()
        return {**chat.dialog(), "text": text, "chat": chat}

    def seen(self, path):
        """The answer, which tells nothing of the other dialog."""
        answer = self.manager.raw("GET", path)
        shown = answer.data.decode()
        assert self.others["text"] not in shown, (path, shown)
        assert self.others["chat"].name not in shown, (path, shown)
        assert f'"dialog_id":{self.others["id"]},' not in shown, (path, shown)
        return answer


@test
def a_manager_of_their_own_dialogs_sees_no_others(w):
    s = Office(w)
    mine, others = s.mine, s.others
    items = s.seen("/api/dialogs").json["items"]
    assert [d["id"] for d in items] == [mine["id"]], items
    for query in (f"assignee_id={s.owner.user['id']}",
                  f"client_id={s.seller.client_id}", "status=open",
                  f"project_id={s.seller.project['id']}", "unread=true",
                  "q=" + urllib.parse.quote(others["chat"].name),
                  "q=" + urllib.parse.quote(others["text"])):
        s.seen(f"/api/dialogs?{query}")
    theirs = int(w.db.one("SELECT min(id) FROM deliveries WHERE dialog_id"
                          " = %s", others["id"]))
    message = int(w.db.one("SELECT max(id) FROM messages WHERE dialog_id"
                           " = %s", others["id"]))
    assert s.seen("/api/deliveries?state=done").json["items"]
    assert not s.seen(f"/api/deliveries?dialog_id={others['id']}"
                      ).json["items"]
    s.seen(f"/api/dialogs/{mine['id']}/messages?before={message + 1}")
    s.seen("/api/notices")
    s.seen("/api/projects")
    for method, path, body in (
            ("GET", f"/api/dialogs/{others['id']}", None),
            ("GET", f"/api/dialogs/{others['id']}/messages", None),
            ("POST", f"/api/dialogs/{others['id']}/messages",
             {"text": "Привет"}),
            ("POST", f"/api/dialogs/{others['id']}/read", None),
            ("PATCH", f"/api/dialogs/{others['id']}",
             {"assignee_id": s.manager.user["id"]}),
            ("GET", f"/api/deliveries/{theirs}", None),
            ("POST", f"/api/deliveries/{theirs}/retry", None),
            ("POST", f"/api/deliveries/{theirs}/discard", None),
            ("POST", f"/api/deliveries/{theirs}/confirm", None)):
        s.manager.refused(404, method, path, body)
    # A colleague's reference brings up nothing of theirs.
    s.owner.post(f"/api/dialogs/{others['id']}/messages",
                 {"text": others["text"], "client_ref": "ref-1"})
    answer = s.manager.post(f"/api/dialogs/{mine['id']}/messages",
                            {"text": "Моё", "client_ref": "ref-1"})
    assert answer["text"] == "Моё", answer
    # What was taken away is gone at once.
    s.owner.patch(f"/api/dialogs/{mine['id']}", {"assignee_id": None})
    s.manager.refused(404, "GET", f"/api/dialogs/{mine['id']}")
    assert not s.manager.all("/api/dialogs")


# --- what no field and no header may bring down ---

NASTY = ("%00", "a%00b", "%ff", "%c0%80", "%ed%a0%80", "%f5",
         urllib.parse.quote(TOO_LONG), "%1b%5b2J", "%0d%0aX-Bad:%201",
         "-1", "99999999999999999999999999", "%7b%7d", "%27%20OR%201=1--",
         "1e400", "%e2%80%ae")


def _ask(w, method, path, data=None, headers=None):
    answer = until_let_in(lambda: http_call(w.stack.url, method, path, data,
                                            headers or {}))
    assert answer.status < 500, (method, path, answer)
    assert not answer.headers.get("X-Bad"), answer.headers
    return answer


def _queries(w):
    """(path, name) of each parameter of a query."""
    names = {"next", "token", "client_id", "action", "object", "user_id",
             "cursor", "limit", "hash", "id", "auth_date"}
    for route in routes():
        if route.method != "GET" or "{" in route.path:
            continue
        operation = w.openapi.operation("GET", route.path) or {}
        told = {p["name"] for p in map(
            w.openapi.resolve, operation.get("parameters", ()))
            if p["in"] == "query"}
        for name in sorted(told or (names if "/api/" not in route.path
                                    else ())):
            yield route.path, name


@test
def no_query_brings_anything_down(w):
    admin = Person(w, "root", add_user(w, None, "admin", "root"))
    n = 0
    for path, name in _queries(w):
        headers = admin.headers(page=not path.startswith("/api/"))
        for value in NASTY:
            _ask(w, "GET", f"{path}?{name}={value}", None, headers)
            n += 1
    assert n > 500, n
    w.note(f"{n} requests")


FIELDS = ("login", "password", "next", "code", "token", "name", "email",
          "role", "uses_max", "days", "assigned_only", "sign_up", "hash",
          "id", "first_name", "auth_date", "old_password", "language",
          "scope", "csrf_token", "session_id", "token_id")


@test
def no_form_brings_anything_down(w):
    client = w.client()
    n = 0
    for route in routes():
        if route.body != "form":
            continue
        owner = Person(w, "owner", add_user(w, client, "owner", "owner"))
        who = owner if route.needs != "admin" else \
            Person(w, "root", add_user(w, None, "admin", "root"))
        for name in FIELDS:
            for value in NASTY[:8]:
                token = who.csrf(is_open=route.needs == "none")
                data = f"csrf_token={token}&{name}={value}"
                answer = _ask(w, "POST", re.sub(r"{\w+}", NOBODYS, route.path),
                              data, {**who.headers(page=True), "Content-Type":
                                     "application/x-www-form-urlencoded"})
                n += 1
                if answer.status == 303 and route.path == "/logout":
                    who.renew()
                assert not answer.headers.get("Location", "/").startswith(
                    ("//", "/\\", "http")), answer.headers
    w.note(f"{n} requests")


@test
def no_header_brings_anything_down(w):
    user = w.user(w.client())
    login = json.dumps(user.credentials)
    wrong = json.dumps({"login": "nobody\u202e\x1b", "password": "wrong"})
    for name in ("User-Agent", "Cookie", "Authorization", "Accept-Language",
                 "Origin", "Referer", "X-Forwarded-For", "X-Request-Id",
                 "X-CSRF-Token", "Content-Type", "Accept", "Range", "Host"):
        for value in ("\xff\xfe", "\xc0\x80", "a" * 3000, "\x1b[2J", "=;=;,",
                      "Bearer \xff", "tuberry_session=\xff", "%00", "null"):
            for method, path, data in (
                    ("POST", "/api/auth/login", login),
                    ("POST", "/api/auth/login", wrong),
                    ("GET", "/login", None), ("GET", "/api/me", None),
                    ("GET", "/client", None)):
                _ask(w, method, path, data, {
                    "Content-Type": "application/json", name: value})


@test
def only_paths_of_ours_are_led_to(w):
    user = w.user(w.client())
    me = Person(w, "me", user.user["id"])
    for bad in ("//evil.example", "/\\evil.example", "https://evil.example",
                "/%09/evil.example", "/\t/evil.example", "javascript:x",
                "/a\r\nX-Bad: 1", "\\\\evil.example", "/\x00", " //evil",
                "/./../\\evil", "evil.example", "/я"):
        query = urllib.parse.urlencode({"next": bad})
        for path in ("/login", "/language/en"):
            place = _ask(w, "GET", f"{path}?{query}", None,
                         me.headers(page=True)).headers.get("Location", "/")
            assert re.fullmatch(r"/([!-.0-[\]-~][!-~]*)?", place), (bad, place)
