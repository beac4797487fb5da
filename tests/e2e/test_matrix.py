"""Who may do what: every route, asked by everybody.

The routing table says what each route needs; RIGHTS and expected() turn that
into a status for each caller.  A route that anybody may ask stands in OPEN
with what it answers to a good request, a form in FORMS with what a good one
holds, and what follows no rule in EXCEPTIONS.  A new route that lacks its row
fails.  The requests are good ones, so that a refusal is about rights.
"""

import itertools
import json
import urllib.parse

from lib.callers import (Caller, Forged, Person, Program, add_session,
                         add_token, add_user)
from lib.openapi import check_failure
from lib.rest import http_call, until_let_in
from lib.routes import routes
from lib.runner import test
from lib.uploads import attach, form, upload
from lib.wait import until
from lib.world import number
from test_input import Field

JSON_PATHS = ("/api/", "/health/", "/openapi.json")

# Whose role is enough.  Nobody's and whose time is over are never.
EVERYBODY = ("stranger", "manager", "assigned", "owner", "admin", "reader",
             "writer", "forged", "dutiful")
RIGHTS = {
    "self": tuple(c for c in EVERYBODY if c not in ("reader", "writer")),
    "person": tuple(c for c in EVERYBODY if c not in ("reader", "writer")),
    "factor": tuple(c for c in EVERYBODY if c not in ("reader", "writer")),
    "user": EVERYBODY,
    "owner": tuple(c for c in EVERYBODY if c not in ("manager", "assigned")),
    "keeper": tuple(c for c in EVERYBODY if c not in (
        "manager", "assigned", "reader", "writer")),
    "admin": ("admin",),
}
# About the caller's own account.
OWN = ("self", "person", "factor")
SIGNED_OUT = ("nobody", "expired")
BROWSERS = ("stranger", "manager", "assigned", "owner", "admin", "forged",
            "dutiful")

# What routes that need nothing answer to a good request of anybody's.
OPEN = {
    ("GET", "/"): 200,
    ("GET", "/language/{language}"): 303,
    ("GET", "/health/live"): 200,
    ("GET", "/health/ready"): 200,
    ("GET", "/api/health/"): 200,
    ("GET", "/openapi.json"): 200,
    ("GET", "/docs"): 200,
    ("GET", "/docs/docs.css"): 200,
    ("GET", "/docs/docs.js"): 200,
    # Nobody with that login; a challenge, a token, a secret of nobody's.
    ("POST", "/api/auth/login"): 401,
    ("POST", "/api/auth/second-factor"): 401,
    ("POST", "/api/auth/refresh"): 401,
    ("POST", "/login"): 401,
    ("POST", "/api/auth/master/link"): 401,
    ("POST", "/api/auth/master/exchange"): 404,
    ("POST", "/login/link"): 404,
    # There is no master bot that could have signed it.
    ("POST", "/api/auth/telegram"): 404,
    ("GET", "/login/telegram"): 403,
    # Whoever has a code to bring has a cookie, too.
    ("GET", "/login"): 200,
    ("GET", "/login/code"): 303,
    ("POST", "/login/code"): 303,
    ("POST", "/api/webhooks/avito/{id}/{secret}"): 404,
    ("POST", "/api/webhooks/telegram/{id}/{secret}"): 404,
    ("POST", "/api/webhooks/source-telegram/{id}/{secret}"): 404,
}

