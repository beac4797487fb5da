"""stack.py - a private stack (scripts/stack), its processes, logs and clock."""

import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time

from lib.db import Db
from lib.sandbox import Sandbox
from lib.wait import until

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))

# Of the program that may make sign-in links.
MASTER_LINK_TOKEN = "link-Token-of-the-e2e-tests-0123456789"

# Quick enough for tests, and few enough processes for two cores.
SETTINGS = {
    "POLL_INTERVAL_MS": "250",
    "WEB_WORKERS": "4",
    "WEBHOOK_WORKERS": "4",
    "LOG_LEVEL": "info",
    "MASTER_LINK_TOKEN": MASTER_LINK_TOKEN,
    # A call that always waits would meet the faults of others' tests.
    "MASTER_BOT_TOKEN": "",
    # Tests move the clock; who is signed in stays so.
    "JWT_EXPIRES": "86400",
    # All of them come from one address.
    "SIGN_IN_PER_ADDRESS": "100000",
    "REQUESTS_PER_USER": "100000",
}

# Repeated webhooks come soon, and a dead receiver is not given up.
SANDBOX_SETTINGS = {
    "avito_webhook_attempts": 200,
    "avito_webhook_spacing_ms": 100,
    "telegram_webhook_backoff_ms": 100,
    "telegram_webhook_backoff_max_ms": 200,
}


class StackError(Exception):
    pass


