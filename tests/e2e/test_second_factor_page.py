"""The page of the second factor, as a browser without scripts has it."""

import re

from lib.browser import Browser
from lib.runner import test
from lib.totp import Phone
from lib.world import MINUTES_PASS

PAGE = "/profile/second-factor"
QR = PAGE + "/qr.svg"
REFUSED = 'class="notice bad"'


def _sign_in(w, who, language="en"):
    b = Browser(w.stack.url, language)
    b.get("/login")
    b.submit("/login", **who.credentials)
    assert b.page.status == 303, b.page
    return b


def _start(w, b):
    """The phone; the page waits for its first code."""
    assert b.get(PAGE).status == 200, b.page
    b.submit(PAGE)
    assert b.page.location == PAGE, b.page
    page = b.follow()
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.html).group(1)
    assert "secret=" + secret.replace(" ", "") in page.html, page
    w.secret(secret.replace(" ", ""))
    return Phone(w, secret.replace(" ", ""))


def _codes(w, b):
    """The recovery codes that are shown."""
    assert b.page.status == 200, b.page
    codes = re.findall(r"<li><code>([0-9a-z-]{17})</code></li>", b.page.html)
    assert len(codes) == 10, b.page
    w.secret(*codes)
    return codes


def _switch_on(w, b):
    phone = _start(w, b)
    b.submit(PAGE + "/confirm", code=phone.code())
    return phone, _codes(w, b)


@test(events=MINUTES_PASS)
def without_scripts_it_is_switched_on_and_off(w):
    who = w.user(w.client())
    b = _sign_in(w, who)
    phone = _start(w, b)
    b.submit(PAGE + "/confirm", code=phone.old_code())
    assert b.page.status == 422 and REFUSED in b.page.html, b.page
    assert 'aria-invalid="true"' in b.page.html, b.page
    b.submit(PAGE + "/confirm", code=phone.code())
    former = _codes(w, b)
    assert "10" in b.get(PAGE).text, b.page
    b.submit(PAGE + "/codes", code=former[0])
    assert not set(_codes(w, b)) & set(former)
    b.get(PAGE)
    b.submit(PAGE + "/off", code=former[1])
    assert b.page.status == 422 and REFUSED in b.page.html, b.page
    b.submit(PAGE + "/off", code=phone.code())
    assert b.page.location == PAGE, b.page
    assert not who.get("/api/me/second-factor")["enabled"]


@test(events=MINUTES_PASS)
def recovery_codes_are_shown_once(w):
    b = _sign_in(w, w.user(w.client()))
    _, codes = _switch_on(w, b)
    assert not any(code in b.get(PAGE).html for code in codes)


@test(events=MINUTES_PASS)
def the_image_is_there_until_the_first_code_has_come(w):
    b = _sign_in(w, w.user(w.client()))
    assert b.get(QR).status == 404, b.page
    phone = _start(w, b)
    assert f'src="{QR}"' in b.page.html, b.page
    fields = b.page.inputs()
    image = b.get(QR)
    assert image.status == 200 and "<svg " in image.html, image
    assert image.headers["Content-Type"] == "image/svg+xml", image.headers
    assert image.headers["Cache-Control"] == "no-store", image.headers
    b.post(PAGE + "/confirm", {**fields, "code": phone.code()},
           origin=b.url)
    _codes(w, b)
    assert b.get(QR).status == 404, b.page


@test
def the_page_is_in_both_languages(w):
    who = w.user(w.client())
    for language, words in (("ru", "Второй шаг входа"),
                            ("en", "Second step of sign-in")):
        b = _sign_in(w, who, language)
        assert words in b.get(PAGE).text, b.page


@test
def nobody_sees_it_without_signing_in(w):
    b = Browser(w.stack.url)
    for path in (PAGE, QR):
        assert b.get(path).status == 303, b.page
        assert b.page.location.startswith("/login"), b.page


@test
def a_form_of_another_site_is_refused(w):
    b = _sign_in(w, w.user(w.client()))
    b.get(PAGE)
    b.post(PAGE, b.page.inputs(), origin="https://evil.example")
    assert b.page.status == 403, b.page
    b.post(PAGE, {}, origin=b.url)
    assert b.page.status == 403, b.page
    assert b.get(QR).status == 404, b.page


@test(events=MINUTES_PASS)
def each_form_leaves_an_entry(w):
    who = w.user(w.client())
    b = _sign_in(w, who)
    phone, codes = _switch_on(w, b)
    b.get(PAGE)
    b.submit(PAGE + "/codes", code=phone.code())
    _codes(w, b)
    b.get(PAGE)
    b.submit(PAGE + "/off", code=phone.code())
    entries = w.admin.all(f"/api/audit?object=user:{who.user['id']}")
    assert [e["action"] for e in reversed(entries)][-3:] == [
        "user.second_factor_on", "user.recovery_codes",
        "user.second_factor_off"], entries
