"""The second factor: switched on, asked for, renewed, lost, switched off."""

import re
import urllib.parse

from lib.rest import Rest
from lib.runner import test
from lib.totp import Phone
from lib.world import MINUTES_PASS, number

FACTOR = "/api/me/second-factor"


def _start(w, who):
    """The phone that has scanned the QR code."""
    answer = who.post(FACTOR)
    uri = urllib.parse.urlsplit(answer["uri"])
    query = dict(urllib.parse.parse_qsl(uri.query))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp"), uri
    assert urllib.parse.unquote(uri.path) == \
        f"/Tuberry:{who.user['login']}", uri
    assert query == {"secret": answer["secret"], "issuer": "Tuberry"}, query
    assert answer["qr_svg"].startswith("<svg "), answer["qr_svg"][:80]
    w.secret(answer["secret"])
    return Phone(w, answer["secret"])


def _switch_on(w, who):
    """The phone and the recovery codes."""
    phone = _start(w, who)
    codes = who.post(FACTOR + "/confirm", {"code": phone.code()},
                     status=200)["recovery_codes"]
    w.secret(*codes)
    return phone, codes


def _wrong_code(problem):
    assert [e["field"] for e in problem["errors"]] == ["code"], problem


def _challenge(w, who):
    """What signing in with the password alone leads to."""
    problem = w.nobody().call("POST", "/api/auth/login", who.credentials)
    assert problem.status == 401, problem
    w.secret(problem["challenge"])
    return problem["challenge"]


def _bring(w, challenge, code):
    return w.nobody().call("POST", "/api/auth/second-factor", {
        "challenge": challenge, "code": code})


def _come_in(w, who, code):
    answer = _bring(w, _challenge(w, who), code)
    assert answer.status == 200, answer
    w.secret(answer["access_token"], answer["refresh_token"])
    return Rest(w.stack.url, w.openapi, answer["access_token"])


def _stay_out(w, who, code):
    answer = _bring(w, _challenge(w, who), code)
    assert answer.status == 401, answer


@test(events=MINUTES_PASS)
def a_first_code_switches_the_second_factor_on(w):
    who = w.user(w.client())
    off = {"enabled": False, "confirmed_at": None, "recovery_codes_left": 0,
           "required": False}
    assert who.get(FACTOR) == off
    phone = _start(w, who)
    assert who.get(FACTOR) == off
    _wrong_code(who.refused(422, "POST", FACTOR + "/confirm",
                            {"code": phone.old_code()}))
    codes = who.post(FACTOR + "/confirm", {"code": phone.code()},
                     status=200)["recovery_codes"]
    w.secret(*codes)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9a-hjkmnp-tv-z]{5}(-[0-9a-hjkmnp-tv-z]{5}){2}",
                            code) for code in codes), codes
    now = who.get(FACTOR)
    assert now["enabled"] and now["confirmed_at"], now
    assert now["recovery_codes_left"] == 10, now
    who.refused(409, "POST", FACTOR)
    who.refused(409, "POST", FACTOR + "/confirm", {"code": phone.code()})


@test(events=MINUTES_PASS)
def signing_in_then_needs_a_code_and_each_is_good_once(w):
    who = w.user(w.client())
    phone, codes = _switch_on(w, who)
    code = phone.code()
    assert _come_in(w, who, code).get("/api/me")["login"] == \
        who.user["login"]
    _stay_out(w, who, code)
    _stay_out(w, who, phone.old_code())
    _come_in(w, who, phone.code())


@test(events=MINUTES_PASS)
def a_recovery_code_stands_in_for_the_phone_once(w):
    who = w.user(w.client())
    _, codes = _switch_on(w, who)
    typed = codes[0].upper().replace("-", " ")
    came_in = _come_in(w, who, typed)
    assert came_in.get(FACTOR)["recovery_codes_left"] == 9
    _stay_out(w, who, codes[0])


@test(events=MINUTES_PASS)
def new_recovery_codes_end_the_former_ones(w):
    who = w.user(w.client())
    phone, former = _switch_on(w, who)
    _wrong_code(who.refused(422, "POST", FACTOR + "/codes",
                            {"code": phone.old_code()}))
    codes = who.post(FACTOR + "/codes", {"code": phone.code()},
                     status=200)["recovery_codes"]
    w.secret(*codes)
    assert not set(codes) & set(former)
    _stay_out(w, who, former[3])
    _come_in(w, who, codes[3])


@test(events=MINUTES_PASS)
def a_code_switches_the_second_factor_off(w):
    who = w.user(w.client())
    phone, codes = _switch_on(w, who)
    _wrong_code(who.refused(422, "DELETE", FACTOR,
                            {"code": phone.old_code()}))
    assert who.call("DELETE", FACTOR, {"code": codes[0]}).status == 204
    assert not who.get(FACTOR)["enabled"]
    who.refused(409, "DELETE", FACTOR, {"code": codes[1]})
    w.sign_in(**who.credentials)