# What a good form holds besides its CSRF token, in a scene.
FORMS = {
    ("POST", "/login"): lambda s: {"login": "nobody", "password": "nothing"},
    ("POST", "/login/code"): lambda s: {"code": "123456"},
    ("POST", "/login/link"): lambda s: {"token": "x" * 43, "name": "Имя"},
    ("POST", "/logout"): lambda s: {},
    ("POST", "/profile/telegram"): lambda s: {"hash": "x"},
    ("POST", "/profile/second-factor"): lambda s: {},
    ("POST", "/profile/second-factor/confirm"): lambda s: {"code": "000000"},
    ("POST", "/profile/second-factor/codes"): lambda s: {"code": "000000"},
    ("POST", "/profile/second-factor/off"): lambda s: {"code": "000000"},
    ("POST", "/admin/settings"): lambda s: {"sign_up": "open"},
    ("POST", "/client/invites"): lambda s: {"role": "manager"},
    ("POST", "/client/invites/{id}/revoke"): lambda s: {},
    ("POST", "/profile"): lambda s: {"name": "Имя", "language": "ru"},
    ("POST", "/profile/password"): lambda s: {
        "password": f"Новый-пароль-{number()}"},
    ("POST", "/profile/sessions/{id}/end"): lambda s: {},
    ("POST", "/profile/sessions/end-others"): lambda s: {},
    ("POST", "/profile/tokens"): lambda s: {"name": "Программа",
                                            "scope": "read"},
    ("POST", "/profile/tokens/{id}/revoke"): lambda s: {},
    ("POST", "/client/users"): lambda s: s.person(),
    ("POST", "/client/users/{id}"): lambda s: {"name": "Имя",
                                               "role": "owner"},
    ("POST", "/client/users/{id}/{act}"): lambda s: {},
    ("POST", "/admin/users"): lambda s: s.person(),
    ("POST", "/admin/users/{id}"): lambda s: {"name": "Имя",
                                              "role": "owner"},
    ("POST", "/admin/users/{id}/{act}"): lambda s: {},
    ("POST", "/admin/clients"): lambda s: {"name": "Клиент"},
    ("POST", "/admin/clients/{id}"): lambda s: {"name": "Клиент"},
    ("POST", "/admin/clients/{id}/delete"): lambda s: {},
    ("POST", "/admin/clients/{client}/invites"): lambda s: {
        "role": "manager"},
    ("POST", "/admin/clients/{client}/invites/{id}/revoke"): lambda s: {},
}

# route -> caller -> status.
EXCEPTIONS = {
    # Who is signed in is led to where they work, whatever they bring.
    ("GET", "/"): dict.fromkeys(BROWSERS, 303),
    ("GET", "/login"): dict.fromkeys(BROWSERS, 303),
    # An administrator belongs to no client and is led to their own page.
    ("GET", "/client"): {"admin": 303},
    ("GET", "/client/invites"): {"admin": 303},
    ("GET", "/client/users"): {"admin": 303},
    # Of the owner: nobody else previews it.
    ("GET", "/api/uploads/{id}"): dict.fromkeys(
        ("manager", "assigned", "admin"), 404),
}

# Whose right is there gets as far as this, as nobody has a phone at hand.
AS_FAR_AS = {
    ("DELETE", "/api/me/second-factor"): 409,
    ("POST", "/api/me/second-factor/codes"): 409,
    ("POST", "/api/me/second-factor/confirm"): 422,
    ("POST", "/profile/second-factor/codes"): 409,
    ("POST", "/profile/second-factor/confirm"): 422,
    ("POST", "/profile/second-factor/off"): 409,
    ("POST", "/profile/telegram"): 404,
}


def is_page(path):
    return not path.startswith(JSON_PATHS)



def refusal(route, status):
    """What a page answers where the API answers that status."""
    if not is_page(route.path) or status not in ("401", "duty"):
        return "403" if status == "duty" else status
    return "303 /login" if status == "401" else "303 /profile/password"


def expected(route, caller, body):
    """"ok", or the status with the begin of Location."""
    key = (route.method, route.path)
    if caller in EXCEPTIONS.get(key, {}):
        return str(EXCEPTIONS[key][caller])
    if route.needs in ("none", "admin-if-hidden"):
        is_forged = route.body == "form" and caller == "forged"
        return "403" if is_forged else str(OPEN.get(key, "known to OPEN"))
    unsafe = route.method != "GET"
    if caller in SIGNED_OUT:
        return refusal(route, "401")
    if caller == "dutiful" and is_page(route.path) and route.needs != "self":
        return refusal(route, "duty")
    if caller not in RIGHTS[route.needs] or \
            unsafe and caller in ("reader", "forged") or \
            is_page(route.path) and caller in ("reader", "writer"):
        return "403"
    if caller == "dutiful" and route.needs != "self":
        return refusal(route, "duty")
    return expected_of_object(route, caller, body)


def expected_of_object(route, caller, body):
    """The right is there; is the object theirs?"""
    if "{id}" in route.path:
        if caller == "stranger" or \
                route.needs in OWN and caller != "owner":
            return "404"
        if caller == "assigned" and route.path.startswith(
                ("/api/dialogs/", "/api/deliveries/", "/api/media/")):
            return "404"
    elif caller == "stranger" and body:
        if "client_id" in body:
            return "403"
        if any(name.endswith("_id") for name in body):
            return "422"
    return str(AS_FAR_AS.get((route.method, route.path), "ok"))


