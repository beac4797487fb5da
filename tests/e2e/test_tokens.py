"""What callers hold: forged, stolen, used again, out of time."""

import hashlib
import json
import secrets
import threading

from lib.callers import add_session, add_token, add_user
from lib.keys import claims, csrf_token, jwt, key_id
from lib.rest import Rest, http_call, until_let_in
from lib.runner import test
from lib.totp import Phone
from lib.world import MINUTES_PASS

HALF_MINUTE = 31
FIVE_MINUTES = 301
ANOTHER_KEY = "another key, of thirty-two bytes and more"


def ask(w, bearer=None, method="GET", path="/api/me", body=None, **headers):
    """One request with just these headers."""
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    return until_let_in(lambda: http_call(
        w.stack.url, method, path, body and json.dumps(body), headers))


def status_of(w, bearer):
    return ask(w, bearer).status


class Holder:
    """An owner and what it takes to write tokens for them."""

    def __init__(self, w):
        self.w = w
        self.key = w.stack.setting("JWT_SECRET")
        self.now = w.stack.now()
        self.client = w.client()
        self.user_id = add_user(w, self.client, "owner", "holder")
        self.session_id = add_session(w, self.user_id)

    def claims(self, **more):
        return {k: v for k, v in
                {**claims(self.user_id, self.session_id, self.now),
                 **more}.items() if v is not None}

    def token(self, header=None, key=None, digest=hashlib.sha256, **more):
        return jwt(key or self.key, self.claims(**more), digest,
                   **(header or {}))


# --- access tokens ---

def _cut(token, part, value):
    """With another part; "…" keeps it."""
    parts = token.split(".")
    parts[part] = value.replace("…", parts[part])
    return ".".join(parts)


@test
def forged_access_tokens_are_refused(w):
    h = Holder(w)
    other = Holder(w)
    good, now = h.token(), int(h.now)
    assert status_of(w, good) == 200
    header, body, mark = good.split(".")
    unsigned = jwt(h.key, h.claims(), alg="none").rpartition(".")[0]
    forged = {
        "another's claims": f"{header}.{other.token().split('.')[1]}.{mark}",
        "alg none, unsigned": unsigned + ".",
        "alg none, two parts": unsigned,
        "alg none, signed": h.token({"alg": "none"}),
        "alg None": h.token({"alg": "None"}),
        "alg HS384": h.token({"alg": "HS384"}, digest=hashlib.sha384),
        "alg HS512": h.token({"alg": "HS512"}, digest=hashlib.sha512),
        "alg RS256": h.token({"alg": "RS256"}),
        "alg ES256": h.token({"alg": "ES256"}),
        "alg missing": h.token({"alg": None}),
        "kid missing": h.token({"kid": None}),
        "kid empty": h.token({"kid": ""}),
        "kid wrong": h.token({"kid": key_id(ANOTHER_KEY)}),
        "kid no text": h.token({"kid": 5}),
        "another key": h.token(key=ANOTHER_KEY),
        "another key under our kid": h.token({"kid": key_id(h.key)},
                                             key=ANOTHER_KEY),
        "expired": h.token(exp=now - 1),
        "expires now": h.token(exp=now),
        "never expires": h.token(exp=None),
        "expiry no number": h.token(exp=str(now + 900)),
        "made in the future": h.token(iat=now + 120),
        "made at no time": h.token(iat=None),
        "not before a minute": h.token(nbf=now + 60),
        "another issuer": h.token(iss="another"),
        "no issuer": h.token(iss=None),
        "nobody": h.token(sub=None),
        "number as text": h.token(sub=h.user_id),
        "user 0": h.token(sub="0"),
        "another user": h.token(sub=str(other.user_id)),
        "no session": h.token(sid=None),
        "session 0": h.token(sid=0),
        "another session": h.token(sid=other.session_id),
        "session as text": h.token(sid=str(h.session_id)),
        "a session that is not there": h.token(sid=999999999),
        "bytes behind": good + "A",
        "a part more": good + "." + mark,
        "a part less": f"{header}.{body}",
        "mark cut": good[:-4],
        "mark empty": _cut(good, 2, ""),
        "header no JSON": _cut(good, 0, "bm9uc2Vuc2U"),
        "long": _cut(good, 1, "…" + "A" * 4000),
        "dots": "..",
        "nothing but a prefix": "tuberry_",
    }
    passed = [name for name, token in forged.items()
              if status_of(w, token) != 401]
    assert not passed, passed
    assert status_of(w, good) == 200