@test(events=MINUTES_PASS)
def whoever_knows_the_password_cannot_try_codes_for_ever(w):
    """Signing in anew gives no more codes than an account has attempts."""
    who = w.user(w.client())
    phone, _ = _switch_on(w, who)
    statuses = []
    for _ in range(3):
        challenge = _challenge(w, who)
        statuses += [_bring(w, challenge, "000000").status for _ in range(4)]
    assert statuses == [401] * 10 + [429] * 2, statuses
    answer = _bring(w, _challenge(w, who), phone.code())
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 1, \
        answer


@test(events=MINUTES_PASS)
def five_codes_may_be_tried_in_ten_minutes(w):
    who = w.user(w.client())
    phone = _start(w, who)
    for _ in range(5):
        _wrong_code(who.refused(422, "POST", FACTOR + "/confirm",
                                {"code": phone.old_code()}))
    answer = who.call("POST", FACTOR + "/confirm", {"code": phone.code()})
    assert answer.status == 429, answer
    wait_s = int(answer.headers["Retry-After"])
    assert 590 <= wait_s <= 620, wait_s
    assert not who.get(FACTOR)["enabled"]
    w.stack.move_clock(wait_s)
    who.post(FACTOR + "/confirm", {"code": phone.code()}, status=200)


@test(events=MINUTES_PASS)
def an_owner_switches_off_what_a_colleague_has_lost(w):
    client = w.client()
    owner, manager = w.user(client), w.user(client, role="manager")
    stranger = w.user(w.client())
    _switch_on(w, manager)
    place = f"/api/users/{manager.user['id']}/second-factor"
    stranger.refused(404, "DELETE", place)
    manager.refused(403, "DELETE", place)
    owner.refused(403, "DELETE",
                  f"/api/users/{owner.user['id']}/second-factor")
    _challenge(w, manager)
    owner.delete(place)
    w.sign_in(**manager.credentials)


@test(events=MINUTES_PASS)
def the_operator_switches_off_what_was_lost(w):
    who = w.user(w.client())
    _switch_on(w, who)
    done = w.stack.ctl("user", "reset-second-factor", "--login",
                       who.user["login"])
    assert done.returncode == 0, done.stderr
    w.sign_in(**who.credentials)


@test(events=MINUTES_PASS)
def secret_and_codes_are_not_stored_as_they_are(w):
    who = w.user(w.client())
    phone, codes = _switch_on(w, who)
    row = w.db.one("SELECT users::text FROM users WHERE id = %s",
                   who.user["id"])
    for code in codes:
        assert code not in row and code.replace("-", "") not in row
    assert w.db.count("users", "id = %s AND totp_secret_sealed LIKE 'k%%:%%'"
                      " AND jsonb_array_length(recovery_hashes) = 10",
                      who.user["id"]) == 1


def _audited(w, who):
    """What was done to that user, oldest first."""
    entries = w.admin.all(f"/api/audit?object=user:{who.user['id']}")
    return [(e["action"], e["user_id"]) for e in reversed(entries)
            if e["action"] != "user.create"]


@test(events=MINUTES_PASS)
def what_is_done_is_audited(w):
    client = w.client()
    owner, who = w.user(client), w.user(client, role="manager")
    by = who.user["id"]
    phone, codes = _switch_on(w, who)
    w.secret(*who.post(FACTOR + "/codes", {"code": phone.code()},
                       status=200)["recovery_codes"])
    who.call("DELETE", FACTOR, {"code": phone.code()})
    _switch_on(w, who)
    owner.delete(f"/api/users/{by}/second-factor")
    assert _audited(w, who) == [
        ("user.second_factor_on", by), ("user.recovery_codes", by),
        ("user.second_factor_off", by), ("user.second_factor_on", by),
        ("user.second_factor_reset", owner.user["id"])], _audited(w, who)


@test(events=MINUTES_PASS)
def administrators_can_be_made_to_have_one(w):
    login = f"root{number()}"
    credentials = {"login": login, "password": f"Пароль-{login}-длинный"}
    user = w.admin.post("/api/users", {**credentials, "name": "Админ",
                                       "role": "admin"})
    owner = w.user(w.client())
    who = w.sign_in(**credentials)
    who.user, who.credentials = user, credentials
    who.get("/api/clients")
    w.stack.change({"ADMIN_SECOND_FACTOR": "on"})
    try:
        who.refused(403, "GET", "/api/clients")
        assert who.get(FACTOR)["required"]
        assert not owner.get(FACTOR)["required"]
        owner.get("/api/projects")
        phone, _ = _switch_on(w, who)
        who.get("/api/clients")
        assert who.call("DELETE", FACTOR,
                        {"code": phone.code()}).status == 204
        who.refused(403, "GET", "/api/clients")
    finally:
        w.stack.change({"ADMIN_SECOND_FACTOR": "off"})
    who.get("/api/clients")
