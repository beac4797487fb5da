"""Bad input, against every route that takes a body.

The cases are made from /openapi.json: whatever route and field it describes
is tried.  GOOD says for each route what a good body is; a route that is
missing there fails the test, so that a new one is not forgotten.
"""

import json

from lib.runner import test
from lib.world import number

HUGE = 10 ** 30
TABLES = ("clients", "users", "bots", "projects", "avito_accounts",
          "telegram_sources", "dialogs",
          "messages", "attachments", "deliveries", "quarantine", "invites")


class Field:
    """The seller whose objects the routes name."""

    def __init__(self, w):
        self.w = w
        self.seller = w.seller()
        chat = self.seller.buyer()
        chat.say("Здравствуйте")
        chat.shown("Здравствуйте")
        chat.rests()
        self.user = w.user(self.seller.client_id)
        self.ids = {
            "clients": self.seller.client_id,
            "users": self.user.user["id"],
            "bots": self.seller.bot["id"],
            "projects": self.seller.project["id"],
            "accounts": self.seller.account["id"],
            "telegram-sources": w.admin.post("/api/telegram-sources", {
                "project_id": self.seller.project["id"],
                "bot_id": self.seller.bot["id"]})["id"],
            "dialogs": chat.dialog()["id"],
            "messages": w.admin.post(f"{chat.dialog_path}/messages",
                                     {"text": "Ответ"})["id"],
            "deliveries": int(w.db.one(
                "SELECT min(id) FROM deliveries WHERE client_id = %s",
                self.seller.client_id)),
            "notices": self._notice(),
            "invites": self.seller.api.post("/api/invites", {
                "client_id": self.seller.client_id,
                "role": "manager"})["id"],
            "sessions": 1,
            "tokens": 1,
            "uploads": 1,
            "media": 1,
            "language": "en",
            "{act}": "disable",
        }

    def _notice(self):
        return int(self.w.db.one(
            "INSERT INTO notices (client_id, kind, object, text, first_at,"
            " last_at) VALUES (%s, 'bot.refused', 'test', 'Отказ', now(),"
            " now()) RETURNING id", self.seller.client_id))

    def good(self, method, path):
        """A body that the route takes."""
        client = self.seller.client_id
        bodies = {
            ("POST", "/api/auth/login"):
                {"login": "nobody", "password": "nothing"},
            ("POST", "/api/auth/telegram"): {
                "id": 5, "first_name": "Имя", "auth_date": 1790000000,
                "hash": "0" * 64},
            ("POST", "/api/auth/master/exchange"): {
                "link_token": "nothing", "name": "Имя"},
            ("POST", "/api/auth/refresh"): {"refresh_token": "x" * 40},
            ("POST", "/api/me/second-factor/confirm"): {"code": "000000"},
            ("POST", "/api/me/second-factor/codes"): {"code": "000000"},
            ("DELETE", "/api/me/second-factor"): {"code": "000000"},
            ("POST", "/api/auth/second-factor"): {
                "challenge": "x" * 40, "code": "000000"},
            ("PATCH", "/api/me"): {"name": "Имя"},
            ("POST", "/api/me/password"): {
                "old_password": "Неверный пароль",
                "password": "Достаточно длинный"},
            ("POST", "/api/me/tokens"): {"name": "Учёт", "scope": "read"},
            ("POST", "/api/clients"): {"name": "Клиент"},
            ("PATCH", "/api/clients/{id}"): {"name": "Клиент"},
            ("POST", "/api/users"): {
                "login": f"login{number()}", "name": "Имя",
                "password": "Достаточно длинный", "role": "manager",
                "client_id": client},
            ("PATCH", "/api/users/{id}"): {"name": "Имя"},
            ("POST", "/api/invites"): {"role": "manager",
                                       "client_id": client},
            ("POST", "/api/projects"): {"name": "Проект",
                                        "client_id": client},
            ("PATCH", "/api/projects/{id}"): {"name": "Проект"},
            ("POST", "/api/projects/{id}/auto-reply/dry-run"): {
                "auto_reply": {"text": "Привет"}},
            ("POST", "/api/projects/{id}/calendar"): {
                "days": [{"date": "2026-01-01", "kind": "holiday"}]},
            ("POST", "/api/projects/{id}/filters/dry-run"): {
                "filters": [{"id": "a", "action": "hide",
                             "words": ["торг"]}]},
            ("POST", "/api/projects/{id}/rules/dry-run"): {
                "rules": [{"id": "a", "words": ["торг"]}]},
            ("POST", "/api/bots"): {
                "token": f"{80000000 + number()}:AAgood-token-0123456789-ab",
                "client_id": client},
            ("PATCH", "/api/bots/{id}"): {"topic_mode": True},
            ("POST", "/api/avito/accounts"):
                self.seller.account_fields(api_client_id="other"),
            ("PATCH", "/api/avito/accounts/{id}"): {"monitoring": False},
            ("POST", "/api/telegram-sources"): {
                "project_id": self.seller.project["id"],
                "token": f"{80000000 + number()}:AAgood-token-0123456789-ab"},
            ("PATCH", "/api/telegram-sources/{id}"): {"monitoring": True},
            ("PATCH", "/api/admin/settings"): {"sign_up": "open"},
            ("PATCH", "/api/dialogs/{id}"): {"status": "open"},
            ("POST", "/api/dialogs/{id}/messages"): {"text": "Ответ"},
        }
        return bodies.get((method, path))

    def path(self, template, object_id=None):
        """The template with the ids of the field's objects."""
        parts, previous = [], ""
        for part in template.split("/"):
            if part.startswith("{"):
                part = str(object_id if part == "{id}" and
                           object_id is not None
                           else self.ids.get(part) or self.ids[previous])
            else:
                previous = part
            parts.append(part)
        return "/".join(parts)

    def counts(self):
        sql = " UNION ALL ".join(
            f"SELECT '{table}', count(*), max(id) FROM {table}"
            for table in TABLES)
        return self.w.db.rows(sql)


