"""Signing in with Telegram and with the master bot's link, by the API."""

import concurrent.futures
import json

from lib.guests import Guest, a_door
from lib.rest import Rest, http_call
from lib.runner import test

TELEGRAM = "/api/auth/telegram"
EXCHANGE = "/api/auth/master/exchange"
SECOND_FACTOR = "urn:tuberry:problem:second-factor"


def enter(w, path, body, status=200):
    answer = w.nobody().call("POST", path, body, wrong=status >= 400)
    assert answer.status == status, answer
    if status != 200:
        return answer.json
    w.secret(answer["access_token"], answer["refresh_token"],
             answer.json.get("initial_password"))
    w.adopt(answer["user"]["client_id"])
    return answer.json


def at_once(w, path, body, n=2):
    """The statuses of so many that come with the same."""
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        answers = list(pool.map(
            lambda _: w.nobody().call("POST", path, body), range(n)))
    for answer in answers:
        if answer.status == 200:
            w.secret(answer["access_token"], answer["refresh_token"],
                     answer.json.get("initial_password"))
            w.adopt(answer["user"]["client_id"])
    return sorted(answer.status for answer in answers)


@test
def first_sign_in_makes_client_owner_and_a_password_that_works(w):
    with a_door(w) as door:
        anna, boris = Guest(door), Guest(door)
        first = enter(w, TELEGRAM, anna.proof())
        assert first["user"]["role"] == "owner", first
        assert first["user"]["login"] == str(anna.id), first
        assert first["user"]["name"] == anna.name, first
        other = enter(w, TELEGRAM, boris.proof())
        assert other["initial_password"] != first["initial_password"]
        assert other["user"]["client_id"] != first["user"]["client_id"]
        again = w.sign_in(str(anna.id), first["initial_password"])
        assert again.get("/api/me")["id"] == first["user"]["id"]


@test
def next_time_it_is_the_same_account_without_a_password_told(w):
    with a_door(w) as door:
        guest = Guest(door)
        first = enter(w, TELEGRAM, guest.proof(age=5))
        second = enter(w, TELEGRAM, guest.proof())
        assert second["user"]["id"] == first["user"]["id"]
        assert "initial_password" not in second, second
        assert guest.users() == 1


@test
def mini_app_leads_to_the_same_account(w):
    with a_door(w) as door:
        guest = Guest(door)
        first = enter(w, TELEGRAM, guest.proof())
        data = guest.init_data()
        second = enter(w, TELEGRAM, {"init_data": data})
        assert second["user"]["id"] == first["user"]["id"]
        enter(w, TELEGRAM, {"init_data": data}, 401)
        enter(w, TELEGRAM, {"init_data": data.replace("hash=", "hash=0")},
              401)


@test
def a_proof_is_good_once(w):
    with a_door(w) as door:
        guest = Guest(door)
        proof = guest.proof()
        enter(w, TELEGRAM, proof)
        enter(w, TELEGRAM, proof, 401)
        assert at_once(w, TELEGRAM, Guest(door).proof(), 4) == \
            [200, 401, 401, 401]


@test
def what_telegram_did_not_sign_now_is_refused(w):
    with a_door(w) as door:
        guest = Guest(door)
        other = door.token[:-1] + "X"
        for bad in (guest.proof(token=other), guest.proof(age=601),
                    guest.proof(age=-120),
                    {**guest.proof(), "id": guest.id + 1},
                    {**guest.proof(), "more": "x"},
                    {**guest.proof(), "hash": guest.proof()["hash"].upper()}):
            enter(w, TELEGRAM, bad, 401)
        without = guest.proof()
        del without["hash"]
        enter(w, TELEGRAM, without, 422)
        assert guest.users() == 0


@test
def without_a_master_bot_nobody_signs_in_with_telegram(w):
    with a_door(w) as door:
        guest = Guest(door)
    enter(w, TELEGRAM, guest.proof(), 404)


@test
def a_number_that_nobody_confirmed_identifies_nobody(w):
    with a_door(w) as door:
        guest = Guest(door)
        seller = w.client()
        owner = w.user(seller)
        noted = owner.user["id"]
        owner.patch(f"/api/users/{noted}", {"telegram_user_id": guest.id})
        came = enter(w, TELEGRAM, guest.proof())
        assert came["user"]["id"] != noted
        assert came["user"]["client_id"] != seller


