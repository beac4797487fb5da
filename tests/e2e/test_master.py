"""The master bot: whoever writes /start gets a link to sign in with."""

import contextlib
import hashlib
import json
import os
import re
import subprocess

from lib.master import SETTINGS, Master, Person, master_bot
from lib.rest import http_call
from lib.runner import test
from lib.stack import MASTER_LINK_TOKEN, StackError, program
from lib.wait import until
from lib.world import number

TROUBLE = ("task.outcome", "master.*")
# What the programs may say when a daemon dies in the middle of its work.
OUTAGE = ("db.*", "redis.*", "bell.*", "delivery.*", "task.*", "daemon.*")


def link_in(w, text):
    token = re.search(r"/login\?token=([A-Za-z0-9_-]{43})", text).group(1)
    w.secret(token)
    return token


def good(w, token):
    digest = hashlib.sha256(token.encode()).hexdigest()
    return w.db.count("link_tokens", "token_hash = %s AND used_at IS NULL"
                      " AND expires_at > to_timestamp(%s)", digest,
                      w.stack.now()) == 1


def invite(w, client, code, **fields):
    row = {"role": "manager", "uses": 0, "days": 1, "revoked": None, **fields}
    w.secret(code)
    w.db.rows("INSERT INTO invites (client_id, code_hash, code_tail, role,"
              " uses_max, uses, expires_at, created_at, revoked_at) VALUES"
              " (%s, %s, 'tail', %s, 1, %s, to_timestamp(%s), now(), %s)",
              client, hashlib.sha256(code.encode()).hexdigest(), row["role"],
              row["uses"], w.stack.now() + row["days"] * 86400,
              row["revoked"])


# --- what is said ---

@test
def start_gives_a_link_that_is_stored_by_its_hash(w):
    with master_bot(w) as master:
        person = Person(master)
        text = person.start()
        assert w.stack.url + "/login?token=" in text, text
        assert "15 минут" in text and "15 minutes" not in text, text
        token = link_in(w, text)
        assert good(w, token)
        row = w.db.rows("SELECT token_hash, username, used_at FROM link_tokens"
                        " WHERE telegram_user_id = %s", person.id)
        assert row == [(hashlib.sha256(token.encode()).hexdigest(),
                        person.username, None)], row
        sent = master.calls("sendMessage", person.key)[-1]["params"]
        assert sent["protect_content"] is True, sent
        assert sent["link_preview_options"] == {"is_disabled": True}, sent
        again = person.start(count=2)
        assert not good(w, token) and good(w, link_in(w, again))


@test
def the_sign_in_pages_link_to_the_bot_is_no_invite(w):
    with master_bot(w) as master:
        person = Person(master)
        assert good(w, link_in(w, person.start("login")))


@test
def people_of_other_languages_get_english_below(w):
    with master_bot(w) as master:
        text = Person(master, language="de").start()
        assert "15 минут" in text and "15 minutes" in text, text


@test
def anything_else_gets_help_and_groups_get_nothing(w):
    with master_bot(w) as master:
        person, seller = Person(master), w.seller(connect=False)
        w.sandbox.post(f"telegram/groups/{seller.group}/members",
                       user=master.id, status="administrator")
        seller.write(0, text=f"/start@{master.name}")
        person.write("Привет")
        assert "/start" in person.answered()
        assert not person.links()
        assert not master.calls("sendMessage", str(seller.group))


@test
def invite_code_names_client_and_role(w):
    with master_bot(w) as master:
        client, person = w.client(), Person(master)
        name = w.db.one("SELECT name FROM clients WHERE id = %s", client)
        invite(w, client, "good-code-of-this-test")
        text = person.start("good-code-of-this-test")
        assert name in text and "менеджер" in text, text
        assert good(w, link_in(w, text))
        assert w.db.one(
            "SELECT i.client_id FROM link_tokens l JOIN invites i"
            " ON i.id = l.invite_id WHERE l.telegram_user_id = %s",
            person.id) == str(client)


@test
def bad_invite_code_gives_no_link(w):
    with master_bot(w) as master:
        client = w.client()
        invite(w, client, "used-up-code-of-this-test", uses=1)
        invite(w, client, "expired-code-of-this-test", days=-1)
        invite(w, client, "revoked-code-of-this-test", revoked="2026-01-01")
        for code, said in (("no-such-code", "Такого приглашения нет"),
                           ("used-up-code-of-this-test", "больше не"),
                           ("expired-code-of-this-test", "больше не"),
                           ("revoked-code-of-this-test", "больше не")):
            person = Person(master)
            text = person.start(code)
            assert said in text and "token=" not in text, text
            assert not person.links()


