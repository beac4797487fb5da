"""browser.py - a browser without scripts: cookies, forms and redirects as the
pages' visitors have them."""

import html
import re
import urllib.parse

from lib.rest import http_call, until_let_in


class Page:
    """An answer that a person sees."""

    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.location = answer.headers.get("Location")
        self.html = answer.data.decode()

    @property
    def text(self):
        """What is read, without tags."""
        return html.unescape(re.sub(r"<[^>]*>", " ", self.html))

    def inputs(self):
        """name -> value of every input."""
        found = {}
        for tag in re.findall(r"<input\b[^>]*>", self.html):
            pairs = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            found[html.unescape(pairs["name"])] = \
                html.unescape(pairs.get("value", ""))
        return found

    def attribute(self, name):
        """Of whatever tag has it; None: none has."""
        found = re.search(rf'\b{name}="([^"]*)"', self.html)
        return html.unescape(found.group(1)) if found else None

    def __repr__(self):
        return f"{self.status} {self.location or ''} {self.text.split()}"


class Browser:
    def __init__(self, url, language="en"):
        self.url = url
        self.language = language
        self.cookies = {}
        self.page = None

    def _call(self, method, path, data=None, headers=None):
        headers = {"Accept-Language": self.language, **(headers or {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(
                f"{name}={value}" for name, value in self.cookies.items())
        answer = until_let_in(
            lambda: http_call(self.url, method, path, data, headers))
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        self.page = Page(answer)
        return self.page

    def get(self, path, **fields):
        if fields:
            path += "?" + urllib.parse.urlencode(fields)
        return self._call("GET", path)

    def post(self, path, fields, origin=None):
        """Nothing is added to the fields."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if origin:
            headers["Origin"] = origin
        return self._call("POST", path,
                          urllib.parse.urlencode(fields).encode(), headers)

    def submit(self, path, **fields):
        """The form of the page that is shown, with these typed in."""
        return self.post(path, {**self.page.inputs(), **fields},
                         origin=self.url)

    def follow(self):
        """To where the page that is shown leads."""
        assert self.page.status == 303, self.page
        return self.get(self.page.location)

    def who(self):
        """The API's answer for this browser's session; None: nobody."""
        answer = http_call(self.url, "GET", "/api/me", None, {
            "Cookie": "; ".join(f"{n}={v}"
                                for n, v in self.cookies.items())})
        return answer.json if answer.status == 200 else None
