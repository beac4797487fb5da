"""actors.py - who is killed, how, and brought back.

A kill is SIGKILL by the victim's own pid (PostgreSQL: its immediate mode, and
SIGKILL for one of its processes); what comes back is started by
scripts/stack.
"""

import os
import signal
import subprocess

from lib.stack import children
from lib.wait import until

DAEMONS = ("daemon", "daemon2")


class Actors:
    def __init__(self, stack, timeline):
        self._stack = stack
        self._timeline = timeline

    def kill(self, kill):
        """The services that have to be started again.  A victim that is dead
        already is brought back for this."""
        if not self._strike(kill):
            self.heal()
            if not self._strike(kill):
                raise AssertionError(f"nobody to kill: {kill.actor}")
        self._timeline.count(kill.actor)
        self._timeline.add(f"kill: {kill.actor}")
        return self._gone()

    def _strike(self, kill):
        """Something of that name was alive."""
        actor = kill.actor
        if actor == "web worker":
            return self._kill_worker("web", kill.luck)
        if actor == "PostgreSQL backend":
            return self._kill_worker("postgres", kill.luck)
        if actor == "web master":
            return self._signal("web", signal.SIGKILL)
        if actor == "daemon":
            return any([self._signal(name, signal.SIGKILL)
                        for name in DAEMONS])
        if actor == "one of two daemons":
            return self._signal(DAEMONS[int(kill.luck * 2)], signal.SIGKILL)
        if actor == "Redis":
            return self._signal("redis", signal.SIGKILL)
        if actor == "Redis FLUSHALL":
            return self._flush()
        if actor == "PostgreSQL":
            return self._signal("postgres", signal.SIGQUIT)
        if actor == "nginx":
            return self._signal("nginx", signal.SIGKILL, group=True)
        return self._signal("nginx", signal.SIGHUP)

    def _gone(self):
        return [name for name in ("postgres", "redis", "web", *DAEMONS,
                                  "nginx") if not self._lives(name)]

    def _lives(self, name):
        try:
            return self._stack.is_alive(name)
        except FileNotFoundError:
            return False

    def _signal(self, name, number, group=False):
        """To the leader, or its whole group; true when it lived."""
        if not self._lives(name):
            return False
        pid = self._stack.pid(name)
        if group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
        if number != signal.SIGHUP:
            until(lambda: not self._lives(name), f"{name} is dead")
        return True

    def _kill_worker(self, name, luck):
        if not self._lives(name):
            return False
        leaves = sorted(pid for pid in self._stack.workers(name)
                        if not children(pid))
        if not leaves:
            return False
        try:
            os.kill(leaves[int(luck * len(leaves))], signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def _flush(self):
        """Redis forgets everything; false when it is away."""
        path = os.path.join(self._stack.dir, "run", "redis.sock")
        done = subprocess.run(
            ["redis-cli", "-s", os.path.realpath(path), "flushall"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False)
        return done.returncode == 0

    def start(self, name):
        if self._lives(name):
            return
        self._stack.start(name)
        self._timeline.add(f"back: {name}")

    def heal(self):
        for name in self._gone():
            self.start(name)