@test
def an_email_identifies_nobody(w):
    with a_door(w) as door:
        guest, other = Guest(door), Guest(door)
        mail = f"guest{guest.id}@example.org"
        first = enter(w, EXCHANGE, {"link_token": guest.link(),
                                    "name": "Анна", "email": mail})
        second = enter(w, EXCHANGE, {"link_token": other.link(),
                                     "name": "Не Анна", "email": mail})
        assert first["user"]["id"] != second["user"]["id"]
        w.nobody().refused(401, "POST", "/api/auth/login", {
            "login": mail, "password": first["initial_password"]})


@test
def a_disabled_account_is_told_so(w):
    with a_door(w) as door:
        guest = Guest(door)
        user = enter(w, TELEGRAM, guest.proof(age=5))["user"]
        w.admin.patch(f"/api/users/{user['id']}", {"disabled": True})
        problem = enter(w, TELEGRAM, guest.proof(), 403)
        assert "disabled" in problem["detail"], problem
        assert guest.users() == 1


@test
def a_link_makes_an_owner_and_is_good_once(w):
    with a_door(w) as door:
        guest = Guest(door)
        body = {"link_token": guest.link(), "name": "Анна Петрова"}
        came = enter(w, EXCHANGE, body)
        assert came["user"]["name"] == "Анна Петрова", came
        assert came["user"]["role"] == "owner", came
        enter(w, EXCHANGE, body, 404)
        known = enter(w, EXCHANGE, {"link_token": guest.link(),
                                    "name": "Другая", "email": "x@y.example"})
        assert known["user"]["id"] == came["user"]["id"]
        assert known["user"]["name"] == "Анна Петрова", known
        assert "initial_password" not in known, known


@test
def of_two_with_one_link_one_comes_in(w):
    with a_door(w) as door:
        known = Guest(door)
        enter(w, TELEGRAM, known.proof())
        for guest in (known, Guest(door), known, Guest(door)):
            statuses = at_once(w, EXCHANGE, {
                "link_token": guest.link(), "name": "Анна"})
            assert statuses in ([200, 404], [200, 409]), statuses


@test
def a_link_ends_after_its_time(w):
    with a_door(w) as door:
        guest = Guest(door)
        enter(w, EXCHANGE, {"link_token": guest.link(minutes=-1),
                            "name": "Анна"}, 404)
        enter(w, EXCHANGE, {"link_token": "nonsense", "name": "Анна"}, 404)
        bad = enter(w, EXCHANGE, {"link_token": guest.link(), "name": "Анна",
                                  "email": "nonsense"}, 422)
        assert [e["field"] for e in bad["errors"]] == ["email"], bad


@test
def an_invite_says_where_and_as_what(w):
    with a_door(w) as door:
        guest, late = Guest(door), Guest(door)
        client = w.client()
        invite = w.admin.post("/api/invites", {
            "client_id": client, "role": "manager", "assigned_only": True})
        w.secret(invite["code"])
        came = enter(w, EXCHANGE, {"link_token": guest.link(invite["id"]),
                                   "name": "Анна"})
        assert came["user"]["client_id"] == client, came
        assert came["user"]["role"] == "manager", came
        assert came["user"]["assigned_only"], came
        enter(w, EXCHANGE, {"link_token": late.link(invite["id"]),
                            "name": "Борис"}, 404)
        assert late.users() == 0


@test
def a_second_factor_is_asked_for_besides(w):
    with a_door(w) as door:
        guest = Guest(door)
        came = enter(w, TELEGRAM, guest.proof(age=5))
        w.db.rows("UPDATE users SET totp_secret_sealed = 'x',"
                  " totp_confirmed_at = now() WHERE id = %s",
                  came["user"]["id"])
        for path, body in (
                (TELEGRAM, guest.proof()),
                (EXCHANGE, {"link_token": guest.link(), "name": "Анна"})):
            answer = http_call(w.stack.url, "POST", path, json.dumps(
                body).encode(), {"Content-Type": "application/json"})
            assert answer.status == 401, answer
            assert answer.json["type"] == SECOND_FACTOR, answer
            w.secret(answer["challenge"])
            assert "access_token" not in answer.json


@test
def who_came_and_who_was_refused_is_in_the_audit(w):
    with a_door(w) as door:
        guest = Guest(door)
        came = enter(w, TELEGRAM, guest.proof())
        owner = Rest(w.stack.url, w.openapi, came["access_token"])
        actions = [e["action"] for e in owner.get("/api/audit")["items"]]
        assert actions == ["sign_in", "user.create"], actions
        enter(w, TELEGRAM, {**guest.proof(), "id": 5}, 401)
        told = w.admin.get("/api/admin/audit?action=sign_in.refused")["items"]
        assert told[0]["after"]["by"] == "telegram", told[0]
