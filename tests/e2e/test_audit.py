"""The audit: each change leaves one entry, and no secret in it."""

import html
import importlib
import json
import os
import pwd
import re

from lib.rest import http_call
from lib.routes import routes
from lib.runner import test
from lib.wait import until
from lib.world import number

UNSAFE = ("POST", "PATCH", "PUT", "DELETE")

# Routes that change something without an entry, and why.
EXCEPTIONS = {
    ("POST", "/api/auth/login"): "core/auth.c has transactions of its own",
    ("POST", "/api/auth/telegram"): "and core/telegram_entry.c",
    ("POST", "/api/auth/master/exchange"): "and core/telegram_entry.c",
    ("POST", "/login"): "as POST /api/auth/login",
    ("POST", "/login/code"): "as POST /api/auth/second-factor",
    ("POST", "/login/link"): "as POST /api/auth/master/exchange",
    ("POST", "/api/auth/second-factor"): "and the second step",
    ("POST", "/api/auth/master/link"): "another program makes a link; who "
                                       "comes in by it signs in",
    ("POST", "/api/auth/refresh"): "the same person goes on being signed in",
    ("POST", "/api/me/second-factor"): "does nothing until confirmed",
    ("POST", "/profile/second-factor"): "does nothing until confirmed",
    ("POST", "/api/projects/{id}/filters/dry-run"): "nothing changes",
    ("POST", "/api/projects/{id}/rules/dry-run"): "nothing changes",
    ("PATCH", "/api/dialogs/{id}"): "daily work in dialogs",
    ("POST", "/api/dialogs/{id}/read"): "daily work in dialogs",
    ("POST", "/api/dialogs/{id}/messages"): "daily work in dialogs",
    ("DELETE", "/api/dialogs/{id}/messages/{message_id}"):
        "daily work in dialogs",
    ("POST", "/api/dialogs/{id}/typing"): "daily work in dialogs",
    ("POST", "/api/upload"): "daily work in dialogs",
    ("POST", "/api/projects/{id}/auto-reply/dry-run"): "stores nothing",
    ("POST", "/api/webhooks/avito/{id}/{secret}"): "a service tells news",
    ("POST", "/api/webhooks/telegram/{id}/{secret}"): "a service tells news",
    ("POST", "/api/webhooks/source-telegram/{id}/{secret}"):
        "a service tells news",
}