class Scene(Field):
    """A client with one of everything, and everybody who might ask."""

    def __init__(self, w):
        super().__init__(w)
        client = self.seller.client_id
        other = w.client()
        owner = add_user(w, client, "owner", "owner")
        self.callers = {c.name: c for c in (
            Caller(w, "nobody"),
            Person(w, "expired", owner, lives="-1 minute"),
            Person(w, "stranger", add_user(w, other, "owner", "stranger")),
            Person(w, "manager", add_user(w, client, "manager", "manager")),
            Person(w, "assigned", add_user(w, client, "manager", "assigned",
                                           assigned_only=True)),
            Person(w, "owner", owner),
            Person(w, "admin", add_user(w, None, "admin", "root")),
            Program(w, "reader", owner, "read"),
            Program(w, "writer", owner, "write"),
            Forged(w, "forged", owner),
            Person(w, "dutiful", add_user(w, client, "owner", "dutiful",
                                          must_change_password=True)))}
        self.owner = owner
        # Before the bot's webhook is dropped.
        self._dead = self._make_dead()
        self._objects = {}

    # --- what is called ---

    def body(self, route):
        key = (route.method, route.path)
        if route.body == "raw":
            return {}
        if route.body == "form":
            assert key in FORMS, f"FORMS does not know {key}"
            return FORMS[key](self)
        if route.body == "file":
            return {"client_id": self.seller.client_id}
        if route.body != "json":
            return None
        body = MORE_GOOD[key](self) if key in MORE_GOOD else \
            self.good(*key)
        assert body is not None, f"no good body is known of {key}"
        return body

    def target(self, route):
        """The path of an object that this call finds as it should be."""
        key = (route.method, route.path)
        if "{secret}" in route.path:
            return route.path.format(id=1, secret="x" * 43)
        if key in FRESH:
            if key not in self._objects:
                self._objects[key] = FRESH[key](self)
            return self.path(route.path, self._objects[key])
        return self.path(route.path)

    def done(self, route, caller):
        """It was allowed: what it used up is made anew."""
        key = (route.method, route.path)
        self._objects.pop(key, None)
        if key in AFTER:
            AFTER[key](self, caller)

    def person(self):
        return {"login": f"login{number()}", "name": "Имя",
                "role": "manager", "client_id": self.seller.client_id}

    # --- what is used up ---

    def user_of_client(self):
        return add_user(self.w, self.seller.client_id, "manager", "leaves")

    def _make_dead(self):
        chat = self.seller.buyer()
        chat.say("Здравствуйте")
        thread = chat.shown("Здравствуйте")
        self.w.sandbox.patch(f"avito/chats/{chat.id}", blocked=True)
        self.seller.write(thread, text="Ау")
        return until(lambda: self.w.db.one(
            "SELECT id FROM deliveries WHERE client_id = %s"
            " AND state = 'dead'", self.seller.client_id), "a dead delivery")

    def dead_delivery(self):
        """The same one each time, dead again."""
        until(lambda: self.w.db.one(
            "SELECT state IN ('dead', 'discarded', 'done') FROM deliveries"
            " WHERE id = %s", self._dead) == "t", "the delivery has ended")
        self.w.db.rows("UPDATE deliveries SET state = 'dead' WHERE id = %s",
                       self._dead)
        return self._dead

    def rejected(self, path, fields):
        """An object that the daemon has looked at, in vain."""
        made = self.w.admin.post(path, fields)
        until(lambda: self.w.admin.get(f"{path}/{made['id']}")["status"] ==
              "error", "the daemon has looked at it")
        return made["id"]

    def bot_to_go(self):
        return self.rejected("/api/bots", self.good("POST", "/api/bots"))

    def account_to_go(self):
        return self.rejected("/api/avito/accounts",
                             self.seller.account_fields(
                                 api_client_id=f"goes{number()}"))

    def source_to_go(self):
        return self.w.admin.post("/api/telegram-sources", self.good(
            "POST", "/api/telegram-sources"))["id"]

    def project_to_go(self):
        return self.w.admin.post("/api/projects", {
            "name": "Уйдёт", "client_id": self.seller.client_id})["id"]

    def invite_to_go(self):
        return self.w.admin.post("/api/invites", {
            "role": "manager", "client_id": self.seller.client_id})["id"]

    def upload_of_owner(self):
        made = upload(self.w.admin, "a.txt", b"text\n",
                      client_id=self.seller.client_id)["id"]
        self.w.db.rows("UPDATE uploads SET user_id = %s WHERE id = %s",
                       self.owner, made)
        return made

    def file_of_dialog(self):
        return attach(self.w, self.upload_of_owner(), self.ids["dialogs"])

    def password_as_before(self, caller):
        self.w.db.rows("UPDATE users SET password_hash = NULL,"
                       " must_change_password = %s WHERE id = %s",
                       caller.name == "dutiful", caller.user_id)
        self.everybody_is_back()

    def everybody_is_back(self, _caller=None):
        for caller in self.callers.values():
            caller.renew()


