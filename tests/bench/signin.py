"""signin.py - webhooks, pages and API while the sign-in is flooded.

The load generator speaks from as many addresses as it likes: the stack trusts
what it says in X-Forwarded-For.  Everybody but the flood is a lodger with an
address of their own, and all limits are those of an installation.
"""

import collections
import contextlib
import itertools
import json
import os
import secrets
import statistics
import subprocess
import threading
import time
import urllib.parse

from cpu import Shares
from lib.browser import Browser
from lib.rest import http_call
from memory import web_mb
from scene import DIALOGS

HERE = os.path.dirname(os.path.abspath(__file__))

PHASE_S = 12
ROUNDS = 2

# (connections, milliseconds between the requests of each)
PACE = {"webhooks": (8, 75), "pages": (4, 95), "api": (4, 95)}
FLOOD_CONNECTIONS = 64
# Tries a second; without a pace the flood is as fast as it is answered.
PACED_PER_S = 200
PEOPLE = 5
APART_S = 0.7

# More than are sent in a phase, but for the flood, which begins again.
REQUESTS = {"webhooks": 4000, "pages": 400, "api": 400}
FLOOD_REQUESTS = 60000
LODGERS = 200
SAMPLE_S = 0.02
MEMORY_EVERY = 10  # samples
HASHING_MB = 64

# An installation's, from docs/SETUP.md, where private stacks are generous.
LIMITS = {"map": {"rate=300r/s": "rate=20r/s", "rate=3000r/m": "rate=30r/m"},
          "tuberry": {"burst=600 ": "burst=40 ", "burst=300 ": "burst=30 "}}

# name -> (addresses, tries a second; 0: no pace), None: nobody comes
FLOODS = {"nobody floods": None,
          "one address": (1, 0),
          "many, 200/s": (FLOOD_REQUESTS, PACED_PER_S),
          "many, no pace": (FLOOD_REQUESTS, 0)}

_numbers = itertools.count(1)
_addresses = itertools.count(1)


def _address(network, i):
    return f"{network}.{i // 65536 % 256}.{i // 256 % 256}.{i % 256}"


def _lodger(i):
    return _address("100", i % LODGERS)


def _stranger():
    return _address("11", next(_addresses))


def _raw(method, path, address, headers=None, body=""):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1",
             f"X-Forwarded-For: {address}",
             f"Content-Length: {len(body.encode())}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines) + "\r\n\r\n" + body


class Load:
    """One wrk with requests of its own."""

    def __init__(self, scene, name, pace, requests, seconds):
        self.name = name
        path = os.path.join(scene.stack.dir, f"{name}.requests")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(text + "\0" for text in requests)
        connections, pause_ms = pace
        self._wrk = subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout",
             "30", "-s", os.path.join(HERE, "replay.lua"), scene.stack.url,
             "--", path, str(pause_ms)], text=True, stdout=subprocess.PIPE)

    def end(self):
        self._wrk.terminate()
        self._wrk.wait()

    def result(self):
        out, _ = self._wrk.communicate()
        if self._wrk.returncode:
            raise RuntimeError(f"{self.name}: wrk failed: {out}")
        seen = json.loads(out.splitlines()[-1])
        return {"per_s": seen["requests"] * 1000000 / seen["us"],
                "p50_ms": seen["p50_us"] / 1000,
                "p99_ms": seen["p99_us"] / 1000,
                "broken": seen["broken"], "answers": seen["answers"]}


class Person:
    """Somebody with the right password, who comes a little later than the
    others and does as Retry-After says."""

    def __init__(self, scene, user, comes_s):
        self._url, self._user = scene.stack.url, user
        self._address, self._comes_s = _stranger(), comes_s
        self.tries, self.took_s = 0, None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _try(self):
        self.tries += 1
        return http_call(self._url, "POST", "/api/auth/login",
                         json.dumps(self._user).encode(),
                         {"Content-Type": "application/json",
                          "X-Forwarded-For": self._address})

    def _run(self):
        self._over.wait(self._comes_s)
        begun = time.monotonic()
        while not self._over.is_set():
            answer = self._try()
            if answer.status == 200:
                self.took_s = time.monotonic() - begun
                return
            if answer.status != 429:
                raise RuntimeError(f"a person was told {answer}")
            self._over.wait(int(answer.headers["Retry-After"]))

    def end(self):
        self._over.set()
        self._thread.join()


class Watch(threading.Thread):
    """How many workers hash at once, and what memory all of them need."""

    def __init__(self, stack):
        super().__init__()
        self._stack = stack
        self._pids = stack.workers("web")
        self._over = threading.Event()
        self._usual = {pid: self._resident_mb(pid) for pid in self._pids}
        self.at_once = 0
        self.peak_mb = web_mb(stack)
        self.start()

    @staticmethod
    def _resident_mb(pid):
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") \
                / 2 ** 20

    def run(self):
        for i in itertools.count():
            if self._over.wait(SAMPLE_S):
                return
            hashing = sum(self._resident_mb(pid) - self._usual[pid] >
                          HASHING_MB / 2 for pid in self._pids)
            self.at_once = max(self.at_once, hashing)
            if i % MEMORY_EVERY == 0 or hashing > 1:
                self.peak_mb = max(self.peak_mb, web_mb(self._stack))

    def end(self):
        self._over.set()
        self.join()


