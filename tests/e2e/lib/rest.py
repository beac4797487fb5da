"""rest.py - the API as a client of it sees it.

Every answer is held against /openapi.json; so is the body of every request,
unless the caller says that it is wrong on purpose.
"""

import http.client
import json
import urllib.parse

from lib.openapi import check_failure
from lib.wait import until

TIMEOUT_S = 30
# As long as its Retry-After says.
LIMIT_PAUSE_S = 1


class Answer:
    def __init__(self, status, headers, data):
        self.status = status
        self.headers = headers
        self.data = data
        self.type = headers.get("Content-Type", "")
        self.json = None
        if "json" in self.type and data:
            self.json = json.loads(data.decode("utf-8"))

    def __getitem__(self, key):
        return self.json[key]

    def __repr__(self):
        return f"{self.status} {self.data[:600]!r}"


def http_call(url, method, path, data=None, headers=None):
    """One request on a connection of its own; nothing is checked."""
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port,
                                            timeout=TIMEOUT_S)
    try:
        connection.request(method, path, data, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def _unless_too_fast(answer):
    """nginx limits an address, and the whole suite is one; the program's own
    limits are answers like any other."""
    too_fast = answer.status == 429 and \
        b"Too many requests from this address" in answer.data
    return None if too_fast else answer


def until_let_in(ask):
    return until(lambda: _unless_too_fast(ask()), "nginx lets a request in",
                 pause_s=LIMIT_PAUSE_S)


class Rest:
    """One signed-in user, or nobody."""

    def __init__(self, url, openapi, token=None):
        self.url = url
        self.openapi = openapi
        self.token = token

    def raw(self, method, path, data=None, headers=None):
        """Any bytes; the answer is still held against the description."""
        headers = dict(headers or {})
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = until_let_in(
            lambda: http_call(self.url, method, path, data, headers))
        assert answer.headers.get("X-Request-Id"), \
            f"{method} {path}: no X-Request-Id"
        if answer.status >= 400:
            check_failure(path, answer.status, answer.type, answer.json)
            assert answer.headers["X-Request-Id"] in answer.data.decode(), \
                answer
        self.openapi.check_answer(
            method, path, answer.status, answer.type,
            answer.json if answer.json is not None else answer.data)
        return answer

    def call(self, method, path, body=None, wrong=False):
        data, headers = None, {}
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
            if not wrong:
                self.openapi.check_request(method, path, body)
        return self.raw(method, path, data, headers)

    def _expect(self, statuses, method, path, body=None):
        answer = self.call(method, path, body,
                           wrong=min(statuses) >= 400)
        assert answer.status in statuses, \
            f"{method} {path}: {answer}, not {sorted(statuses)}"
        return answer

    def get(self, path, status=200):
        return self._expect({status}, "GET", path).json

    def post(self, path, body=None, status=201):
        return self._expect({status}, "POST", path, body).json

    def patch(self, path, body, status=200):
        return self._expect({status}, "PATCH", path, body).json

    def delete(self, path, status=204):
        return self._expect({status}, "DELETE", path).json

    def refused(self, status, method, path, body=None):
        """The problem with which this is refused."""
        return self._expect({status}, method, path, body).json

    def all(self, path):
        """The items of every page of a list."""
        items, cursor = [], None
        while True:
            query = {"limit": 200}
            if cursor:
                query["cursor"] = cursor
            mark = "&" if "?" in path else "?"
            page = self.get(path + mark + urllib.parse.urlencode(query))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items