FRESH = {
    ("DELETE", "/api/clients/{id}"): lambda s: s.w.admin.post(
        "/api/clients", {"name": "Уйдёт"})["id"],
    ("DELETE", "/api/users/{id}"): Scene.user_of_client,
    ("DELETE", "/api/projects/{id}"): Scene.project_to_go,
    ("DELETE", "/api/bots/{id}"): Scene.bot_to_go,
    ("DELETE", "/api/avito/accounts/{id}"): Scene.account_to_go,
    ("DELETE", "/api/telegram-sources/{id}"): Scene.source_to_go,
    ("DELETE", "/api/invites/{id}"): Scene.invite_to_go,
    ("POST", "/client/invites/{id}/revoke"): Scene.invite_to_go,
    ("POST", "/admin/clients/{client}/invites/{id}/revoke"):
        Scene.invite_to_go,
    ("POST", "/admin/clients/{id}/delete"): lambda s: s.w.admin.post(
        "/api/clients", {"name": "Уйдёт"})["id"],
    ("POST", "/client/users/{id}/{act}"): Scene.user_of_client,
    ("POST", "/admin/users/{id}/{act}"): Scene.user_of_client,
    ("POST", "/api/deliveries/{id}/retry"): Scene.dead_delivery,
    ("POST", "/api/deliveries/{id}/discard"): Scene.dead_delivery,
    ("POST", "/api/deliveries/{id}/confirm"): Scene.dead_delivery,
    ("GET", "/api/uploads/{id}"): Scene.upload_of_owner,
    ("GET", "/api/media/{id}"): Scene.file_of_dialog,
    # Of a person's own, and of the owner here.
    ("DELETE", "/api/auth/sessions/{id}"):
        lambda s: add_session(s.w, s.owner),
    ("POST", "/profile/sessions/{id}/end"):
        lambda s: add_session(s.w, s.owner),
    ("DELETE", "/api/me/tokens/{id}"):
        lambda s: add_token(s.w, s.owner, f"goes{number()}"),
    ("POST", "/profile/tokens/{id}/revoke"):
        lambda s: add_token(s.w, s.owner, f"goes{number()}"),
}

AFTER = {
    ("POST", "/api/auth/logout"): Scene.everybody_is_back,
    ("POST", "/logout"): Scene.everybody_is_back,
    ("POST", "/api/me/password"): Scene.password_as_before,
    ("POST", "/profile/password"): Scene.password_as_before,
    ("POST", "/profile/sessions/end-others"): Scene.everybody_is_back,
}

# Where Field.good() will not do: its callers are administrators.
MORE_GOOD = {
    # Another one each time, or the attempts would be too many.
    ("POST", "/api/auth/login"): lambda s: {
        "login": f"nobody{number()}", "password": "nothing"},
    ("POST", "/api/avito/accounts"): lambda s: s.seller.account_fields(
        api_client_id=f"other{number()}"),
    ("POST", "/api/auth/second-factor"): lambda s: {
        "challenge": "x" * 40, "code": "123456"},
    ("POST", "/api/auth/telegram"): lambda s: {
        "id": 5, "first_name": "Имя", "auth_date": 1, "hash": "0" * 64},
    ("POST", "/api/auth/master/exchange"): lambda s: {
        "link_token": "x" * 43, "name": "Имя"},
    ("PATCH", "/api/me"): lambda s: {"name": "Имя"},
    ("POST", "/api/me/password"): lambda s: {
        "password": f"Новый-пароль-{number()}"},
    ("POST", "/api/me/tokens"): lambda s: {"name": "Программа",
                                           "scope": "read"},
    ("POST", "/api/auth/master/link"): lambda s: {"telegram_user_id": 5},
    ("POST", "/api/users"): lambda s: s.person(),
}