# Routes whose entries another module's tests look at: route -> test.
ELSEWHERE = {
    ("POST", "/api/projects/{id}/calendar"):
        "test_auto_preview.calendar_replaces_a_years_dates",
    ("POST", "/api/me/second-factor/confirm"):
        "test_second_factor.what_is_done_is_audited",
    ("POST", "/api/me/second-factor/codes"):
        "test_second_factor.what_is_done_is_audited",
    ("DELETE", "/api/me/second-factor"):
        "test_second_factor.what_is_done_is_audited",
    ("DELETE", "/api/users/{id}/second-factor"):
        "test_second_factor.what_is_done_is_audited",
    ("POST", "/logout"): "test_login_pages.password_leads_home_and_out_again",
    ("POST", "/profile/telegram"):
        "test_login_pages.telegram_is_linked_by_confirming_it",
    ("POST", "/profile/second-factor/confirm"):
        "test_second_factor_page.each_form_leaves_an_entry",
    ("POST", "/profile/second-factor/codes"):
        "test_second_factor_page.each_form_leaves_an_entry",
    ("POST", "/profile/second-factor/off"):
        "test_second_factor_page.each_form_leaves_an_entry",
    ("PATCH", "/api/admin/settings"):
        "test_master.settings_are_for_administrators",
    ("POST", "/admin/settings"):
        "test_master.page_shows_and_changes_the_settings",
    ("PATCH", "/api/me"): "test_me.own_name_and_language_change",
    ("POST", "/api/me/password"): "test_me.new_password_ends_other_sessions",
    ("POST", "/api/me/tokens"): "test_me.token_of_a_program_works",
    ("DELETE", "/api/me/tokens/{id}"): "test_me.token_of_a_program_works",
    ("DELETE", "/api/auth/sessions/{id}"): "test_me.session_is_ended",
    ("POST", "/profile"):
        "test_profile_pages.name_and_language_are_changed",
    ("POST", "/profile/password"):
        "test_profile_pages.the_password_is_changed_and_other_devices_end",
    ("POST", "/profile/sessions/{id}/end"):
        "test_profile_pages.ending_a_device_ends_it_at_once",
    ("POST", "/profile/sessions/end-others"):
        "test_profile_pages.all_other_devices_are_ended_together",
    ("POST", "/profile/tokens"):
        "test_profile_pages.a_token_is_shown_once_and_does_what_its_scope_says",
    ("POST", "/profile/tokens/{id}/revoke"):
        "test_profile_pages.a_token_is_shown_once_and_does_what_its_scope_says",
    ("POST", "/client/users"):
        "test_people_pages.a_made_up_password_is_shown_once_and_must_be_changed",
    ("POST", "/client/users/{id}"):
        "test_people_pages.a_person_is_changed_on_their_page",
    ("POST", "/client/users/{id}/{act}"):
        "test_people_pages.what_ends_somebodys_access_is_asked_first",
    ("POST", "/admin/users"):
        "test_people_pages.an_administrator_makes_a_client_and_its_people",
    ("POST", "/admin/users/{id}"):
        "test_people_pages.a_person_is_changed_on_their_page",
    ("POST", "/admin/users/{id}/{act}"):
        "test_people_pages.what_ends_somebodys_access_is_asked_first",
    ("POST", "/admin/clients"):
        "test_people_pages.an_administrator_makes_a_client_and_its_people",
    ("POST", "/admin/clients/{id}"):
        "test_people_pages.an_administrator_makes_a_client_and_its_people",
    ("POST", "/admin/clients/{id}/delete"):
        "test_people_pages.an_administrator_makes_a_client_and_its_people",
    ("POST", "/admin/clients/{client}/invites"):
        "test_people_pages.an_administrator_invites_to_any_client",
    ("POST", "/admin/clients/{client}/invites/{id}/revoke"):
        "test_people_pages.an_administrator_invites_to_any_client",
    ("POST", "/api/invites"):
        "test_invites.making_and_revoking_are_audited_without_the_code",
    ("POST", "/client/invites"):
        "test_invites.owner_invites_on_the_page",
    ("POST", "/client/invites/{id}/revoke"):
        "test_invites.owner_invites_on_the_page",
    ("DELETE", "/api/invites/{id}"):
        "test_invites.making_and_revoking_are_audited_without_the_code",
}

STEPS = {}


def step(method, path):
    """Registers what calls this route and says what the entry must be: action,
    object, before, after."""
    def register(function):
        STEPS[method, path] = function
        return function
    return register


class Scene:
    """A client with everything in it, changed by its owner."""

    def __init__(self, w):
        self.w = w
        self.seller = w.seller()
        self.client_id = self.seller.client_id
        self.owner = w.user(self.client_id)
        self.delivery = self._dead_delivery()
        self.notice = int(w.db.one(
            "INSERT INTO notices (client_id, kind, object, text, first_at,"
            " last_at) VALUES (%s, 'bot.refused', 'test', 'Отказ', now(),"
            " now()) RETURNING id", self.client_id))
        self.made = {}

    def _dead_delivery(self):
        chat = self.seller.buyer()
        chat.say("Здравствуйте")
        thread = chat.shown("Здравствуйте")
        self.w.sandbox.patch(f"avito/chats/{chat.id}", blocked=True)
        self.seller.write(thread, text="Ау")
        found = until(lambda: self.w.db.one(
            "SELECT id FROM deliveries WHERE client_id = %s"
            " AND state = 'dead'", self.client_id), "a dead delivery")
        chat.rests()
        return int(found)


def _last(w):
    return int(w.db.one("SELECT coalesce(max(id), 0) FROM audit_log"))