@test
def the_former_key_opens_while_it_is_configured(w):
    h = Holder(w)
    former, new = h.key, secrets.token_urlsafe(48)
    w.secret(former, new)
    old_token, new_token = h.token(), h.token(key=new)
    assert status_of(w, new_token) == 401
    try:
        w.stack.change({"JWT_SECRET": new, "JWT_SECRET_OLD": former})
        assert status_of(w, old_token) == 200
        assert status_of(w, new_token) == 200
        # A kid names the key that signed, not one that is known as well.
        assert status_of(w, h.token({"kid": key_id(former)}, new)) == 401
        assert status_of(w, h.token({"kid": key_id(new)}, former)) == 401
        w.stack.change({"JWT_SECRET_OLD": ""})
        assert status_of(w, old_token) == 401
        assert status_of(w, new_token) == 200
    finally:
        w.stack.change({"JWT_SECRET": former, "JWT_SECRET_OLD": ""})
    assert status_of(w, old_token) == 200


@test
def access_ends_at_once(w):
    """However it ends."""
    client = w.client()
    w.user(client)
    for end in (
            lambda u: u.post("/api/auth/logout", status=204),
            lambda u: w.admin.patch(f"/api/users/{u.user['id']}",
                                    {"disabled": True}),
            lambda u: w.admin.patch(f"/api/users/{u.user['id']}",
                                    {"password": "Совсем другой пароль"}),
            lambda u: w.admin.delete(f"/api/users/{u.user['id']}")):
        user = w.user(client)
        user.get("/api/me")
        end(user)
        assert status_of(w, user.token) == 401


@test
def another_role_counts_at_once(w):
    client = w.client()
    w.user(client)
    user = w.user(client)
    token = user.post("/api/me/tokens", {"name": "Программа",
                                         "scope": "write"})["token"]
    w.secret(token)
    program = Rest(w.stack.url, w.openapi, token)
    path = f"/api/users/{user.user['id']}"
    for who in (user, program):
        assert who.get("/api/invites") is not None
    w.admin.patch(path, {"role": "manager"})
    for who in (user, program):
        who.refused(403, "GET", "/api/invites")
        who.refused(403, "PATCH", path, {"role": "owner"})


# --- refresh tokens ---

def _sign_in(w, **more):
    client = w.client()
    user = w.user(client, **more)
    pair = w.nobody().post("/api/auth/login", user.credentials, status=200)
    w.secret(pair["access_token"], pair["refresh_token"])
    return user, pair


def _refresh(w, token):
    return ask(w, None, "POST", "/api/auth/refresh",
               {"refresh_token": token})


@test
def a_lost_answer_is_given_again_for_half_a_minute(w):
    _, pair = _sign_in(w)
    first = _refresh(w, pair["refresh_token"])
    again = _refresh(w, pair["refresh_token"])
    assert first.status == again.status == 200, (first, again)
    assert first["refresh_token"] == again["refresh_token"]
    assert status_of(w, again["access_token"]) == 200


@test(events=(*MINUTES_PASS, "auth.refresh_reused"))
def a_refresh_token_that_two_hold_ends_the_session(w):
    user, pair = _sign_in(w)
    successor = _refresh(w, pair["refresh_token"])["refresh_token"]
    w.secret(successor)
    w.stack.move_clock(HALF_MINUTE)
    answer = _refresh(w, pair["refresh_token"])
    assert answer.status == 401 and "used before" in answer["detail"], answer
    assert status_of(w, pair["access_token"]) == 401
    assert _refresh(w, successor).status == 401
    found = w.db.rows("SELECT action, object FROM audit_log WHERE user_id = %s"
                      " ORDER BY id DESC LIMIT 1", user.user["id"])
    session = w.db.one("SELECT max(id) FROM sessions WHERE user_id = %s",
                       user.user["id"])
    assert found == [("session.reused", f"session:{session}")], found


@test(events=(*MINUTES_PASS, "auth.refresh_reused"))
def the_grandfather_is_no_lost_answer(w):
    _, pair = _sign_in(w)
    second = _refresh(w, pair["refresh_token"])["refresh_token"]
    assert _refresh(w, second).status == 200
    assert _refresh(w, pair["refresh_token"]).status == 401
    assert status_of(w, pair["access_token"]) == 401