def ask(s, route, caller):
    """The request, and how its answer reads: "ok", "403", "303 /login"."""
    body, path = s.body(route), s.target(route)
    headers = caller.headers(is_page(route.path))
    data = None
    if route.body == "form":
        token = caller.csrf(is_open=route.needs == "none")
        data = urllib.parse.urlencode({**body, "csrf_token": token})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    elif route.body == "json":
        data = json.dumps(body)
        headers["Content-Type"] = "application/json"
    elif route.body == "file":
        data, headers["Content-Type"] = form("a.txt", b"text\n", **body)
    elif route.body == "raw":
        data = "{}"
    answer = until_let_in(lambda: http_call(
        s.w.stack.url, route.method, path, data, headers))
    if answer.status >= 400:
        check_failure(path, answer.status, answer.type, answer.json)
    if (route.method, route.path) in s.w.openapi.routes():
        s.w.openapi.check_answer(
            route.method, path, answer.status, answer.type,
            answer.json if answer.json is not None else answer.data)
    return body, answer


def reads(route, answer, wanted):
    """The answer in the words of expected()."""
    if wanted == "ok":
        good = (201, 303) if route.body == "form" else (200, 201, 202, 204)
        return "ok" if answer.status in good else str(answer.status)
    if answer.status == 429 and (route.method, route.path) in AS_FAR_AS:
        # Five tries in ten minutes is as far as well.
        return wanted
    if " " in wanted:
        place = answer.headers.get("Location", "").partition("?")[0]
        return f"{answer.status} {place}"
    return str(answer.status)


@test
def every_route_has_its_expectations(w):
    table = routes()
    keys = {(r.method, r.path) for r in table}
    is_open = {(r.method, r.path) for r in table
               if r.needs in ("none", "admin-if-hidden")}
    forms = {(r.method, r.path) for r in table if r.body == "form"}
    assert is_open == set(OPEN), \
        f"say in OPEN what anybody is answered: {is_open ^ set(OPEN)}"
    assert forms == set(FORMS), \
        f"say in FORMS what is good: {forms ^ set(FORMS)}"
    gone = (set(EXCEPTIONS) | set(AS_FAR_AS) | set(FRESH) |
            set(AFTER) | set(MORE_GOOD)) - keys
    assert not gone, f"no such route: {gone}"
    assert {r.needs for r in table} <= set(RIGHTS) | {
        "none", "admin-if-hidden"}, "RIGHTS does not know what is needed"


# What managers may change: their daily work.
DAILY = ("/api/dialogs/", "/api/deliveries/", "/api/notices/",
         "/api/upload")


@test
def the_table_itself_gives_nobody_too_much(w):
    del w
    for route in routes():
        if "/admin" in route.path:
            assert route.needs == "admin", route
        if route.needs == "user" and route.method != "GET":
            assert route.path.startswith(DAILY), route
        if route.needs in OWN:
            assert "/me" in route.path or "/auth/" in route.path or \
                route.path == "/logout" or "/profile" in route.path, route
        # What a form changes is asked for with the form's own token.
        if is_page(route.path) and route.method != "GET":
            assert route.body == "form", route


@test(events=("bot.*", "avito.*", "delivery.*", "task.*", "webhook.*"))
def everybody_is_answered_as_their_rights_are(w):
    s = Scene(w)
    table = routes()
    wrong, tried, allowed = [], 0, 0
    for route, caller in itertools.product(table, s.callers.values()):
        try:
            body, answer = ask(s, route, caller)
        except AssertionError as error:
            wrong.append(f"{route.method} {route.path}: {error}")
            continue
        wanted = expected(route, caller.name, body)
        got = reads(route, answer, wanted)
        tried += 1
        allowed += got == "ok"
        if got != wanted:
            wrong.append(f"{route.method} {route.path} by {caller.name}:"
                         f" {got}, not {wanted}: {answer}")
        if answer.status < 400:
            s.done(route, caller)
    w.note(f"{len(table)} routes x {len(s.callers)} callers = {tried} cells,"
           f" {allowed} of them allowed, {len(wrong)} wrong")
    assert not wrong, "\n" + "\n".join(wrong)


