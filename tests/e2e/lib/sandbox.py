"""sandbox.py - the control API of tuberry-sandbox (docs/SANDBOX.md)."""

import json
import urllib.error
import urllib.parse
import urllib.request

# One /control/wait; the sandbox answers the moment its conditions hold.
WAIT_MS = 60000


class SandboxError(Exception):
    pass


class Sandbox:
    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"
        self._settings = None

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.base}/control/{path}", data, method=method,
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=70) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SandboxError(f"{method} {path}: {error.code} "
                               f"{error.read().decode()}") from None

    def get(self, path, **query):
        return self.call("GET", path + _query(query))

    def post(self, path, **body):
        return self.call("POST", path, body)

    def patch(self, path, **body):
        return self.call("PATCH", path, body)

    def delete(self, path):
        return self.call("DELETE", path)

    def wait(self, what=None, **conditions):
        """Until all conditions hold; what says in a failure what did not."""
        conditions.setdefault("timeout_ms", WAIT_MS)
        answer = self.get("wait", **conditions)
        if not answer["held"]:
            raise AssertionError(f"the sandbox waited in vain for "
                                 f"{what or conditions}")

    # --- journals ---

    def mark(self):
        """The newest call: calls(since=mark) are those after now."""
        return self.get("version")["calls"]

    def calls(self, since=0, **query):
        return self.get("calls", since=since, limit=20000, **query)["calls"]

    def deliveries_mark(self):
        return self.get("version")["deliveries"]

    def deliveries(self, since=0, **query):
        return self.get("deliveries", since=since, limit=20000,
                        **query)["deliveries"]

    def violations(self):
        return self.get("violations")["violations"]

    # --- state ---

    def avito_chat(self, chat_id):
        chats = self.get("state", part="avito")["avito"]["chats"]
        return next(c for c in chats if c["id"] == chat_id)

    def telegram_chat(self, key):
        chats = self.get("state", part="telegram")["telegram"]["chats"]
        return next((c for c in chats if c["key"] == str(key)), None)

    def telegram_bot(self, bot_id):
        bots = self.get("state", part="telegram")["telegram"]["bots"]
        return next(b for b in bots if b["id"] == bot_id)

    def avito_account(self, user_id):
        accounts = self.get("avito/accounts")["accounts"]
        return next(a for a in accounts if a["user_id"] == user_id)

    # --- files ---

    def file(self, name):
        """The bytes of a file that the sandbox holds."""
        with urllib.request.urlopen(f"{self.base}/control/files/{name}",
                                    timeout=20) as answer:
            return answer.read()

    def keep(self, name, mime, data, **options):
        """A file of our own; what it is called there."""
        query = _query({"name": name, **options})
        request = urllib.request.Request(
            f"{self.base}/control/files{query}", data,
            {"Content-Type": mime}, method="POST")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)["file"]

    # --- faults and settings ---

    def fault(self, **rule):
        return self.post("faults", **rule)["id"]

    def end_fault(self, rule_id):
        self.delete(f"faults/{rule_id}")

    def set(self, **settings):
        """For this test; restore() gives the former values back."""
        if self._settings is None:
            self._settings = self.get("settings")["settings"]
        self.patch("settings", **settings)

    def restore(self):
        self.delete("faults")
        if self._settings is not None:
            now = self.get("settings")["settings"]
            changed = {k: v for k, v in self._settings.items()
                       if now[k] != v}
            self._settings = None
            if changed:
                self.patch("settings", **changed)


def _query(values):
    return "?" + urllib.parse.urlencode(values) if values else ""