class Stack:
    """Made by Stack(); up() starts it, remove() ends it with its data.

    The daemons beyond the first are services of their own: daemon2, ...
    """

    def __init__(self, settings=None, daemons=1):
        self.dir = tempfile.mkdtemp(prefix="tuberry-e2e.")
        # PostgreSQL's own user walks through here.
        os.chmod(self.dir, 0o711)
        self._settings = {**SETTINGS, **(settings or {})}
        self._daemons = daemons
        self._clock = os.path.join(self.dir, "clock")
        # Services whose clock goes wrong by so many seconds.
        self._skew = {}
        self._environment = {}
        self._offset_us = 0
        self._write_clock()
        self.url = None
        self.db = None
        self.sandbox = None

    def _run(self, *arguments, check=True, clock=None):
        environment = {**os.environ,
                       "TUBERRY_CLOCK_FILE": clock or self._clock,
                       **self._environment}
        done = subprocess.run(
            [os.path.join(TOP, "scripts", "stack"), *arguments,
             "--dir", self.dir],
            env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        if check and done.returncode != 0:
            raise StackError(f"scripts/stack {' '.join(arguments)}: "
                             f"{done.stdout}")
        return done.stdout

    def up(self):
        pairs = []
        for name, value in self._settings.items():
            pairs += ["--set", f"{name}={value}"]
        out = self._run("up", "--sandbox", "--daemons", str(self._daemons),
                        *pairs)
        match = re.search(r"^ready (http://127\.0\.0\.1:\d+)$", out.strip(),
                          re.MULTILINE)
        if not match:
            raise StackError(f"no ready line: {out}")
        self.url = match.group(1)
        self.db = Db(os.path.join(os.path.realpath(
            os.path.join(self.dir, "run")), "pg"))
        self.sandbox = Sandbox(self._remembered("SANDBOX_PORT"))
        self.sandbox.patch("settings", **SANDBOX_SETTINGS)

    def change(self, settings):
        """Whom they concern is started again."""
        self._settings.update(settings)
        pairs = []
        for name, value in settings.items():
            pairs += ["--set", f"{name}={value}"]
        self._run("up", *pairs)

    def setting(self, name):
        with open(os.path.join(self.dir, "tuberry.conf"),
                  encoding="utf-8") as file:
            return re.search(rf"^{name}=(.*)$", file.read(),
                             re.MULTILINE).group(1)

    def down(self):
        self._run("down", check=False)
        if self.db:
            self.db.close()

    def remove(self):
        """The data may lie elsewhere, behind links; see scripts/lib."""
        place = os.path.realpath(os.path.join(self.dir, "run"))
        if os.path.dirname(place) != os.path.realpath(self.dir):
            shutil.rmtree(os.path.dirname(place), ignore_errors=True)
        shutil.rmtree(self.dir, ignore_errors=True)

    def _remembered(self, name):
        with open(os.path.join(self.dir, "stack.conf"),
                  encoding="utf-8") as file:
            return re.search(rf"^{name}='?(\d+)'?$", file.read(),
                             re.MULTILINE).group(1)

    def admin(self):
        with open(os.path.join(self.dir, "admin.json"),
                  encoding="utf-8") as file:
            return json.load(file)

    def environment(self):
        """Of a program that works with this stack's settings and clock."""
        environment = {"PATH": os.environ["PATH"],
                       "TUBERRY_CLOCK_FILE": self._clock,
                       "TUBERRY_DATA_DIR": TOP}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        return environment

    def ctl(self, *arguments, stdin=None, owner=False):
        """tuberryctl with this stack's settings; owner: with the right to
        change the schema."""
        environment = self.environment()
        if owner:
            environment["DATABASE_URL_OWNER"] = self._owner_url()
        return subprocess.run(
            [program("tuberryctl"), "--config",
             os.path.join(self.dir, "tuberry.conf"), *arguments],
            env=environment, input=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, check=False)

    def _owner_url(self):
        with open(os.path.join(self.dir, "owner.conf"),
                  encoding="utf-8") as file:
            return re.search(r"^DATABASE_URL_OWNER='(.*)'$", file.read(),
                             re.MULTILINE).group(1)

    # --- services ---

    def kill(self, name):
        self._run("kill", name)

    def start(self, name):
        self._run("start", name, clock=self._clock_of(name))

    def restart(self, name):
        self._run("restart", name, clock=self._clock_of(name))

    def restart_with_fault(self, point):
        """The daemon will die at that point (base/fault.h); None: it lives."""
        self._environment = {"TUBERRY_FAULT": point} if point else {}
        try:
            self.restart("daemon")
        finally:
            self._environment = {}

    def is_alive(self, name):
        return alive(self.pid(name))

    def pid(self, name):
        with open(os.path.join(self.dir, "run", f"{name}.pid"),
                  encoding="utf-8") as file:
            return int(file.read().split()[0])

    def terminate(self, name, seconds):
        """SIGTERM to the service itself; it must end within that time."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGTERM)
        until(lambda: not alive(pid), f"{name} ends after SIGTERM", seconds)

    def workers(self, name):
        """The pids below a service's leader."""
        found, todo = set(), [self.pid(name)]
        while todo:
            for pid in children(todo.pop()):
                found.add(pid)
                todo.append(pid)
        return found

    # --- time ---

    def _clock_of(self, name):
        return f"{self._clock}.{name}" if name in self._skew else self._clock

    def _write_clock(self):
        _write_offset(self._clock, self._offset_us)
        for name, skew in self._skew.items():
            _write_offset(self._clock_of(name),
                          self._offset_us + int(skew * 1000000))

    def skew_clock(self, name, seconds):
        """From now on this service's clock differs so much from the others'.
        The first time it is restarted for that."""
        is_new = name not in self._skew
        self._skew[name] = seconds
        self._write_clock()
        if is_new:
            self.restart(name)

    def move_clock(self, seconds):
        """Forward, for every process at once; then whoever waits for a time
        is rung up to look at the clock."""
        self._offset_us += int(seconds * 1000000)
        self._write_clock()
        self.ring()

    def now(self):
        """Unix seconds as the stack sees them."""
        return time.time() + self._offset_us / 1000000

    def ring(self):
        subprocess.run(
            ["redis-cli", "-s",
             os.path.realpath(os.path.join(self.dir, "run", "redis.sock")),
             "rpush", "tuberry:tasks", "clock"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    # --- logs ---

    def log_path(self, name):
        return os.path.join(self.dir, "log", f"{name}.log")

    def log_size(self, name):
        try:
            return os.path.getsize(self.log_path(name))
        except FileNotFoundError:
            return 0

    def log_text(self, name, since=0):
        try:
            with open(self.log_path(name), "rb") as file:
                file.seek(since)
                return file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""

    def log_names(self):
        return sorted(name[:-4] for name in
                      os.listdir(os.path.join(self.dir, "log"))
                      if name.endswith(".log"))


def _write_offset(path, offset_us):
    """In place: programs have the file mapped or open."""
    with open(path, "r+b" if os.path.exists(path) else "wb") as file:
        file.write(struct.pack("=q", offset_us))


def program(name):
    """As scripts/lib/common.sh finds it."""
    for place in (os.environ.get("TUBERRY_BUILD_DIR"),
                  os.path.join(TOP, "build"), TOP):
        if place and os.access(os.path.join(place, name), os.X_OK):
            return os.path.join(place, name)
    raise StackError(f"no {name}; set TUBERRY_BUILD_DIR")


def _stat(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid):
    stat = _stat(pid)
    return stat is not None and stat[0] not in "ZX"


def children(pid):
    """Looked for among all: not every kernel keeps a list of them."""
    found = []
    for name in os.listdir("/proc"):
        stat = _stat(name) if name.isdigit() else None
        if stat and int(stat[1]) == pid and stat[0] not in "ZX":
            found.append(int(name))
    return found
