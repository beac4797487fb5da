"""The pages by which people come in, as a browser without scripts has them."""

import concurrent.futures
import urllib.parse

from lib.browser import Browser
from lib.guests import Guest, a_door
from lib.master import SETTINGS
from lib.runner import test
from lib.totp import Phone
from lib.world import MINUTES_PASS

PROBLEM = 'class="notice bad"'


def browser(w, language="en"):
    return Browser(w.stack.url, language)


def credentials(w):
    return w.user(w.client()).credentials


def at_login(w, **query):
    """A browser that has the sign-in page before it."""
    b = browser(w)
    assert b.get("/login", **query).status == 200, b.page
    return b


def signed_in(w, who, **query):
    b = at_login(w, **query)
    b.submit("/login", **who)
    assert b.page.status == 303, b.page
    return b


def actions(w, who):
    """What the audit says that this person did, the latest first."""
    entries = w.admin.get("/api/admin/audit?limit=20")["items"]
    return [e["action"] for e in entries if e["login"] == who["login"]]


def return_path(page):
    """Where the widget would send the browser."""
    url = urllib.parse.urlsplit(page.attribute("data-auth-url"))
    return f"{url.path}?{url.query}"


def back(b, guest, **proof):
    """The widget's redirect, fields behind what stands there already."""
    return b.get(return_path(b.page) + "&" +
                 urllib.parse.urlencode(guest.proof(**proof)))


@test
def password_leads_home_and_out_again(w):
    who = credentials(w)
    b = signed_in(w, who)
    assert b.page.location == "/client", b.page
    assert b.who()["login"] == who["login"]
    assert b.get("/login").location == "/client"
    b.follow()
    cookie = dict(b.cookies)
    b.submit("/logout")
    assert b.page.location == "/login", b.page
    assert b.who() is None
    b.cookies = cookie
    assert b.who() is None, "the session ends on the server"
    assert actions(w, who)[:2] == ["sign_out", "sign_in"], actions(w, who)


@test
def administrators_land_at_theirs(w):
    admin = w.stack.admin()
    b = signed_in(w, {"login": admin["login"], "password": admin["password"]})
    assert b.page.location == "/admin", b.page


@test
def wrong_password_shows_the_form_again(w):
    who = credentials(w)
    b = at_login(w, next="/client/users")
    b.submit("/login", login=who["login"], password="wrong-password")
    assert b.page.status == 401 and PROBLEM in b.page.html, b.page
    assert b.page.inputs()["login"] == who["login"]
    assert b.page.inputs()["next"] == "/client/users"
    assert "wrong-password" not in b.page.html
    b.submit("/login", login="", password="")
    assert b.page.status == 422 and 'id="login-error"' in b.page.html, b.page
    b.submit("/login", **who)
    assert b.page.location == "/client/users", b.page


@test
def only_our_own_addresses_follow(w):
    who = credentials(w)
    for bad in ("https://evil.example/", "//evil.example", "/\\evil.example",
                "/\tx", "javascript:alert(1)", "client"):
        b = at_login(w, next=bad)
        assert b.page.inputs()["next"] == "", (bad, b.page)
        b.submit("/login", next=bad, **who)
        assert b.page.location == "/client", (bad, b.page)
        b.get("/login", next=bad)
        assert b.page.location == "/client", (bad, b.page)


@test
def forms_need_their_token_and_our_origin(w):
    who = credentials(w)
    b = at_login(w)
    form = {**b.page.inputs(), **who}
    other = at_login(w)
    assert b.post("/login", who).status == 403
    assert b.post("/login", {**form, "csrf_token": "x"}).status == 403
    assert other.post("/login", form).status == 403, "of another browser"
    assert b.post("/login", form, origin="https://evil.example").status == 403
    assert b.who() is None
    for path, fields in (("/login/link", {"token": "x"}),
                         ("/login/code", {"code": "123456"})):
        assert b.post(path, fields).status == 403, path
    b = signed_in(w, who)
    assert b.post("/logout", {}).status == 403
    assert b.post("/profile/telegram", {"id": 1}).status == 403
    assert b.who()


@test
def no_bot_no_widget(w):
    b = at_login(w)
    assert "telegram.org" not in b.page.html
    assert "telegram.org" not in b.page.headers["Content-Security-Policy"]