# Numbers of other services, which name no row of ours.
NOT_OURS = ("telegram_user_id", "group_chat_id", "api_client_id")
# Where an administrator's choice of another's row is the choice of the client.
CHOICES = ((("POST", "/api/avito/accounts"), "project_id"),
           (("POST", "/api/telegram-sources"), "project_id"))
NO_SUCH_ID = 999999999


def foreign_ids(w):
    """What another client has, by the names of fields."""
    other = Field(w)
    return {"client_id": other.seller.client_id,
            "project_id": other.seller.project["id"],
            "bot_id": other.seller.bot["id"],
            "assignee_id": other.user.user["id"],
            "user_id": other.user.user["id"],
            "dialog_id": other.ids["dialogs"]}


def named_ids(w):
    """(route, "body" or "query", field) of each id that a request names."""
    found = []
    for method, path in sorted(w.openapi.routes()):
        schema = w.openapi.request_schema(method, path)
        fields = w.openapi.resolve(schema or {}).get("properties", {})
        found += [((method, path), "body", name) for name in fields]
        operation = w.openapi.operation(method, path)
        for parameter in operation.get("parameters", ()):
            parameter = w.openapi.resolve(parameter)
            if parameter["in"] == "query":
                found.append(((method, path), "query", parameter["name"]))
    return [f for f in found
            if f[2].endswith("_id") and f[2] not in NOT_OURS]


def _told(who, field, route, place, name, value):
    """Status and words of what comes of this id."""
    method, template = route
    path = field.path(template)
    if place == "query":
        answer = who.raw(method, f"{path}?{name}={value}")
        return answer.status, answer.json.get("detail"), \
            answer.json.get("items")
    answer = who.call(method, path, {**field.good(method, template),
                                     name: value}, wrong=True)
    return answer.status, answer.json.get("detail"), \
        answer.json.get("errors")


@test
def anothers_id_is_as_one_that_is_not_there(w):
    field, foreign = Field(w), foreign_ids(w)
    owner = field.user
    tried = named_ids(w)
    counts = field.counts()
    wrong = []
    for route, place, name in tried:
        assert name in foreign, f"what does {name} of {route} name?"
        told = [_told(owner, field, route, place, name, i)
                for i in (foreign[name], NO_SUCH_ID)]
        is_choice = name == "client_id" or place == "query" or \
            (route, name) in CHOICES
        by_admin = None if is_choice else _told(w.admin, field, route, place,
                                                name, foreign[name])
        if told[0] != told[1]:
            wrong.append(f"{route} {name}: {told[0]}, but {told[1]}")
        if told[0][0] not in ((200, 403) if place == "query"
                              else (403, 404, 422)) or \
                place == "query" and told[0][2]:
            wrong.append(f"{route} {name}: {told[0]}")
        # Nor may an administrator mix two clients.
        if by_admin and by_admin[0] not in (404, 422):
            wrong.append(f"{route} {name} by an administrator: {by_admin}")
    w.note(f"{len(tried)} fields of bodies and queries name an id")
    assert not wrong, "\n" + "\n".join(wrong)
    assert field.counts() == counts, "something was written"


@test
def anothers_object_is_as_one_that_is_not_there(w):
    field, stranger = Field(w), w.user(w.client())
    ids = [r for r in routes() if "{id}" in r.path and
           "{secret}" not in r.path and not is_page(r.path)]
    wrong = []
    for route in ids:
        body = field.good(route.method, route.path)
        told = []
        for path in (field.path(route.path),
                     field.path(route.path, NO_SUCH_ID)):
            answer = stranger.call(route.method, path, body, wrong=True)
            told.append((answer.status, answer.json["detail"],
                         answer.json["errors"]))
        if told[0] != told[1]:
            wrong.append(f"{route}: {told[0]}, but {told[1]}")
    w.note(f"{len(ids)} routes with an id in the path")
    assert not wrong, "\n" + "\n".join(wrong)