class Door:
    """The stack with the limits of an installation, and who comes to it."""

    def __init__(self, scene):
        self._scene = scene
        self._url = scene.stack.url
        scene.change(TRUSTED_PROXIES="127.0.0.1/32", SIGN_IN_PER_ADDRESS="60")
        scene.stop_daemon()
        self._limit()
        # In a flood not even an administrator could make them.
        self._users = [self._user() for _ in
                       range(PEOPLE * ROUNDS * len(FLOODS))]
        lodger = self._user()
        self._browser = Browser(self._url)
        self._browser.get("/login")
        self._csrf = self._browser.page.inputs()["csrf_token"]
        self._stranger = dict(self._browser.cookies)
        self._browser.submit("/login", **lodger)
        self._hooks = [scene.avito(), scene.telegram()]

    def close(self):
        self._scene.stack.start("daemon")
        self._scene.change(TRUSTED_PROXIES="", SIGN_IN_PER_ADDRESS="100000")

    def _limit(self):
        """nginx takes them over while it runs."""
        stack = self._scene.stack
        for name in LIMITS:
            path = os.path.join(stack.dir, "nginx", f"{name}.conf")
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for generous, usual in LIMITS[name].items():
                if generous not in text:
                    raise RuntimeError(f"{path}: no {generous}")
                text = text.replace(generous, usual)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        stack.restart("nginx")

    def _user(self):
        n = next(_numbers)
        who = {"login": f"lodger{n}", "password": secrets.token_urlsafe(12)}
        seller = self._scene.seller
        seller.api.post("/api/users", {
            **who, "name": f"Жилец {n}", "role": "owner",
            "client_id": seller.client_id})
        return who

    # --- requests ---

    def _webhooks(self):
        for i in range(REQUESTS["webhooks"]):
            hook = self._hooks[i % len(self._hooks)]
            n = next(_numbers)
            yield _raw("POST", hook.path, _lodger(i),
                       {"Content-Type": "application/json", **hook.headers},
                       hook.body(2000000000 + n, n % DIALOGS))

    @staticmethod
    def _cookies(cookies):
        return "; ".join(f"{k}={v}" for k, v in cookies.items())

    def _pages(self):
        signed_in = {"Cookie": self._cookies(self._browser.cookies)}
        for i in range(REQUESTS["pages"]):
            if i % 2:
                yield _raw("GET", "/login", _lodger(i))
            else:
                yield _raw("GET", "/client", _lodger(i), signed_in)

    def _api(self):
        token = {"Authorization": f"Bearer {self._scene.seller.api.token}"}
        for i in range(REQUESTS["api"]):
            yield _raw("GET", "/api/dialogs", _lodger(i), token)

    def _tries(self, addresses):
        """Each for another account, by API and form in turn."""
        mine = [_stranger() for _ in range(addresses)]
        form = {"Content-Type": "application/x-www-form-urlencoded",
                "Origin": self._url, "Cookie": self._cookies(self._stranger)}
        for i in range(FLOOD_REQUESTS):
            who = {"login": f"somebody{next(_numbers)}",
                   "password": "not-the-one"}
            address = mine[i % addresses]
            if i % 2:
                yield _raw("POST", "/api/auth/login", address,
                           {"Content-Type": "application/json"},
                           json.dumps(who))
            else:
                yield _raw("POST", "/login", address, form,
                           urllib.parse.urlencode(
                               {**who, "csrf_token": self._csrf}))

    # --- phases ---

    def _loads(self, flood):
        requests = {"webhooks": self._webhooks, "pages": self._pages,
                    "api": self._api}
        for name, make in requests.items():
            yield Load(self._scene, name, PACE[name], make(), PHASE_S)
        if flood:
            addresses, per_s = flood
            pause_ms = FLOOD_CONNECTIONS * 1000 // per_s if per_s else 0
            yield Load(self._scene, "flood", (FLOOD_CONNECTIONS, pause_ms),
                       self._tries(addresses), PHASE_S)

    def phase(self, flood):
        self._scene.tidy()
        stack = self._scene.stack
        with contextlib.ExitStack() as started:
            loads, people = [], []
            for load in self._loads(flood):
                started.callback(load.end)
                loads.append(load)
            watch = Watch(stack)
            started.callback(watch.end)
            shares = Shares(stack, ("web", "nginx", "postgres"))
            for i in range(PEOPLE):
                person = Person(self._scene, self._users.pop(), i * APART_S)
                started.callback(person.end)
                people.append(person)
            results = {load.name: load.result() for load in loads}
            used = shares.percent()
        self._scene.settle()
        return {**results, "hashes_at_once": watch.at_once,
                "memory_mb": watch.peak_mb, "cpu_percent": used,
                "people": [{"tries": p.tries, "s": p.took_s}
                           for p in people]}


def _load(rounds):
    answers = collections.Counter()
    for r in rounds:
        answers.update(r["answers"])
    return {**{key: statistics.median(r[key] for r in rounds)
               for key in ("per_s", "p50_ms", "p99_ms")},
            "broken": sum(r["broken"] for r in rounds), "answers": answers}


def _together(rounds):
    """Of the rounds of one flood."""
    loads = [name for name in (*PACE, "flood") if name in rounds[0]]
    return {**{name: _load([r[name] for r in rounds]) for name in loads},
            "hashes_at_once": max(r["hashes_at_once"] for r in rounds),
            "memory_mb": max(r["memory_mb"] for r in rounds),
            "cpu_percent": {
                name: statistics.mean(r["cpu_percent"][name] for r in rounds)
                for name in rounds[0]["cpu_percent"]},
            "people": [p for r in rounds for p in r["people"]],
            "rounds": rounds}


def measure(scene, say):
    """By flood, beginning with none."""
    door = Door(scene)
    rounds = {name: [] for name in FLOODS}
    for _ in range(ROUNDS):
        for name, flood in FLOODS.items():
            say(f"the sign-in: {name}")
            rounds[name].append(door.phase(flood))
    door.close()
    return {name: _together(of_flood) for name, of_flood in rounds.items()}