class Watch:
    """No row is written and no worker ends between enter and exit."""

    def __init__(self, field):
        self._field = field

    def __enter__(self):
        self._counts = self._field.counts()
        self._pids = self._field.w.stack.workers("web")
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            counts = self._field.counts()
            assert counts == self._counts, (self._counts, counts)
            pids = self._field.w.stack.workers("web")
            assert pids == self._pids, "a worker has ended"


def _routes(w, *methods):
    """(method, template, schema) of those that take a JSON body."""
    found = []
    for method, path in sorted(w.openapi.routes()):
        schema = w.openapi.request_schema(method, path)
        # Webhooks take whatever it is, another program has a token of its
        # own: both have tests of their own.
        if method in methods and schema and "/webhooks/" not in path and \
                not path.endswith("/master/link"):
            found.append((method, path, w.openapi.resolve(schema)))
    assert found
    return found


def _properties(w, schema):
    return {name: w.openapi.resolve(sub)
            for name, sub in schema.get("properties", {}).items()}


def _each(w, try_one):
    """try_one(field, method, path, template, schema, good) for every route,
    watched; all that goes wrong is told together."""
    field = Field(w)
    wrong = []
    with Watch(field):
        for method, template, schema in _routes(w, "POST", "PATCH",
                                                "DELETE"):
            good = field.good(method, template)
            assert good is not None, \
                f"GOOD does not know {method} {template}"
            try:
                try_one(field, method, field.path(template), schema, good)
            except AssertionError as error:
                wrong.append(f"{method} {template}: {error}")
    assert not wrong, "\n" + "\n".join(wrong)


def _send(field, method, path, data, content_type="application/json"):
    headers = {"Content-Type": content_type} if content_type else {}
    return field.w.admin.raw(method, path, data, headers)


def _is(answer, *statuses):
    assert answer.status in statuses, f"{answer}, not {statuses}"
    return answer


def _names(answer, field_name):
    named = [e["field"] for e in answer.json["errors"]]
    assert field_name in named, f"{field_name} is not among {named}"


@test
def malformed_body_is_400(w):
    def try_one(field, method, path, schema, good):
        text = json.dumps(good).encode()
        for data in (b"", b"{", text[:-1], text + b"}", b"nonsense",
                     b"{'a': 1}", b'{"a": NaN}', b'{"a": 01}',
                     b'{"a": 1,}', b"[" * 100000):
            _is(_send(field, method, path, data), 400)
    _each(w, try_one)


@test
def body_that_is_no_object_is_refused(w):
    def try_one(field, method, path, schema, good):
        for value in ([], [good], "text", 5, True, None):
            _is(_send(field, method, path, json.dumps(value).encode()),
                400, 422)
    _each(w, try_one)


