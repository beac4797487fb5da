"""people.py - people who sign in with a password in a browser and use its
forms."""

from lib.browser import Browser
from lib.world import number


def sign_in(w, credentials, language="en"):
    """A browser of that person; its page leads on."""
    b = Browser(w.stack.url, language)
    b.get("/login")
    b.submit("/login", **credentials)
    assert b.page.status == 303, b.page
    return b


def send(b, path, **fields):
    """A form of the page that is shown, with nothing but these fields."""
    return b.post(path, {"csrf_token": b.page.inputs()["csrf_token"],
                         **fields}, origin=b.url)


def login_name():
    return f"person{number()}"


def secret_of(page):
    """What is shown once."""
    return page.html.split('<p class="secret">')[1].split("<")[0]