def _account(w, person, disabled=False):
    client = w.client()
    user = w.user(client)
    w.db.rows("UPDATE users SET telegram_user_id = %s,"
              " telegram_confirmed_at = now(), disabled_at = %s"
              " WHERE id = %s", person.id,
              "2026-01-01" if disabled else None, user.user["id"])
    return client


@test
def who_has_an_account_gets_a_link_to_it_and_joins_no_second_client(w):
    with master_bot(w) as master:
        person = Person(master)
        client = _account(w, person)
        name = w.db.one("SELECT name FROM clients WHERE id = %s", client)
        assert f"«{name}»" in person.start()
        invite(w, w.client(), "another-clients-code")
        text = person.start("another-clients-code", count=2)
        assert "двух кабинетах" in text and good(w, link_in(w, text)), text
        assert not w.db.count("link_tokens", "telegram_user_id = %s AND"
                              " invite_id IS NOT NULL", person.id)


@test
def disabled_user_is_told_whom_to_ask(w):
    with master_bot(w) as master:
        person = Person(master)
        _account(w, person, disabled=True)
        assert "отключён" in person.start()
        assert not person.links()


@test
def without_an_invite_nobody_comes_in_where_one_is_needed(w):
    with master_bot(w) as master:
        w.admin.patch(SETTINGS, {"sign_up": "invite"})
        person = Person(master)
        assert "по приглашению" in person.start()
        assert not person.links()


@test
def five_links_in_ten_minutes_are_enough(w):
    with master_bot(w) as master:
        person = Person(master)
        for n in range(5):
            link_in(w, person.start(count=n + 1))
        text = person.start(count=6)
        assert "Слишком много" in text and "token=" not in text, text
        assert person.links() == 5
        link_in(w, Person(master).start())
        w.stack.move_clock(601)
        link_in(w, person.start(count=7))


@test
def who_has_blocked_the_bot_is_no_trouble(w):
    with master_bot(w) as master:
        person, other = Person(master), Person(master)
        person.start()
        w.sandbox.patch("settings", telegram_rate_limits=False)
        rule = w.sandbox.fault(
            service="telegram", method="sendMessage", chat=person.key,
            kind="status", status=403, body={
                "ok": False, "error_code": 403,
                "description": "Forbidden: bot was blocked by the user"})
        person.write("/start")
        w.sandbox.wait("the refusal", calls_since=0, method="sendMessage",
                       chat=person.key, outcome="fault:status")
        w.sandbox.end_fault(rule)
        other.start()
        until(lambda: not w.db.count("tasks", "kind = 'master.answer'"),
              "nothing is left to answer")
        assert master.state()["status"] == "active"


# --- what goes wrong ---

@test(events=OUTAGE)
def two_daemons_give_one_answer(w):
    with master_bot(w) as master, _second_daemon(w):
        people = [Person(master) for _ in range(20)]
        for person in people:
            person.write("/start")
        for person in people:
            person.answered()
        # Nobody polled beside the other one.
        assert not [c for c in master.calls("getUpdates")
                    if c["status"] == 409]


@contextlib.contextmanager
def _second_daemon(w):
    with open(w.stack.log_path("second"), "wb") as log:
        process = subprocess.Popen(
            [program("tuberryd"), "--config",
             os.path.join(w.stack.dir, "tuberry.conf")],
            env={**w.stack.environment(), "METRICS_ADDR": ""},
            stdin=subprocess.DEVNULL, stderr=log)
    try:
        until(lambda: "daemon.started" in w.stack.log_text("second"),
              "the second daemon works")
        yield
    finally:
        process.terminate()
        process.wait(10)