def _since(w, last):
    """The entries behind that one, as administrators see them."""
    entries = [e for e in w.admin.all("/api/admin/audit") if e["id"] > last]
    return entries[::-1]


def _only(w, last):
    entries = _since(w, last)
    assert len(entries) == 1, entries
    return entries[0]



# --- how each route is called, in this order ---

@step("POST", "/api/clients")
def _(s):
    made = s.made["client"] = s.w.admin.post("/api/clients", {"name": "Новый"})
    return "client.create", f"client:{made['id']}", None, made


@step("PATCH", "/api/clients/{id}")
def _(s):
    client = s.made["client"]["id"]
    s.w.admin.patch(f"/api/clients/{client}", {
        "name": "Другой", "defaults": {"greeting": "Добрый день"}})
    return ("client.change", f"client:{client}",
            {"name": "Новый", "defaults": {}},
            {"name": "Другой", "defaults": {"greeting": "Добрый день"}})


@step("DELETE", "/api/clients/{id}")
def _(s):
    client = s.made["client"]["id"]
    before = s.w.admin.get(f"/api/clients/{client}")
    s.w.admin.delete(f"/api/clients/{client}")
    return "client.delete", f"client:{client}", before, None


@step("POST", "/api/users")
def _(s):
    password = f"Тайный-пароль-{number():06d}"
    s.w.secret(password)
    made = s.made["user"] = s.owner.post("/api/users", {
        "login": f"audit{number()}", "name": "Имя", "password": password,
        "role": "manager"})
    return ("user.create", f"user:{made['id']}", None,
            {**made, "password": "***"})


@step("PATCH", "/api/users/{id}")
def _(s):
    password = f"Второй-пароль-{number():06d}"
    s.w.secret(password)
    user = s.made["user"]["id"]
    s.owner.patch(f"/api/users/{user}", {"password": password,
                                         "role": "owner"})
    return ("user.change", f"user:{user}", {"role": "manager"},
            {"role": "owner", "password": "***"})


@step("DELETE", "/api/users/{id}")
def _(s):
    user = s.made["user"]["id"]
    before = s.owner.get(f"/api/users/{user}")
    s.owner.delete(f"/api/users/{user}")
    return "user.delete", f"user:{user}", before, None


@step("POST", "/api/projects")
def _(s):
    made = s.made["project"] = s.owner.post("/api/projects",
                                            {"name": "Проект"})
    return "project.create", f"project:{made['id']}", None, made


@step("PATCH", "/api/projects/{id}")
def _(s):
    project = s.made["project"]["id"]
    s.owner.patch(f"/api/projects/{project}", {
        "greeting": "я" * 900, "require_quote": True,
        "auto_reply": {"enabled": False}})
    return ("project.change", f"project:{project}",
            {"greeting": "", "require_quote": False},
            {"greeting": "я" * 499 + "…", "require_quote": True})


@step("DELETE", "/api/projects/{id}")
def _(s):
    project = s.made["project"]["id"]
    before = s.owner.get(f"/api/projects/{project}")
    s.owner.delete(f"/api/projects/{project}")
    before["greeting"] = "я" * 499 + "…"
    return "project.delete", f"project:{project}", before, None


def _bot_shown(bot):
    """As an entry shows it."""
    url = re.sub(r"/[^/]+$", "/***", bot["webhook_url"])
    return {**bot, "token_tail": "***", "webhook_url": url}


@step("POST", "/api/bots")
def _(s):
    n = number()
    token = s.made["token"] = f"{81000000 + n}:AAaudit-token-{n:08d}-secret"
    s.w.secret(token)
    made = s.made["bot"] = s.owner.post("/api/bots", {"token": token})
    s.w.secret(made["webhook_url"].rsplit("/", 1)[1])
    return ("bot.create", f"bot:{made['id']}", None,
            {**_bot_shown(made), "token": "***"})


@step("PATCH", "/api/bots/{id}")
def _(s):
    s.owner.patch(f"/api/bots/{s.seller.bot['id']}", {"token": s.seller.token})
    return ("bot.change", f"bot:{s.seller.bot['id']}",
            {"status": "active"}, {"status": "checking", "token": "***"})


