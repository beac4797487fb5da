"""cpu.py - whose processor time a load has used.

Beside the rates, because it stays the same on a busy machine.
"""

import os
import time

TICKS_S = os.sysconf("SC_CLK_TCK")


def _used_s(pid):
    """Of the process and of its children that have ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(field) for field in fields[11:15]) / TICKS_S


class Meter:
    """Counts from its making on; load_pid is the load when it runs already."""

    SERVICES = ("web", "nginx", "postgres", "redis")

    def __init__(self, stack, load_pid=None):
        self._stack = stack
        self._load_pid = load_pid
        self._begun = self._now()

    def _now(self):
        now = {name: sum(map(_used_s, {self._stack.pid(name),
                                       *self._stack.workers(name)}))
               for name in self.SERVICES}
        if self._load_pid:
            now["load"] = _used_s(self._load_pid)
        else:
            # Our only child that ends meanwhile.
            times = os.times()
            now["load"] = times.children_user + times.children_system
        return now

    def each_us(self, n):
        """Microseconds for each of n requests, by program."""
        now = self._now()
        return {name: round((now[name] - self._begun[name]) * 1000000 / n)
                for name in now}


class Shares:
    """Of one core, by program, from its making on."""

    def __init__(self, stack, programs=("daemon", "postgres", "sandbox")):
        self._stack = stack
        self._programs = programs
        self._begun = self._now()
        self._at = time.monotonic()

    def _now(self):
        return {name: sum(map(_used_s, {self._stack.pid(name),
                                        *self._stack.workers(name)}))
                for name in self._programs}

    def percent(self):
        now, passed = self._now(), time.monotonic() - self._at
        return {name: (now[name] - self._begun[name]) * 100 / passed
                for name in now}