def _at_once(calls):
    """What each of them gave."""
    barrier, given = threading.Barrier(len(calls)), [None] * len(calls)

    def run(i):
        barrier.wait()
        given[i] = calls[i]()

    threads = [threading.Thread(target=run, args=(i,))
               for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


@test
def of_two_refreshes_at_once_both_get_the_same(w):
    _, pair = _sign_in(w)
    answers = _at_once([lambda: _refresh(w, pair["refresh_token"])] * 4)
    assert {a.status for a in answers} == {200}, answers
    assert len({a["refresh_token"] for a in answers}) == 1


@test
def a_refresh_token_is_good_for_nothing_else(w):
    user, pair = _sign_in(w)
    token = pair["refresh_token"]
    assert status_of(w, token) == 401
    assert ask(w, Cookie=f"tuberry_session={token}").status == 401
    assert ask(w, None, "POST", "/api/auth/second-factor", {
        "challenge": token, "code": "123456"}).status == 401
    for bad in (token + "0", token[:-1], token.replace(".1.", ".2."),
                "0" + token, token.upper(), pair["access_token"]):
        assert _refresh(w, bad).status == 401, bad
    user.post("/api/auth/logout", status=204)
    assert _refresh(w, token).status == 200
    Rest(w.stack.url, w.openapi, pair["access_token"]).post(
        "/api/auth/logout", status=204)
    assert _refresh(w, token).status == 401


# --- cookies ---

class Browser:
    """Signed in with a cookie, in this and no other way."""

    def __init__(self, w, user_id):
        self.w = w
        self.cookie = secrets.token_urlsafe(32)
        self.session_id = add_session(w, user_id, self.cookie)

    def ask(self, method="GET", path="/api/me", body=None, more="",
            **headers):
        headers.setdefault("Cookie", f"tuberry_session={self.cookie}{more}")
        return ask(self.w, None, method, path, body,
                   **{k.replace("_", "-"): v for k, v in headers.items()})

    def change(self, **headers):
        """What a stolen cookie would be used for."""
        return self.ask("PATCH", "/api/me", {"name": "Имя"}, **headers)


@test
def a_stolen_cookie_changes_nothing(w):
    h = Holder(w)
    b = Browser(w, h.user_id)
    token = csrf_token(b.cookie)
    assert b.ask().status == 200
    assert b.change(X_CSRF_Token=token).status == 200
    assert b.change(X_CSRF_Token=token, Origin=w.stack.url).status == 200
    stranger = Browser(w, h.user_id)
    for headers in ({}, {"X_CSRF_Token": ""}, {"X_CSRF_Token": token[:-1]},
                    {"X_CSRF_Token": token + "0"},
                    {"X_CSRF_Token": csrf_token(stranger.cookie)},
                    {"X_CSRF_Token": token, "Origin": "null"},
                    {"X_CSRF_Token": token, "Origin": "https://evil.example"},
                    {"X_CSRF_Token": token,
                     "Origin": w.stack.url + ".evil.example"},
                    {"X_CSRF_Token": token,
                     "Origin": w.stack.url.replace("://", "://x@")}):
        answer = b.change(**headers)
        assert answer.status == 403, (headers, answer)


@test
def no_other_method_is_smuggled_in(w):
    h = Holder(w)
    b = Browser(w, h.user_id)
    name = w.db.one("SELECT name FROM users WHERE id = %s", h.user_id)
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method",
                   "X-Method-Override"):
        assert ask(w, None, path="/api/me", **{
            "Cookie": f"tuberry_session={b.cookie}",
            header: "DELETE"}).status == 200
    assert b.ask(path="/api/me?_method=PATCH").status == 422
    assert b.ask("OPTIONS").status == 405
    head = b.ask("HEAD")
    assert head.status == 200 and not head.data, head
    assert name == w.db.one("SELECT name FROM users WHERE id = %s",
                            h.user_id)


@test
def a_cookie_that_is_not_quite_right_is_none(w):
    h = Holder(w)
    b, other = Browser(w, h.user_id), Browser(w, h.user_id)
    pair = f"tuberry_session={b.cookie}"
    assert b.ask(Cookie=f"a=b; {pair}; c=d").status == 200
    for cookie in (f"{pair}; {pair}",
                   f"{pair}; tuberry_session={other.cookie}",
                   f"{pair}x", f"tuberry_session={b.cookie[:-1]}",
                   f"Tuberry_session={b.cookie}", f'{pair[:16]}"{b.cookie}"',
                   f"__Host-{pair}", f"tuberry_session=; a={b.cookie}"):
        assert b.ask(Cookie=cookie).status == 401, cookie
    w.db.rows("UPDATE sessions SET ended_at = now() WHERE id = %s",
              b.session_id)
    assert b.ask().status == 401
    assert other.ask().status == 200