@step("POST", "/api/bots/{id}/webhook")
def _(s):
    bot = s.owner.post(f"/api/bots/{s.seller.bot['id']}/webhook", status=202)
    s.w.secret(bot["webhook_url"].rsplit("/", 1)[1])
    return "bot.webhook_renew", f"bot:{bot['id']}", None, None


@step("DELETE", "/api/bots/{id}/webhook")
def _(s):
    s.owner.delete(f"/api/bots/{s.seller.bot['id']}/webhook", status=202)
    return "bot.webhook_drop", f"bot:{s.seller.bot['id']}", None, None


@step("DELETE", "/api/bots/{id}")
def _(s):
    until(lambda: s.owner.get(f"/api/bots/{s.made['bot']['id']}")["status"] ==
          "error", "the daemon has looked at the bot")
    bot = s.owner.get(f"/api/bots/{s.made['bot']['id']}")
    s.owner.delete(f"/api/bots/{bot['id']}")
    return "bot.delete", f"bot:{bot['id']}", _bot_shown(bot), None


def _account_shown(account):
    return {**account, "api_client_secret_tail": "***"}


@step("POST", "/api/avito/accounts")
def _(s):
    secret = f"audit-avito-Secret-{number():08d}"
    s.w.secret(secret)
    made = s.made["account"] = s.owner.post(
        "/api/avito/accounts", s.seller.account_fields(
            api_client_id=f"audit-{number()}", api_client_secret=secret))
    return ("avito_account.create", f"avito:{made['id']}", None,
            {**_account_shown(made), "api_client_secret": "***"})


@step("PATCH", "/api/avito/accounts/{id}")
def _(s):
    s.owner.patch(s.seller.account_path, {"monitoring": True})
    return ("avito_account.change", f"avito:{s.seller.account['id']}",
            {"monitoring": False}, {"monitoring": True})


@step("POST", "/api/avito/accounts/{id}/check")
def _(s):
    s.owner.post(f"{s.seller.account_path}/check", status=202)
    return ("avito_account.check", f"avito:{s.seller.account['id']}", None,
            None)


@step("DELETE", "/api/avito/accounts/{id}")
def _(s):
    path = f"/api/avito/accounts/{s.made['account']['id']}"
    until(lambda: s.owner.get(path)["status"] == "error",
          "the daemon has looked at the account")
    account = s.owner.get(path)
    s.owner.delete(path)
    return ("avito_account.delete", f"avito:{account['id']}",
            _account_shown(account), None)


@step("POST", "/api/telegram-sources")
def _(s):
    n = number()
    token = f"{82000000 + n}:AAaudit-source-{n:08d}-secret"
    s.w.secret(token)
    made = s.made["source"] = s.owner.post("/api/telegram-sources", {
        "project_id": s.seller.project["id"], "token": token})
    s.w.secret(made["webhook_url"].rsplit("/", 1)[1])
    return ("telegram_source.create", f"source:{made['id']}", None,
            {**_bot_shown(made), "token": "***"})


@step("PATCH", "/api/telegram-sources/{id}")
def _(s):
    source = s.made["source"]["id"]
    s.owner.patch(f"/api/telegram-sources/{source}", {"monitoring": False})
    return ("telegram_source.change", f"source:{source}",
            {"monitoring": True}, {"monitoring": False})


@step("POST", "/api/telegram-sources/{id}/webhook")
def _(s):
    source = s.owner.post(
        f"/api/telegram-sources/{s.made['source']['id']}/webhook", status=202)
    s.w.secret(source["webhook_url"].rsplit("/", 1)[1])
    return ("telegram_source.webhook_renew", f"source:{source['id']}", None,
            None)


@step("POST", "/api/telegram-sources/{id}/check")
def _(s):
    source = s.owner.post(
        f"/api/telegram-sources/{s.made['source']['id']}/check", status=202)
    return "telegram_source.check", f"source:{source['id']}", None, None


