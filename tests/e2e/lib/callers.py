"""callers.py - people and programs at the door, made straight in the tables.

None of them signs in, so there may be many; what they hold is as good as if
they had.
"""

import secrets

from lib.keys import claims, csrf_token, jwt, sha256


def add_user(w, client_id, role, name, **columns):
    """The id of a user without a password."""
    login = f"{name}-{secrets.token_hex(4)}"
    columns = {"client_id": client_id, "login": login, "name": name,
               "role": role, **columns}
    names = ", ".join(columns)
    values = ", ".join("%s" for _ in columns)
    return int(w.db.one(f"INSERT INTO users ({names}, created_at)"
                        f" VALUES ({values}, now()) RETURNING id",
                        *columns.values()))


def add_session(w, user_id, cookie=None, lives="1 day"):
    return int(w.db.one(
        "INSERT INTO sessions (client_id, user_id, cookie_hash, refreshed_at,"
        " created_at, seen_at, expires_at) SELECT client_id, id, %s, t, t, t,"
        " t + %s::interval FROM users, (VALUES (to_timestamp(%s))) x (t)"
        " WHERE id = %s RETURNING id",
        cookie and sha256(cookie), lives, int(w.stack.now()), user_id))


def add_token(w, user_id, token, scope="write"):
    return int(w.db.one(
        "INSERT INTO api_tokens (client_id, user_id, name, scope, token_hash,"
        " token_tail, created_at) SELECT client_id, id, 'test', %s, %s, '',"
        " now() FROM users WHERE id = %s RETURNING id",
        scope, sha256(token), user_id))


class Caller:
    """Whoever asks.  user_id None: nobody."""

    def __init__(self, w, name, user_id=None):
        self.w = w
        self.name = name
        self.user_id = user_id
        self.bearer = self.cookie = self.session_id = None
        # Of a visitor who is not signed in.
        self.visit = secrets.token_urlsafe(24)

    def _headers(self):
        cookies = [f"tuberry_visit={self.visit}"]
        if self.cookie:
            cookies.append(f"tuberry_session={self.cookie}")
        headers = {"Cookie": "; ".join(cookies)}
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        return headers

    def renew(self):
        """What they hold has been used up or ended."""

    def headers(self, page):
        """Of a request to a page or to the API."""
        del page
        return self._headers()

    def csrf(self, is_open):
        """Of a form; is_open: one that anybody may send, which does not know
        who is signed in."""
        return csrf_token(self.visit if is_open or not self.cookie
                          else self.cookie)


class Person(Caller):
    """Comes to pages with a cookie and to the API with an access token."""

    def __init__(self, w, name, user_id, lives="1 day"):
        super().__init__(w, name, user_id)
        self._lives = lives
        self.renew()

    def renew(self):
        now = self.w.stack.now()
        # A cookie's session and a program's: ending one leaves the other.
        self.cookie = secrets.token_urlsafe(32)
        add_session(self.w, self.user_id, self.cookie, self._lives)
        self.session_id = add_session(self.w, self.user_id, None)
        if self._lives.startswith("-"):
            now -= 86400
        self._token = jwt(self.w.stack.setting("JWT_SECRET"),
                          claims(self.user_id, self.session_id, now))

    def headers(self, page):
        headers = self._headers()
        if not page:
            headers["Authorization"] = f"Bearer {self._token}"
            del headers["Cookie"]
        return headers


class Program(Caller):
    """Comes with an API token of that user."""

    def __init__(self, w, name, user_id, scope):
        super().__init__(w, name, user_id)
        self.bearer = "tuberry_" + secrets.token_urlsafe(32)
        w.secret(self.bearer)
        self.token_id = add_token(w, user_id, self.bearer, scope)


class Forged(Caller):
    """A browser whose cookie another site makes use of."""

    def __init__(self, w, name, user_id):
        super().__init__(w, name, user_id)
        self.renew()

    def renew(self):
        self.cookie = secrets.token_urlsafe(32)
        add_session(self.w, self.user_id, self.cookie)

    def csrf(self, is_open):
        return ""