@test
def invalid_utf8_is_400(w):
    def try_one(field, method, path, schema, good):
        for name in _properties(w, schema):
            for bad in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5",
                        b"\xe2\x82"):
                body = json.dumps({**good, name: "@"}).encode()
                _is(_send(field, method, path, body.replace(b"@", bad)), 400)
    _each(w, try_one)


@test
def raw_control_character_is_400(w):
    def try_one(field, method, path, schema, good):
        body = json.dumps({**good, "name": "@"}).encode()
        _is(_send(field, method, path, body.replace(b"@", b"\0")), 400)
    _each(w, try_one)


@test
def escaped_nul_in_a_text_is_422_naming_the_field(w):
    def try_one(field, method, path, schema, good):
        for name, sub in _properties(w, schema).items():
            if "string" in _types(sub):
                answer = field.w.admin.call(
                    method, path, {**good, name: "a\0b"}, wrong=True)
                _names(_is(answer, 422), name)
    _each(w, try_one)


def _types(schema):
    kinds = schema.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    for word in ("oneOf", "anyOf"):
        for sub in schema.get(word, ()):
            kinds |= _types(sub)
    if "enum" in schema or "const" in schema:
        kinds |= {"string"} if not kinds else set()
    return kinds


WRONG = {"string": 5, "integer": "five", "number": "five", "boolean": "yes",
         "array": {"a": 1}, "object": [1]}


@test
def wrong_type_of_each_field_is_422_naming_it(w):
    def try_one(field, method, path, schema, good):
        for name, sub in _properties(w, schema).items():
            kinds = _types(sub)
            bad = [WRONG[kind] for kind in kinds if kind in WRONG]
            bad += [None] if kinds and "null" not in kinds else []
            bad += [1.5] if "integer" in kinds else []
            for value in bad:
                answer = field.w.admin.call(
                    method, path, {**good, name: value}, wrong=True)
                _names(_is(answer, 422), name)
    _each(w, try_one)


@test
def several_bad_fields_are_all_named(w):
    def try_one(field, method, path, schema, good):
        names = [n for n, s in _properties(w, schema).items() if _types(s)]
        body = {n: {"nested": [1]} for n in names
                if "object" not in _types(_properties(w, schema)[n])}
        if not body:
            return
        answer = _is(field.w.admin.call(method, path, body, wrong=True),
                     422)
        for name in body:
            _names(answer, name)
    _each(w, try_one)


@test
def missing_required_field_is_422_naming_it(w):
    def try_one(field, method, path, schema, good):
        for name in schema.get("required", ()):
            body = {k: v for k, v in good.items() if k != name}
            answer = field.w.admin.call(method, path, body, wrong=True)
            _names(_is(answer, 422), name)
    _each(w, try_one)


@test
def unknown_field_is_422_naming_it(w):
    def try_one(field, method, path, schema, good):
        if schema.get("additionalProperties"):
            return
        answer = field.w.admin.call(
            method, path, {**good, "no_such_field": 1}, wrong=True)
        _names(_is(answer, 422), "no_such_field")
    _each(w, try_one)


@test
def blank_and_overlong_required_texts_are_422(w):
    def try_one(field, method, path, schema, good):
        for name in schema.get("required", ()):
            if isinstance(good.get(name), str):
                for value in ("", "я" * 100000):
                    answer = field.w.admin.call(
                        method, path, {**good, name: value}, wrong=True)
                    _names(_is(answer, 422), name)
    _each(w, try_one)


@test
def negative_and_huge_numbers_are_refused(w):
    def try_one(field, method, path, schema, good):
        for name, sub in _properties(w, schema).items():
            if "integer" not in _types(sub) or name == "group_chat_id":
                continue
            for value in (-1, 0, 2 ** 63, HUGE, -HUGE):
                answer = field.w.admin.call(
                    method, path, {**good, name: value}, wrong=True)
                _is(answer, 404, 422)
    _each(w, try_one)


@test
def unknown_id_in_a_body_is_refused(w):
    def try_one(field, method, path, schema, good):
        for name in _properties(w, schema):
            if name in ("client_id", "project_id", "bot_id", "assignee_id"):
                answer = field.w.admin.call(
                    method, path, {**good, name: 999999999}, wrong=True)
                _is(answer, 404, 422)
    _each(w, try_one)