@step("DELETE", "/api/telegram-sources/{id}")
def _(s):
    path = f"/api/telegram-sources/{s.made['source']['id']}"
    until(lambda: s.w.db.count(
        "bots", "id = %s AND token_refused AND webhook_error IS NOT NULL",
        s.made["source"]["bot_id"]), "the daemon has looked at the bot")
    source = s.owner.get(path)
    s.owner.delete(path)
    return ("telegram_source.delete", f"source:{source['id']}",
            _bot_shown(source), None)


@step("POST", "/api/deliveries/{id}/discard")
def _(s):
    s.owner.post(f"/api/deliveries/{s.delivery}/discard", status=200)
    return ("delivery.discard", f"delivery:{s.delivery}", {"state": "dead"},
            {"state": "discarded"})


@step("POST", "/api/deliveries/{id}/retry")
def _(s):
    s.owner.post(f"/api/deliveries/{s.delivery}/retry", status=200)
    return ("delivery.retry", f"delivery:{s.delivery}",
            {"state": "discarded"}, {"state": "queued"})


@step("POST", "/api/deliveries/{id}/confirm")
def _(s):
    until(lambda: s.owner.get(f"/api/deliveries/{s.delivery}")["state"] ==
          "dead", "the delivery is dead again")
    s.owner.post(f"/api/deliveries/{s.delivery}/confirm", status=200)
    return ("delivery.confirm", f"delivery:{s.delivery}", {"state": "dead"},
            {"state": "done"})


@step("POST", "/api/notices/{id}/acknowledge")
def _(s):
    n = s.owner.post(f"/api/notices/{s.notice}/acknowledge", status=200)
    return ("notice.acknowledge", f"notice:{s.notice}",
            {"state": "open", "acknowledged_at": None,
             "acknowledged_by": None},
            {"state": "acknowledged", "acknowledged_at": n["acknowledged_at"],
             "acknowledged_by": s.owner.user["id"]})


@step("POST", "/api/auth/logout")
def _(s):
    session = s.w.db.one("SELECT max(id) FROM sessions WHERE user_id = %s",
                         s.owner.user["id"])
    s.owner.post("/api/auth/logout", status=204)
    return "sign_out", f"session:{session}", None, None


# --- the tests ---

def _has(actual, wanted, exact):
    """A change shows what the daemon has found meanwhile as well."""
    if wanted is None or exact:
        return actual == wanted
    return actual is not None and wanted.items() <= actual.items()


def _check(w, s, last, expected):
    action, name, before, after = expected
    e = _only(w, last)
    assert (e["action"], e["object"]) == (action, name), e
    is_change = before is not None and after is not None
    assert _has(e["before"], before, not is_change), (e["before"], before)
    assert _has(e["after"], after, not is_change), (e["after"], after)
    if is_change:
        known = set(before) | set(after) | {
            "status", "checked_at", "last_error", "warning", "attempts",
            "held_by", "webhook_url", "webhook_set_at"}
        assert set(e["before"]) | set(e["after"]) <= known, e
    assert e["actor"] == "user" and e["address"] and e["request_id"], e
    by_admin = action.startswith("client.")
    assert e["login"] == (w.stack.admin()["login"] if by_admin
                          else s.owner.user["login"]), e
    if not by_admin:
        assert e["client_id"] == s.client_id, e
        assert e["user_id"] == s.owner.user["id"], e
    return e


def _told(w, since):
    """The audit's lines in the log of the web."""
    return [line for line in w.stack.log_text("web", since).splitlines()
            if re.match(r"info id=\S+ audit ", line)]


@test(events=("bot.*", "avito.*", "delivery.*", "task.*"))
def each_change_leaves_one_entry_and_one_line_in_the_log(w):
    s = Scene(w)
    wrong = []
    for route, call in STEPS.items():
        last, since = _last(w), w.stack.log_size("web")
        try:
            e = _check(w, s, last, call(s))
            lines = _told(w, since)
            assert len(lines) == 1, lines
            assert f"id={e['request_id']} audit action={e['action']}" \
                f" object={e['object']} actor=user" in lines[0], lines
        except AssertionError as error:
            wrong.append(f"{' '.join(route)}: {error}")
    assert not wrong, "\n" + "\n".join(wrong)
    _assert_no_secret(w)