@test
def a_cookie_does_not_help_out_a_bad_token(w):
    h = Holder(w)
    b = Browser(w, h.user_id)
    good = h.token()
    for bearer, status in ((good, 200), ("nonsense", 401), ("tuberry_x", 401),
                           ("", 200)):
        answer = b.ask(Authorization=f"Bearer {bearer}")
        assert answer.status == status, (bearer, answer)
    # Whoever shows a token was not led here by another site's form.
    assert b.change(Authorization=f"Bearer {good}").status == 200
    assert b.change(Authorization="Bearer ").status == 403
    assert b.change(Authorization="Basic eDp5").status == 403


# --- the second factor's challenge ---

def _with_phone(w):
    user = w.user(w.client())
    secret = user.post("/api/me/second-factor")["secret"]
    phone = Phone(w, secret)
    user.post("/api/me/second-factor/confirm", {"code": phone.code()},
              status=200)
    w.secret(secret)
    return user, phone


def _challenge(w, user):
    answer = ask(w, None, "POST", "/api/auth/login", user.credentials)
    assert answer.status == 401 and answer["challenge"], answer
    return answer["challenge"]


def _bring(w, challenge, code):
    return ask(w, None, "POST", "/api/auth/second-factor",
               {"challenge": challenge, "code": code})


@test(events=MINUTES_PASS)
def a_challenge_is_good_once_and_for_nothing_else(w):
    user, phone = _with_phone(w)
    challenge = _challenge(w, user)
    for path, field in (("/api/auth/refresh", "refresh_token"),
                        ("/api/auth/master/exchange", "link_token")):
        body = {field: challenge}
        if field == "link_token":
            body["name"] = "Имя"
        assert ask(w, None, "POST", path, body).status in (401, 404), path
    assert status_of(w, challenge) == 401
    assert ask(w, Cookie=f"tuberry_session={challenge}").status == 401
    assert _bring(w, challenge, phone.code()).status == 200
    assert _bring(w, challenge, phone.code()).status == 401


@test(events=MINUTES_PASS)
def nobody_is_in_before_the_code_has_come(w):
    """Not even whoever could sign tokens, by the waiting session's id."""
    user, phone = _with_phone(w)
    challenge = _challenge(w, user)
    session = int(challenge.split(".")[0])
    user_id, now = user.user["id"], w.stack.now()
    token = jwt(w.stack.setting("JWT_SECRET"), claims(user_id, session, now))
    assert status_of(w, token) == 401
    assert _bring(w, challenge, phone.code()).status == 200
    token = jwt(w.stack.setting("JWT_SECRET"),
                claims(user_id, session, w.stack.now()))
    assert status_of(w, token) == 200


@test(events=MINUTES_PASS)
def five_wrong_codes_or_five_minutes_end_a_challenge(w):
    user, phone = _with_phone(w)
    challenge = _challenge(w, user)
    for _ in range(5):
        assert _bring(w, challenge, phone.old_code()).status == 401
    answer = _bring(w, challenge, phone.code())
    assert answer.status == 401 and "begin anew" in answer["detail"], answer
    challenge = _challenge(w, user)
    w.stack.move_clock(FIVE_MINUTES)
    answer = _bring(w, challenge, phone.code())
    assert answer.status == 401 and "begin anew" in answer["detail"], answer


@test(events=MINUTES_PASS)
def of_codes_brought_at_once_one_opens(w):
    user, phone = _with_phone(w)
    codes = user.post("/api/me/second-factor/codes", {"code": phone.code()},
                      status=200)["recovery_codes"]
    challenge = _challenge(w, user)
    answers = _at_once([lambda c=c: _bring(w, challenge, c)
                        for c in codes[:4]])
    statuses = sorted(a.status for a in answers)
    assert statuses == [200, 401, 401, 401], statuses
    left = w.db.one("SELECT jsonb_array_length(recovery_hashes) FROM users"
                    " WHERE id = %s", user.user["id"])
    assert left == "9", left


# --- tokens of programs ---