@test
def widget_and_bot_are_offered_and_allowed_there_only(w):
    with a_door(w) as door:
        b = at_login(w)
        policy = b.page.headers["Content-Security-Policy"]
        assert "script-src https://telegram.org;" in policy, policy
        assert "frame-src https://oauth.telegram.org;" in policy, policy
        assert "unsafe" not in policy, policy
        assert b.page.attribute("data-telegram-login") == door.name
        assert f"https://t.me/{door.name}?start=login" in b.page.html
        assert "gets an account" in b.page.text, b.page
        w.admin.patch(SETTINGS, {"sign_up": "invite"})
        assert "needs an invite" in b.get("/login").text, b.page
        b.get("/")
        assert "telegram.org" not in b.page.headers["Content-Security-Policy"]


@test
def first_time_by_widget_shows_login_and_password_once(w):
    with a_door(w) as door:
        guest = Guest(door)
        b = at_login(w)
        back(b, guest, age=5)
        assert b.page.status == 200, b.page
        assert b.page.headers["Cache-Control"] == "no-store"
        w.adopt(b.who()["client_id"])
        password = b.page.html.partition('class="secret">')[2] \
            .partition("<")[0]
        w.secret(password)
        signed_in(w, {"login": str(guest.id), "password": password})
        b = at_login(w, next="/client/users")
        back(b, guest)
        assert b.page.location == "/client/users", b.page
        assert password not in b.follow().html


@test
def nobody_is_signed_in_by_a_strangers_address(w):
    with a_door(w) as door:
        attacker, victim = at_login(w), at_login(w)
        guest = Guest(door)
        path = return_path(attacker.page) + "&" + \
            urllib.parse.urlencode(guest.proof())
        for b in (victim, browser(w)):
            assert b.get(path).status == 403, b.page
            assert b.who() is None
        proof = guest.proof()
        assert victim.get("/login/telegram", **proof).status == 403
        assert victim.get("/login/telegram", state="x", **proof).status == 403
        assert guest.users() == 0


@test
def what_telegram_did_not_sign_is_an_error_page(w):
    with a_door(w) as door:
        guest = Guest(door)
        for proof in (guest.proof(age=700), guest.proof(token="1:x"),
                      {**guest.proof(), "id": 5}):
            b = at_login(w)
            b.get(return_path(b.page) + "&" + urllib.parse.urlencode(proof))
            assert b.page.status == 401, b.page
            assert b.who() is None
        b = at_login(w)
        path = return_path(b.page)
        first = urllib.parse.urlencode(guest.proof())
        assert b.get(path + "&" + first).status == 200, b.page
        w.adopt(b.who()["client_id"])
        b = at_login(w)
        assert b.get(return_path(b.page) + "&" + first).status == 401
        assert b.who() is None


@test
def what_went_wrong_stands_on_the_sign_in_page(w):
    with a_door(w) as door:
        guest = Guest(door)
        for path, status, advice, age in (
                ("/login?token=nonsense", 404, "/start", 9),
                ("/login/telegram?" + urllib.parse.urlencode(guest.proof()),
                 403, "begin again", 5)):
            b = browser(w)
            b.get(path)
            assert b.page.status == status, b.page
            assert PROBLEM in b.page.html and advice in b.page.text, b.page
            back(b, guest, age=age)
            w.adopt(b.who()["client_id"])


def switch_on(w, who):
    """A second factor; the recovery codes."""
    secret = who.post("/api/me/second-factor")["secret"]
    codes = who.post("/api/me/second-factor/confirm",
                     {"code": Phone(w, secret).code()},
                     status=200)["recovery_codes"]
    w.secret(secret, *codes)
    return codes


@test(events=MINUTES_PASS)
def second_factor_is_asked_for_on_its_page(w):
    who = w.user(w.client())
    codes = switch_on(w, who)
    b = signed_in(w, who.credentials, next="/client/users")
    assert b.page.location == "/login/code?next=%2Fclient%2Fusers", b.page
    assert b.who() is None
    b.follow()
    b.submit("/login/code", code="000000")
    assert b.page.status == 401 and PROBLEM in b.page.html, b.page
    assert b.page.inputs()["next"] == "/client/users"
    assert b.who() is None
    b.submit("/login/code", code=codes[0])
    assert b.page.location == "/client/users", b.page
    assert b.who()["login"] == who.credentials["login"]
    assert browser(w).get("/login/code").location == "/login"