def _assert_no_secret(w):
    table = json.dumps(w.db.rows("SELECT audit_log::text FROM audit_log"),
                       ensure_ascii=False)
    lines = "\n".join(_told(w, 0))
    secrets = [s for s in w.secrets if len(s) >= 12]
    assert secrets
    for secret in secrets:
        assert secret not in table, table[table.index(secret) - 200:][:200]
        assert secret not in lines, "a secret is in the log"


@test
def every_route_that_changes_something_is_audited_or_excused(w):
    unsafe = {(r.method, r.path) for r in routes() if r.method in UNSAFE}
    assert unsafe
    known = set(STEPS) | set(EXCEPTIONS) | set(ELSEWHERE)
    assert not unsafe - known, \
        f"say in test_audit.py what becomes of {sorted(unsafe - known)}"
    assert not known - unsafe, f"no such route: {sorted(known - unsafe)}"
    for module, name in (t.split(".") for t in ELSEWHERE.values()):
        assert hasattr(importlib.import_module(module), name), (module, name)


@test
def what_was_refused_or_changes_nothing_leaves_no_entry(w):
    client = w.client()
    owner, manager = w.user(client), w.user(client, role="manager")
    project = owner.post("/api/projects", {"name": "Проект", "slug": "one"})
    owner.post("/api/projects", {"name": "Другой", "slug": "two"})
    path = f"/api/projects/{project['id']}"
    last, since = _last(w), w.stack.log_size("web")
    owner.refused(422, "PATCH", path, {"name": ""})
    owner.refused(409, "PATCH", path, {"slug": "two"})
    manager.refused(403, "PATCH", path, {"name": "Чужое"})
    w.user(w.client()).refused(404, "DELETE", path)
    owner.refused(409, "DELETE", f"/api/users/{owner.user['id']}")
    owner.patch(path, {"name": "Проект"})
    mine = [e for e in _since(w, last) if e["client_id"] == client]
    assert not mine, mine
    assert not [line for line in _told(w, since)
                if f"client_id={client} " in line]


@test
def an_owner_sees_their_clients_entries_alone(w):
    seller = w.seller(connect=False)
    owner, stranger = w.user(seller.client_id), w.user(w.client())
    manager = w.user(seller.client_id, role="manager")
    project = f"/api/projects/{seller.project['id']}"
    # Whoever does it: an administrator's change is the owner's business.
    w.admin.patch(project, {"name": "Новое имя"})
    name = f"project:{seller.project['id']}"
    found = owner.get(f"/api/audit?object={name}")["items"]
    assert [e["action"] for e in found] == ["project.change",
                                            "project.create"], found
    assert found[0]["login"] == w.stack.admin()["login"], found
    assert all(e["client_id"] == seller.client_id
               for e in owner.all("/api/audit"))
    assert not stranger.get(f"/api/audit?object={name}")["items"]
    stranger.refused(403, "GET", f"/api/audit?client_id={seller.client_id}")
    manager.refused(403, "GET", "/api/audit")
    owner.refused(403, "GET", "/api/admin/audit")
    w.nobody().refused(401, "GET", "/api/audit")


@test
def entries_are_paged_and_filtered(w):
    client = w.client()
    owner = w.user(client)
    for n in range(3):
        project = owner.post("/api/projects", {"name": f"Проект {n}"})
        owner.delete(f"/api/projects/{project['id']}")
    first = owner.get("/api/audit?action=project&limit=4")
    assert [e["action"] for e in first["items"]] == [
        "project.delete", "project.create"] * 2, first
    second = owner.get("/api/audit?action=project&limit=4&cursor="
                       f"{first['next_cursor']}")
    assert len(second["items"]) == 2 and not second["next_cursor"], second
    made = owner.get("/api/audit?action=project.create")["items"]
    assert len(made) == 3, made
    by = owner.get(f"/api/audit?user_id={owner.user['id']}")["items"]
    assert {e["user_id"] for e in by} == {owner.user["id"]}, by
    everything = w.admin.get(f"/api/admin/audit?client_id={client}")["items"]
    assert {e["client_id"] for e in everything} == {client}, everything
    for query in ("user_id=x", "action=", "object=", "nothing=1"):
        owner.refused(422, "GET", f"/api/audit?{query}")