@test
def an_api_token_is_good_as_a_whole_or_not_at_all(w):
    h = Holder(w)
    token = "tuberry_" + secrets.token_urlsafe(32)
    w.secret(token)
    token_id = add_token(w, h.user_id, token)
    assert status_of(w, token) == 200
    for bad in (token[:-1], token + "A", token + ".", token + "\t.",
                token.upper(), token[8:], "tuberry_", "tuberry_%",
                f"{token},{token}", f"{token} {token}"):
        assert status_of(w, bad) == 401, bad
    assert ask(w, Cookie=f"tuberry_session={token}").status == 401
    assert ask(w, None, path=f"/api/me?access_token={token}").status == 401
    for column, table, row in (("disabled_at", "users", h.user_id),
                               ("revoked_at", "api_tokens", token_id)):
        w.db.rows(f"UPDATE {table} SET {column} = now() WHERE id = %s", row)
        assert status_of(w, token) == 401, column
        w.db.rows(f"UPDATE {table} SET {column} = NULL WHERE id = %s", row)
        assert status_of(w, token) == 200, column


# --- passwords ---

@test
def nobody_is_told_which_logins_there_are(w):
    user = w.user(w.client())
    login = user.credentials["login"]
    off = w.user(w.client())
    w.admin.patch(f"/api/users/{off.user['id']}", {"disabled": True})
    no_password = Holder(w)
    name = w.db.one("SELECT login FROM users WHERE id = %s",
                    no_password.user_id)
    told = set()
    for who, password in ((login, "wrong"), (f"{login}-unknown", "wrong"),
                          (name, "wrong"),
                          (off.credentials["login"],
                           off.credentials["password"])):
        answer = ask(w, None, "POST", "/api/auth/login",
                     {"login": who, "password": password})
        told.add((answer.status, answer["type"], answer["detail"],
                  str(answer["errors"]), str(sorted(answer.json))))
    assert len(told) == 1, told


def _try(w, login, password="wrong"):
    return ask(w, None, "POST", "/api/auth/login",
               {"login": login, "password": password})


def _until_refused(w, login, at_most):
    """How many tries there were before the one that was too many."""
    for n in range(at_most):
        answer = _try(w, login() if callable(login) else login)
        if answer.status == 429:
            assert 0 < int(answer.headers["Retry-After"]) <= 700, answer
            return n
        assert answer.status == 401, answer
    raise AssertionError(f"{at_most} tries, and no end")


PER_ACCOUNT, PER_ADDRESS, WORKERS = 10, 6, 4


@test(events=MINUTES_PASS)
def a_right_password_alone_starts_no_new_count(w):
    """Or codes could be tried, five for each, from as many addresses as there
    are."""
    user, phone = _with_phone(w)
    for _ in range(PER_ACCOUNT):
        challenge = _challenge(w, user)
    assert _try(w, **user.credentials).status == 429
    assert _bring(w, challenge, phone.code()).status == 200
    assert _challenge(w, user)


# Behind the one that counts exactly: for a second after Redis is back a worker
# counts by itself.
@test(events=("redis.*", "bell.*", "window*"))
def tries_are_counted_for_an_account_and_without_redis_too(w):
    user, bystander = w.user(w.client()), w.user(w.client())
    login = user.credentials["login"]
    assert _until_refused(w, login, 30) == PER_ACCOUNT
    assert _try(w, login.upper(), user.credentials["password"]).status == 429
    w.sign_in(**bystander.credentials)
    other = w.user(w.client())
    w.stack.kill("redis")
    try:
        n = _until_refused(w, other.credentials["login"],
                           PER_ACCOUNT * WORKERS + 1)
        assert n <= PER_ACCOUNT * WORKERS, n
        answer = _try(w, bystander.credentials["login"],
                      bystander.credentials["password"])
        assert answer.status == 200, answer
    finally:
        w.stack.start("redis")


@test
def tries_are_counted_for_an_address(w):
    user = w.user(w.client())
    usual = w.stack.setting("SIGN_IN_PER_ADDRESS")
    try:
        w.stack.change({"SIGN_IN_PER_ADDRESS": str(PER_ADDRESS)})
        _until_refused(w, lambda: f"nobody-{secrets.token_hex(4)}",
                       PER_ADDRESS + 1)
        # Whatever way in they try.
        assert _try(w, **user.credentials).status == 429
        for path, body in (
                ("/api/auth/second-factor", {"challenge": "x", "code": "1"}),
                ("/api/auth/telegram", {"id": 1, "auth_date": 1,
                                        "hash": "x"}),
                ("/api/auth/master/exchange", {"link_token": "x",
                                               "name": "Имя"})):
            answer = ask(w, None, "POST", path, body)
            assert answer.status == 429, (path, answer)
            assert int(answer.headers["Retry-After"]) > 0, answer
        assert user.get("/api/me")
    finally:
        w.stack.change({"SIGN_IN_PER_ADDRESS": usual})