def _dies_at(point):
    def dies_there(w):
        with master_bot(w) as master:
            person = Person(master)
            w.stack.terminate("daemon", 5)
            person.write("/start")
            # It may die before the stack has called it ready.
            with contextlib.suppress(StackError):
                w.stack.restart_with_fault(point)
            until(lambda: not w.stack.is_alive("daemon"), "it dies")
            w.stack.move_clock(60)
            w.stack.start("daemon")
            until(lambda: person.answers(), "an answer")
            until(lambda: not w.db.count("tasks", "kind = 'master.answer'"),
                  "nothing is left to answer")
            # What was sent and not written down is sent once more.
            assert len(person.answers()) == \
                (2 if point == "master.sent" else 1), person.answers()
            assert person.links() == 1
            assert good(w, link_in(w, person.answers()[-1]))

    dies_there.__name__ = f"death_at_{point.replace('.', '_')}_ends_right"
    dies_there.__module__ = __name__
    test(events=OUTAGE)(dies_there)


for _point in ("master.taken", "master.linked", "master.sent"):
    _dies_at(_point)


@test(events=OUTAGE)
def daemon_that_is_killed_while_it_waits_forgets_nobody(w):
    with master_bot(w) as master:
        person = Person(master)
        master.waits()
        w.stack.kill("daemon")
        person.write("/start")
        # The next one finds it gone, and ends its leases.
        w.stack.start("daemon")
        link_in(w, person.answered())


@test
def a_service_that_does_not_wait_is_not_asked_without_end(w):
    with master_bot(w) as master:
        master.waits()
        fault = w.sandbox.fault(service="telegram", method="getUpdates",
                                kind="status", status=200, times=0,
                                body={"ok": True, "result": []})
        try:
            master.poke()
            until(lambda: len(_unwaited(master)) >= 4, "four calls")
        finally:
            w.sandbox.end_fault(fault)
        times = [call["at_us"] for call in _unwaited(master)]
        assert all(b - a >= 900_000 for a, b in zip(times, times[1:])), times


def _unwaited(master):
    return [call for call in master.calls("getUpdates")
            if call["outcome"] == "fault:status"]


@test
def waiting_does_not_delay_the_end(w):
    with master_bot(w) as master:
        master.waits()
        w.stack.terminate("daemon", 3)
        person = Person(master)
        person.write("/start")
        w.stack.start("daemon")
        # The task was given back: no lease has to end.
        link_in(w, person.answered())


@test(events=TROUBLE)
def foreign_webhook_is_removed_once_and_then_told_of(w):
    with master_bot(w) as master:
        person = Person(master)
        hook = f"telegram/bots/{master.id}/webhook"
        w.sandbox.post(hook, url="http://127.0.0.1:9/taken")
        master.poke()
        until(lambda: master.hurry() or
              not w.sandbox.telegram_bot(master.id)["webhook"]["url"],
              "the webhook is removed")
        link_in(w, person.start())
        assert not master.notices()
        # deleteWebhook that does not help: somebody sets it again at once.
        w.sandbox.fault(
            service="telegram", method="getUpdates", account=str(master.id),
            times=0, kind="status", status=409, body={
                "ok": False, "error_code": 409, "description":
                "Conflict: can't use getUpdates method while webhook is "
                "active; use deleteWebhook to delete the webhook first"})
        master.poke()
        state = master.becomes("error")
        assert "вебхук" in state["last_error"], state
        assert master.notices() == ["master.taken"]
        w.sandbox.restore()
        until(lambda: master.hurry() or master.poke() or
              not master.notices(), "the notice is closed")
        master.becomes("active")


@test(events=TROUBLE)
def another_poller_is_told_of_until_it_ends(w):
    with master_bot(w) as master:
        w.sandbox.fault(
            service="telegram", method="getUpdates", account=str(master.id),
            times=0, kind="status", status=409, body={
                "ok": False, "error_code": 409, "description":
                "Conflict: terminated by other getUpdates request; make sure "
                "that only one bot instance is running"})
        master.poke()
        master.becomes("error")
        assert master.notices() == ["master.taken"]
        w.sandbox.restore()
        until(lambda: master.hurry() or master.poke() or
              not master.notices(), "the notice is closed")
        link_in(w, Person(master).start())


@test(events=TROUBLE)
def lost_network_and_sick_telegram_lose_nobody(w):
    with master_bot(w) as master:
        for method in ("getUpdates", "sendMessage"):
            for kind in ({"kind": "reset"}, {"kind": "html_502"},
                         {"kind": "invalid_json"}, {"kind": "truncated"},
                         {"kind": "status", "status": 500},
                         {"kind": "status", "status": 429,
                          "retry_after": 1}):
                person = Person(master)
                w.sandbox.fault(service="telegram", method=method,
                                account=str(master.id), **kind)
                person.write("/start")
                until(lambda: master.hurry() or person.answers(),
                      f"an answer in spite of {method} {kind}")
                until(lambda: master.hurry() or not w.db.count(
                    "tasks", "kind = 'master.answer'"), "it is settled")
                # An answer that may have arrived is given once more.
                assert len(person.answers()) <= 2, person.answers()
                assert good(w, link_in(w, person.answers()[-1]))
        assert not master.notices()