@test
def who_removes_themselves_is_named(w):
    client = w.client()
    w.user(client)
    owner = w.user(client)
    last = _last(w)
    owner.delete(f"/api/users/{owner.user['id']}")
    e = _only(w, last)
    assert e["action"] == "user.delete" and \
        e["login"] == owner.user["login"], e


@test(events=("delivery.*",))
def what_an_operator_does_is_audited(w):
    s = Scene(w)
    login = f"ctl{number()}"
    secret = f"Тайна-{number():06d}-длинная"
    w.secret(secret)
    for arguments, stdin, action, before, after in (
            (("user", "create", "--login", login, "--name", "Кто-то",
              "--role", "owner", "--client", str(s.client_id),
              "--password-stdin"), secret, "user.create", None,
             {"login": login, "email": None, "name": "Кто-то",
              "role": "owner", "password": "***"}),
            (("user", "set-password", "--login", login, "--password-stdin"),
             secret + "2", "user.change", None, {"password": "***"}),
            (("user", "reset-second-factor", "--login", login), None,
             "user.second_factor_reset", None, None),
            (("user", "disable", "--login", login), None, "user.change",
             {"disabled": False}, {"disabled": True}),
            (("delivery", "discard", str(s.delivery)), None,
             "delivery.discard", {"state": "dead"}, {"state": "discarded"}),
            (("notice", "ack", str(s.notice)), None, "notice.acknowledge",
             None, None)):
        last = _last(w)
        done = w.stack.ctl(*arguments, stdin=stdin and stdin + "\n")
        assert done.returncode == 0, done
        e = _only(w, last)
        assert (e["action"], e["before"], e["after"]) == \
            (action, before, after), e
        assert e["client_id"] == s.client_id, e
        assert e["actor"] == "operator" and e["login"] == \
            pwd.getpwuid(os.getuid()).pw_name, e
        assert not done.stderr, done.stderr
    last = _last(w)
    # Nothing changes: it was so before.
    for arguments in (("user", "disable", "--login", login),
                      ("notice", "ack", str(s.notice))):
        assert w.stack.ctl(*arguments).returncode == 0
    assert w.stack.ctl("delivery", "confirm", "999999999").returncode == 1
    assert _last(w) == last
    _assert_no_secret(w)


@test
def the_page_shows_it_to_people(w):
    client = w.client()
    owner = w.user(client)
    for n in range(3):
        owner.post("/api/projects", {"name": f"<b>Проект {n}"})
    page = owner.raw("GET", "/client/audit?action=project&limit=2&object=",
                     headers={"Accept-Language": "en"})
    assert page.status == 200, page
    text = page.data.decode()
    assert text.count("<td>Made a project") == 2, text
    assert owner.user["login"] in text and "UTC" in text, text
    assert "&lt;b&gt;Проект 2" in text and "<b>Проект" not in text, text
    more = html.unescape(re.search(r'href="([^"]+)" rel="next"', text)[1])
    assert "action=project" in more, more
    second = owner.raw("GET", more).data.decode()
    assert second.count("<td>Создание проекта") == 1, second
    assert 'rel="next"' not in second, second
    for who, path, status in (
            (owner, "/client/audit?user_id=x", 422),
            (w.admin, f"/admin/audit?client_id={client}", 200),
            (owner, "/admin/audit", 403),
            (w.user(client, role="manager"), "/client/audit", 403)):
        answer = http_call(w.stack.url, "GET", path, headers={
            "Authorization": f"Bearer {who.token}"})
        assert answer.status == status, (path, answer)
        assert answer.type.startswith("text/html"), answer.type