@test
def oversized_body_is_413(w):
    def try_one(field, method, path, schema, good):
        body = json.dumps({**good, "name": "a" * (1024 * 1024)}).encode()
        _is(_send(field, method, path, body), 413)
    _each(w, try_one)


@test
def wrong_content_type_is_415(w):
    def try_one(field, method, path, schema, good):
        for kind in ("text/plain", "application/x-www-form-urlencoded",
                     "multipart/form-data; boundary=x"):
            _is(_send(field, method, path, json.dumps(good).encode(), kind),
                415)
    _each(w, try_one)


@test
def unknown_id_in_the_path_is_404(w):
    field = Field(w)
    with Watch(field):
        for method, template in sorted(w.openapi.routes()):
            if "{" not in template or "/webhooks/" in template:
                continue
            good = field.good(method, template)
            for object_id in ("999999999", "0", "-1", "x", str(HUGE),
                              "1.5", "%ff", "1%2f2"):
                path = field.path(template, object_id)
                if method == "POST" and not path.startswith("/api/"):
                    answer = w.admin.raw(method, path, b"", {
                        "Content-Type": "application/x-www-form-urlencoded"})
                else:
                    answer = w.admin.call(method, path, good, wrong=True)
                assert answer.status == 404, (method, path, answer)


@test
def unknown_path_is_404(w):
    for path in ("/api/", "/api/nothing", "/api/clients/1/nothing",
                 "/api/clients/", "/api/%ff",
                 "/api/clients/../../etc/passwd"):
        answer = w.admin.raw("GET", path)
        assert answer.status == 404, (path, answer)


@test
def wrong_method_is_405_with_allow(w):
    field = Field(w)
    allowed = {}
    for method, path in w.openapi.routes():
        allowed.setdefault(path, set()).add(method)
    with Watch(field):
        for template, methods in sorted(allowed.items()):
            if "/webhooks/" in template:
                continue
            for method in {"GET", "POST", "PATCH", "DELETE",
                           "PUT"} - methods:
                answer = w.admin.raw(method, field.path(template))
                assert answer.status == 405, (method, template, answer)
                told = {m.strip()
                        for m in answer.headers["Allow"].split(",")}
                assert methods <= told and method not in told, \
                    (template, methods, told)


@test
def bad_limit_and_cursor_are_422(w):
    for query in ("limit=0", "limit=-1", "limit=201", "limit=x", "limit=",
                  f"limit={HUGE}", "cursor=x", "cursor=-1",
                  "cursor=%00", "cursor=%ff", "no_such_parameter=1"):
        answer = w.admin.raw("GET", f"/api/projects?{query}")
        assert answer.status == 422, (query, answer)
        assert answer.json["errors"], answer


@test
def bad_filter_of_dialogs_is_422(w):
    for query in ("project_id=x", "status=nothing", "unread=maybe",
                  "assignee_id=-5", "q=%ff"):
        answer = w.admin.raw("GET", f"/api/dialogs?{query}")
        assert answer.status in (400, 422), (query, answer)


@test
def request_id_is_taken_when_well_formed_and_made_else(w):
    good = f"e2e-{number()}.req_1"
    answer = w.admin.raw("GET", "/api/me", headers={"X-Request-Id": good})
    assert answer.headers["X-Request-Id"] == good
    for bad in ("a b", "-x", "x" * 200, "х", "a\"b", "a;b"):
        answer = w.admin.raw("GET", "/api/me", headers={
            "X-Request-Id": bad.encode().decode("latin-1")})
        assert answer.headers["X-Request-Id"] != bad, bad


@test
def one_request_id_is_found_from_hook_to_delivery(w):
    seller = w.seller()
    chat = seller.buyer()
    chat.say("Здравствуйте")
    chat.shown("Здравствуйте")
    chat.rests()
    request_id = f"e2e-life-{number()}"
    before = w.stack.log_size("daemon")
    answer = seller.api.raw(
        "POST", f"{chat.dialog_path}/messages",
        json.dumps({"text": "По следу"}).encode(),
        {"Content-Type": "application/json", "X-Request-Id": request_id})
    assert answer.status == 201, answer
    chat.arrives("По следу")
    chat.rests()
    assert f"id={request_id}" in w.stack.log_text("daemon", before)
    assert f"id={request_id}" in w.stack.log_text("access")