@test(events=MINUTES_PASS)
def second_factor_is_asked_for_after_telegram_as_well(w):
    with a_door(w) as door:
        guest = Guest(door)
        who = w.user(w.client())
        b = signed_in(w, who.credentials)
        b.get("/profile/telegram", **guest.proof(age=9))
        b.submit("/profile/telegram")
        codes = switch_on(w, who)
        ways = (lambda b: back(b, guest),
                lambda b: (b.get("/login", token=guest.link()),
                           b.submit("/login/link")))
        for code, way in zip(codes, ways):
            b = at_login(w)
            way(b)
            assert b.page.location == "/login/code", b.page
            assert b.who() is None
            b.follow()
            b.submit("/login/code", code=code)
            assert b.page.location == "/client", b.page
            assert b.who()["id"] == who.user["id"]


@test
def looking_at_a_link_consumes_nothing(w):
    with a_door(w) as door:
        guest = Guest(door)
        token = guest.link()
        for _ in range(3):
            b = browser(w)
            b.get("/login", token=token)
            assert b.page.status == 200, b.page
            assert guest.person["first_name"] in b.page.text
        assert guest.users() == 0
        assert b.who() is None
        b.submit("/login/link", email="nonsense")
        assert b.page.status == 422, b.page
        b.submit("/login/link", name="Анна", email="anna@example.org")
        assert b.page.status == 200, b.page
        me = b.who()
        w.adopt(me["client_id"])
        assert me["name"] == "Анна" and me["login"] == str(guest.id), me
        assert browser(w).get("/login", token=token).status == 404
        b = browser(w)
        b.get("/login", token=guest.link())
        assert "name" not in b.page.inputs(), "who is known is not asked"
        b.submit("/login/link")
        assert b.page.location == "/client", b.page
        assert b.who()["id"] == me["id"]


@test
def of_two_browsers_with_one_link_one_comes_in(w):
    with a_door(w) as door:
        guest = Guest(door)
        token = guest.link()
        browsers = [browser(w), browser(w)]
        for b in browsers:
            b.get("/login", token=token)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda b: b.submit("/login/link", name="Анна"),
                          browsers))
        came = [b.who() for b in browsers if b.who()]
        assert len(came) == 1, [b.page for b in browsers]
        w.adopt(came[0]["client_id"])


@test
def an_invites_link_names_the_client(w):
    with a_door(w) as door:
        seller = w.client()
        name = w.admin.get(f"/api/clients/{seller}")["name"]
        invite = w.admin.post("/api/invites", {
            "client_id": seller, "role": "manager"})
        w.secret(invite["code"])
        b = browser(w)
        b.get("/login", token=Guest(door).link(invite["id"]))
        assert name in b.page.text, b.page
        b.submit("/login/link", name="Анна")
        assert b.who()["client_id"] == seller
        assert b.who()["role"] == "manager"
        assert browser(w).get("/login", token=Guest(door).link(
            invite["id"])).status == 404


@test
def telegram_is_linked_by_confirming_it(w):
    with a_door(w) as door:
        guest = Guest(door)
        who = w.user(w.client())
        b = signed_in(w, who.credentials)
        b.get("/profile/telegram")
        path = b.page.attribute("data-auth-url")
        assert path.endswith("/profile/telegram"), path
        b.get("/profile/telegram", **guest.proof())
        assert b.page.status == 200, b.page
        assert guest.users() == 0, "looking changes nothing"
        form = b.page.inputs()
        b.submit("/profile/telegram")
        assert b.page.location == "/profile/telegram", b.page
        assert str(guest.id) in b.follow().text
        assert b.post("/profile/telegram", form).status == 401, "once"
        assert actions(w, who.credentials)[0] == "user.telegram"
        other = at_login(w)
        back(other, guest, age=1)
        assert other.who()["id"] == who.user["id"]


@test
def telegram_of_another_account_is_not_linked(w):
    with a_door(w) as door:
        guest = Guest(door)
        b = at_login(w)
        back(b, guest, age=5)
        w.adopt(b.who()["client_id"])
        owner = b.who()["id"]
        b = signed_in(w, credentials(w))
        b.get("/profile/telegram", **guest.proof())
        b.submit("/profile/telegram")
        assert b.page.status == 409, b.page
        other = at_login(w)
        back(other, guest, age=1)
        assert other.who()["id"] == owner


@test
def pages_speak_the_visitors_language(w):
    for language, word in (("ru", "Пароль"), ("en", "Password")):
        b = browser(w, language)
        assert word in b.get("/login").text
        b.submit("/login", login="nobody-at-all", password="x" * 12)
        assert b.page.status == 401 and PROBLEM in b.page.html, b.page
    b = browser(w, "ru")
    assert "Ссылка" in b.get("/login", token="nonsense").text, b.page