@test
def updates_that_are_numbered_anew_are_read(w):
    with master_bot(w) as master:
        person = Person(master)
        person.start()
        # As after a week of silence.
        w.db.rows("UPDATE master_bot SET update_id = update_id + 100000")
        master.poke()
        until(lambda: int(w.db.one("SELECT update_id FROM master_bot")) <
              100000, "the new numbers are taken over")
        link_in(w, person.start(count=2))


# --- settings ---

@test(events=TROUBLE)
def token_changes_without_a_restart(w):
    with master_bot(w) as first:
        second = Master(w)
        assert first.state()["source"] == "cabinet"
        assert first.state()["name"] == first.name
        assert first.state()["token_tail"] == "…" + first.token[-4:]
        state = second.set()["master_bot"]
        assert state["status"] == "checking", state
        first.poke()
        state = second.becomes("active")
        assert state["name"] == second.name, state
        person = Person(second)
        link_in(w, person.start())
        # One that Telegram does not know, and back.
        bad = f"{second.id}:AAnobody-knows-this-token"
        w.secret(bad)
        second.set(bad)
        second.poke()
        state = second.becomes("error")
        assert "токен" in state["last_error"], state
        assert second.notices() == ["master.token"]
        second.set()
        second.becomes("active")
        assert not second.notices()
        link_in(w, person.start(count=2))
        second.set("")
        second.poke()
        assert second.becomes("off")["token_set"] is False
        first.set()
        first.becomes("active")


@test
def clients_bot_and_master_bot_are_never_the_same(w):
    seller = w.seller(connect=False)
    problem = w.admin.refused(409, "PATCH", SETTINGS,
                              {"master_bot_token": seller.token})
    assert "client's group" in problem["detail"], problem
    with master_bot(w) as master:
        problem = w.admin.refused(409, "POST", "/api/bots", {
            "client_id": seller.client_id, "token": master.token})
        assert "sign in" in problem["detail"], problem


def _last_change(w):
    """What the audit says of the settings: action, before, after."""
    row, = w.db.rows("SELECT action, before, after FROM audit_log"
                     " WHERE object = 'settings' ORDER BY id DESC LIMIT 1")
    return [row[0], *(json.loads(r) for r in row[1:])]


@test
def settings_are_for_administrators(w):
    owner = w.user(w.client())
    assert owner.call("GET", SETTINGS).status == 403
    assert owner.call("PATCH", SETTINGS,
                      {"sign_up": "invite"}).status == 403
    assert w.nobody().call("GET", SETTINGS).status == 401
    for body, field in (({"master_bot_token": "nonsense"},
                         "master_bot_token"),
                        ({"master_bot_name": "@x"}, "master_bot_name")):
        problem = w.admin.refused(422, "PATCH", SETTINGS, body)
        assert [e["field"] for e in problem["errors"]] == [field], problem
    for sign_up, before in (("invite", "open"), ("open", "invite")):
        w.admin.patch(SETTINGS, {"sign_up": sign_up})
        assert _last_change(w) == ["settings.change", {"sign_up": before},
                                   {"sign_up": sign_up}]


@test(events=OUTAGE)
def configuration_goes_before_the_cabinet(w):
    master = Master(w)
    w.stack.change({"MASTER_BOT_TOKEN": master.token,
                    "MASTER_BOT_NAME": master.name})
    try:
        state = master.becomes("active")
        assert state["source"] == "configuration", state
        problem = w.admin.refused(422, "PATCH", SETTINGS, {
            "master_bot_token": master.token, "master_bot_name": "other_bot"})
        assert {e["field"] for e in problem["errors"]} == \
            {"master_bot_token", "master_bot_name"}, problem
        link_in(w, Person(master).start())
    finally:
        w.stack.change({"MASTER_BOT_TOKEN": "", "MASTER_BOT_NAME": ""})
    master.becomes("off")


@test(last=True)
def what_has_served_is_forgotten(w):
    owner, former = w.user(w.client()), w.user(w.client())
    with master_bot(w) as master:
        person = Person(master)
        person.start()
    w.db.rows("UPDATE sessions SET expires_at = to_timestamp(%s)"
              " WHERE user_id = %s", w.stack.now() + 60, former.user["id"])
    w.db.rows("UPDATE sessions SET pending_until = to_timestamp(%s)"
              " WHERE user_id = %s", w.stack.now() + 60, owner.user["id"])
    _keep_house(w, 7200)
    assert person.links() == 1
    for user in owner, former:
        assert not w.db.count("sessions", "user_id = %s", user.user["id"])
    _keep_house(w, 86400)
    assert person.links() == 0


def _keep_house(w, seconds):
    """So much later, after the housekeeping of that hour."""
    w.stack.move_clock(seconds)
    w.db.rows("UPDATE tasks SET due_at = now() - interval '1 h'"
              " WHERE kind = 'housekeeping' AND lease_token IS NULL")
    w.stack.ring()
    until(lambda: w.db.count("tasks", "kind = 'housekeeping' AND"
                             " lease_token IS NULL AND"
                             " due_at > to_timestamp(%s)", w.stack.now()),
          "the house is kept")


# --- links for another program ---

LINK = "/api/auth/master/link"


def _link(w, body, token=MASTER_LINK_TOKEN):
    rest = w.nobody()
    rest.token = token
    return rest.call("POST", LINK, body, wrong=True)


@test
def another_program_makes_links_by_its_own_token(w):
    w.secret(MASTER_LINK_TOKEN)
    who = {"telegram_user_id": 700000 + number(), "first_name": "Анна"}
    assert _link(w, who, None).status == 401
    assert _link(w, who, w.admin.token).status == 401
    assert _link(w, who, MASTER_LINK_TOKEN[:-1]).status == 401
    assert w.db.count("link_tokens", "telegram_user_id = %s",
                      who["telegram_user_id"]) == 0
    first = _link(w, who)
    assert first.status == 201, first
    assert first["url"] == f"{w.stack.url}/login?token={first['link_token']}"
    assert link_in(w, first["url"]) and good(w, first["link_token"])
    second = _link(w, who)
    assert good(w, second["link_token"])
    assert not good(w, first["link_token"])
    w.secret(second["link_token"])
    for _ in range(3):
        w.secret(_link(w, who)["link_token"])
    late = _link(w, who)
    assert late.status == 429 and int(late.headers["Retry-After"]) > 0, late
    for body in ({}, {"telegram_user_id": 0}, {"telegram_user_id": "5"},
                 {**who, "username": "x" * 33}, {**who, "more": 1}):
        assert _link(w, body).status == 422, body


@test(events=OUTAGE, last=True)
def without_its_setting_nobody_makes_links(w):
    w.stack.change({"MASTER_LINK_TOKEN": ""})
    try:
        assert _link(w, {"telegram_user_id": 1}).status == 404
        assert _link(w, {"telegram_user_id": 1}, "").status == 404
    finally:
        w.stack.change({"MASTER_LINK_TOKEN": MASTER_LINK_TOKEN})


# --- the page ---

PAGE = "/admin/settings"


def _page(w, method, data=None, cookie=""):
    return http_call(w.stack.url, method, PAGE, data, {
        "Authorization": f"Bearer {w.admin.token}", "Cookie": cookie,
        "Content-Type": "application/x-www-form-urlencoded"})


def _submit(w, fields):
    """As the page's form sends it."""
    page = _page(w, "GET")
    token = re.search(r'name="csrf_token" value="([^"]+)"',
                      page.data.decode()).group(1)
    cookie = page.headers["Set-Cookie"].split(";")[0]
    return _page(w, "POST", f"{fields}&csrf_token={token}", cookie)


@test
def page_shows_and_changes_the_settings(w):
    with master_bot(w) as master:
        page = _page(w, "GET")
        assert page.status == 200, page
        text = page.data.decode()
        assert master.name in text and master.token[-4:] in text
        assert master.token not in text
        answer = _submit(w, "sign_up=invite")
        assert answer.status == 303, answer
        assert w.admin.get(SETTINGS)["sign_up"] == "invite"
        assert _last_change(w)[0] == "settings.change"
        answer = _submit(w, "master_bot_token=nonsense")
        assert answer.status == 422, answer
        assert "aria-invalid" in answer.data.decode(), answer
        assert master.state()["status"] == "active"
